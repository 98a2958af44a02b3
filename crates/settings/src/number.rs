//! The place of a delivery among what its webhook is told.

use model::{DeliveryId, Id as _, Webhook};
use store::Store;

/// The number that a body tells. A Subscription's deliveries are counted by the store, from 1 and
/// without a gap; those of other webhooks rise with their rows.
///
/// # Errors
/// The store fails.
pub async fn number(store: &dyn Store, delivery: DeliveryId, webhook: &Webhook) -> store::Result<u64> {
    let row = delivery.row().unsigned_abs();
    match webhook.subscription {
        Some(_) => Ok(store.number_of(delivery).await?.unwrap_or(row)),
        None => Ok(row),
    }
}
