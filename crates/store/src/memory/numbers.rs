//! Numbers of deliveries to FHIR subscriptions.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{DeliveryId, WebhookId};

use super::MemoryStore;
use super::read::delivery_row;
use crate::{DeliveryRow, Numbers, Result};

/// What was given to whom.
#[derive(Debug, Clone, Default)]
pub(super) struct Given {
    last: BTreeMap<WebhookId, u64>,
    kept: BTreeMap<(WebhookId, u64), DeliveryId>,
}

impl Given {
    /// Gives the next number of a webhook to one of its deliveries.
    pub(super) fn give(&mut self, webhook: WebhookId, delivery: DeliveryId) {
        let last = self.last.entry(webhook).or_default();
        *last += 1;
        self.kept.insert((webhook, *last), delivery);
    }

    /// Forgets deliveries that are no longer kept; what was given is never given again.
    pub(super) fn forget(&mut self, gone: impl Fn(DeliveryId) -> bool) {
        self.kept.retain(|_, delivery| !gone(*delivery));
    }
}

#[async_trait]
impl Numbers for MemoryStore {
    async fn number_of(&self, delivery: DeliveryId) -> Result<Option<u64>> {
        Ok(self.look(|state| {
            let mut kept = state.numbers.kept.iter();
            kept.find(|(_, known)| **known == delivery).map(|((_, number), _)| *number)
        }))
    }

    async fn last_number(&self, webhook: WebhookId) -> Result<u64> {
        Ok(self.look(|state| state.numbers.last.get(&webhook).copied().unwrap_or(0)))
    }

    async fn numbered(&self, webhook: WebhookId, from: u64, limit: usize) -> Result<Vec<(u64, DeliveryRow)>> {
        Ok(self.look(|state| {
            let kept = state.numbers.kept.range((webhook, from)..=(webhook, u64::MAX));
            let rows = kept.filter_map(|((_, number), id)| Some((*number, state.find(*id)?)));
            rows.take(limit).map(|(number, row)| (number, delivery_row(row))).collect()
        }))
    }
}
