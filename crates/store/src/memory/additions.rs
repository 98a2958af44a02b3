//! New deliveries of what came in before.

use model::{Decision, DecisionReason, DeliveryState, limits};

use super::commit::Commit;
use crate::{Addition, Committed, End, NewDelivery};

impl Commit<'_> {
    /// Owes an event anew, or reports that it cannot be.
    pub(super) fn add(&mut self, addition: Addition, done: &mut Committed) {
        let Addition { event: id, at, deliveries, instead_of } = addition;
        let found = self.state.events.get_mut(&id);
        let most = limits::DELIVERIES_PER_EVENT - deliveries.len().min(limits::DELIVERIES_PER_EVENT);
        let Some(new) = found.filter(|new| new.body.is_some() && new.decisions.len() <= most) else {
            done.refused.push(id);
            return;
        };
        new.decisions.extend(deliveries.iter().map(replayed));
        let event = new.event.clone();
        for delivery in deliveries {
            self.owe(&event, at, delivery);
        }
        for id in instead_of {
            if self.state.find(id).is_some_and(|row| row.state == DeliveryState::DeadLettered) {
                self.end(id, End::Cancelled, at);
            }
        }
    }
}

fn replayed(delivery: &NewDelivery) -> Decision {
    Decision { webhook: delivery.webhook, delivery: Some(delivery.id), reason: DecisionReason::Replayed }
}
