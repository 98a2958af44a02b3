//! Numbers of deliveries to FHIR subscriptions: from 1, without a gap or a repeat, in the order of commits.

use async_trait::async_trait;
use model::{DeliveryId, WebhookId};

use crate::{DeliveryRow, Result};

/// Questions about numbered deliveries. A number is given in the transaction that owes the delivery.
#[async_trait]
pub trait Numbers {
    /// The number of a delivery; none if it was given none, or is no longer kept.
    async fn number_of(&self, delivery: DeliveryId) -> Result<Option<u64>>;

    /// The last number that a webhook's deliveries were given; 0 before the first.
    async fn last_number(&self, webhook: WebhookId) -> Result<u64>;

    /// The numbered deliveries of a webhook that are kept, by rising number from `from` on.
    async fn numbered(&self, webhook: WebhookId, from: u64, limit: usize) -> Result<Vec<(u64, DeliveryRow)>>;
}
