//! Deliveries that leave memory, or their place in it, out of turn: overdue, hastened, ended by a person, recalled.

use std::collections::HashSet;

use model::{DeliveryId, WebhookId};
use store::{Claim, Recall};

use super::{Dispatch, Now};
use crate::decide::is_overdue;

impl Dispatch {
    /// Deliveries that cannot be tried and are past the time they were owed.
    pub(crate) fn take_overdue(&mut self, now: Now) -> Vec<Claim> {
        let mut overdue = Vec::new();
        for destination in self.destinations.values_mut() {
            let Some(webhook) = destination.webhook.clone() else { continue };
            while let Some(claim) = destination.pop_if_stuck(|claim| is_overdue(claim, &webhook, now.wall)) {
                destination.ended(&claim);
                overdue.push(claim);
            }
        }
        self.in_memory = self.in_memory.saturating_sub(overdue.len());
        overdue
    }

    /// Makes retries due that a person wants now; their destination's breaker, cap and waiting
    /// time still decide when they go.
    pub(crate) fn hasten(&mut self, asked: &[DeliveryId], now: Now) {
        for claim in self.timers.take(|claim| asked.contains(&claim.delivery)) {
            let (webhook, lane) = (claim.webhook, claim.lane);
            self.destination(webhook, now).push_front(claim);
            self.ring(webhook, lane);
        }
    }

    /// Forgets deliveries that somebody ended; a call under way is not followed by another.
    pub(crate) fn withdraw(&mut self, ended: &[DeliveryId]) {
        let ended: HashSet<DeliveryId> = ended.iter().copied().collect();
        self.flights.disown(&ended);
        let all: Vec<WebhookId> = self.destinations.keys().copied().collect();
        self.take(&all, |claim| ended.contains(&claim.delivery));
    }

    /// Gives up deliveries that must be raised on disk, as far as no call is under way
    /// and everything that is known of them is durable (N5).
    pub(crate) fn recall(&mut self, wanted: &[Recall]) -> Vec<Claim> {
        let at: Vec<WebhookId> = wanted.iter().map(|recall| recall.webhook).collect();
        let is = |recall: &Recall, claim: &Claim| {
            recall.delivery == claim.delivery && recall.attempts == claim.attempts
        };
        self.take(&at, |claim| wanted.iter().any(|recall| is(recall, claim)))
    }

    /// Takes deliveries of some destinations out of memory; the lines they stood in go on.
    pub(super) fn take(&mut self, at: &[WebhookId], is: impl Fn(&Claim) -> bool) -> Vec<Claim> {
        let mut taken = self.timers.take(&is);
        for claim in &taken {
            if let Some(destination) = self.destinations.get_mut(&claim.webhook) {
                destination.ended(claim);
            }
        }
        for id in at {
            if let Some(destination) = self.destinations.get_mut(id) {
                taken.extend(destination.take(&is));
            }
        }
        self.in_memory = self.in_memory.saturating_sub(taken.len());
        at.iter().for_each(|id| self.ring_all(*id));
        taken
    }
}
