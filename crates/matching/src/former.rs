//! Whoever got an event before, when it is corrected or sent again.

use std::sync::Arc;

use model::{Decision, DecisionReason, Event, Versioned, Webhook};

use crate::{Compiled, Facts, Verdict};

/// Adds a webhook that got the original to those that ask for an event, or lets it in.
///
/// Test, echo and supersession still refuse; what a webhook subscribes to does not.
pub fn admit_former(verdicts: &mut Vec<Verdict>, webhook: &Arc<Versioned<Webhook>>, event: &Event) {
    let Some(verdict) = verdicts.iter_mut().find(|verdict| verdict.webhook.id == webhook.id) else {
        let reason = match () {
            () if event.test && !webhook.accept_test => DecisionReason::TestRefused,
            () if webhook.subscription.as_ref().is_some_and(|one| !one.hears()) => DecisionReason::Inactive,
            () => DecisionReason::Matched,
        };
        verdicts.push(Verdict::of(webhook, reason, event.lane));
        return;
    };
    let subscribed_otherwise = [
        DecisionReason::OtherSource,
        DecisionReason::OtherObjectType,
        DecisionReason::OtherObject,
        DecisionReason::Filtered,
        DecisionReason::Undecided,
    ];
    if subscribed_otherwise.contains(&verdict.reason) {
        verdict.reason = DecisionReason::Matched;
    }
}

impl Compiled {
    /// Who gets an event that a person sends again as something new: whoever wants it as
    /// webhooks are configured now, and whoever got it before and is still there.
    ///
    /// What was decided about the event itself stays as it was: that a more severe one
    /// went out instead (N6), that it is an echo (C8), or the webhook's own.
    #[must_use]
    pub fn decide_again(&self, event: &Event, before: &[Decision], about: Facts<'_>) -> Vec<Verdict> {
        let mut verdicts = self.decide(event, about);
        for decision in before {
            let Some(webhook) = self.webhook(event.organisation, decision.webhook) else { continue };
            if decision.delivery.is_some() {
                admit_former(&mut verdicts, webhook, event);
            } else if OF_THE_EVENT.contains(&decision.reason)
                && let Some(verdict) = verdicts.iter_mut().find(|verdict| verdict.webhook.id == webhook.id)
            {
                verdict.reason = decision.reason;
            }
        }
        verdicts
    }
}

const OF_THE_EVENT: [DecisionReason; 3] =
    [DecisionReason::Superseded, DecisionReason::Echo, DecisionReason::Own];

#[cfg(test)]
mod tests {
    use model::DeliveryId;
    use model::Id;

    use super::*;
    use crate::fixture::{config, event, webhook};

    fn before(webhook: &Webhook, delivery: Option<i64>, reason: DecisionReason) -> Decision {
        let delivery = delivery.map(|row| DeliveryId::from_row(row, 0));
        Decision { webhook: webhook.id, delivery, reason }
    }

    #[test]
    fn an_event_goes_again_to_whoever_wants_it_now_or_got_it_before() {
        let (wants, got, superseded) =
            (webhook(1, &["lab.*"]), webhook(2, &["appointment.*"]), webhook(3, &["lab.*"]));
        let decided = [
            before(&got, Some(7), DecisionReason::Matched),
            before(&superseded, None, DecisionReason::Superseded),
            before(&webhook(4, &["lab.*"]), Some(8), DecisionReason::Matched),
        ];
        let compiled = Compiled::new(config([wants.clone(), got.clone(), superseded.clone()]));
        let decide = |event: &Event| {
            let verdicts = compiled.decide_again(event, &decided, Facts::default());
            verdicts.iter().map(|verdict| (verdict.webhook.id, verdict.reason)).collect::<Vec<_>>()
        };
        let expected = [
            (wants.id, DecisionReason::Matched),
            (superseded.id, DecisionReason::Superseded),
            (got.id, DecisionReason::Matched),
        ];
        assert_eq!(decide(&event("lab.result.abnormal")), expected);
        let test = Event { test: true, ..event("lab.result.abnormal") };
        assert!(decide(&test).iter().all(|(_, reason)| *reason != DecisionReason::Matched), "T1");
    }
}
