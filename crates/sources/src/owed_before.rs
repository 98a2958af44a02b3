//! Corrections and retractions reach whoever got the original, or is still owed it, and after it (N5).

use std::sync::Arc;

use matching::{Compiled, Verdict};
use model::{DecisionReason, Event, EventId, Ordering, Problem, Versioned, Webhook};

use crate::intake::Intake;
use crate::refusal;

impl Intake {
    /// Adds the destinations of what events replace to those that ask for them.
    ///
    /// Test, echo and supersession still refuse; what a webhook subscribes to does not.
    pub(crate) async fn reach_former(
        &self,
        events: &[Event],
        verdicts: &mut [Vec<Verdict>],
        compiled: &Compiled,
    ) -> Result<(), Problem> {
        let replaced: Vec<EventId> = events.iter().filter_map(|event| event.replaces).collect();
        if replaced.is_empty() {
            return Ok(());
        }
        let stored = self.ports.store.events(&replaced).await.map_err(|error| refusal::of_store(&error))?;
        for original in stored.into_iter().flatten() {
            let got: Vec<_> =
                original.decisions.iter().filter(|decision| decision.delivery.is_some()).collect();
            let former =
                || got.iter().filter_map(|got| compiled.webhook(original.event.organisation, got.webhook));
            let pairs = events.iter().zip(&mut *verdicts);
            for (event, verdicts) in pairs.filter(|(event, _)| event.replaces == Some(original.event.id)) {
                former().for_each(|webhook| admit(verdicts, webhook, event));
            }
        }
        Ok(())
    }
}

fn admit(verdicts: &mut Vec<Verdict>, webhook: &Arc<Versioned<Webhook>>, event: &Event) {
    let Some(verdict) = verdicts.iter_mut().find(|verdict| verdict.webhook.id == webhook.id) else {
        let lane = event.lane.raised_by(webhook.lane);
        let refused = event.test && !webhook.accept_test;
        let reason = if refused { DecisionReason::TestRefused } else { DecisionReason::Matched };
        verdicts.push(Verdict { webhook: webhook.clone(), reason, lane });
        return;
    };
    let subscribed_otherwise =
        [DecisionReason::OtherSource, DecisionReason::OtherObjectType, DecisionReason::OtherObject];
    if subscribed_otherwise.contains(&verdict.reason) {
        verdict.reason = DecisionReason::Matched;
    }
}

/// What a delivery waits for: a result never overtakes an earlier state of itself, whatever the webhook says.
pub(crate) fn ordering(webhook: &Webhook, event: &Event) -> Ordering {
    let is_tracked = event.sequence > 0 && event.event_type.as_str().starts_with("lab.result.");
    if webhook.ordering == Ordering::None && is_tracked { Ordering::Object } else { webhook.ordering }
}
