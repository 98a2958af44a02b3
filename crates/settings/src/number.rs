//! The place of a delivery among what its webhook is told.

use model::{DeliveryId, Id as _, Webhook};
use store::Store;

/// Whether the store counts the deliveries of a webhook: where bodies tell their number as FHIR does.
pub(crate) fn is_counted(webhook: &Webhook) -> bool {
    webhook.subscription.is_some() || webhook.format.fhir_version().is_some()
}

/// The number that a body tells.
///
/// What is told as FHIR is counted by the store, from 1 and without a
/// gap; the numbers of other webhooks rise with their rows, and so does that of a delivery which
/// was owed before its webhook had a format of FHIR.
///
/// # Errors
/// The store fails.
pub async fn number(store: &dyn Store, delivery: DeliveryId, webhook: &Webhook) -> store::Result<u64> {
    let row = delivery.row().unsigned_abs();
    if !is_counted(webhook) {
        return Ok(row);
    }
    Ok(store.number_of(delivery).await?.unwrap_or(row))
}
