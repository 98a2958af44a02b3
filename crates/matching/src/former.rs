//! Whoever got an event before, when it is corrected or sent again.

use std::cmp::Reverse;
use std::sync::Arc;

use model::{Decision, DecisionReason, Event, EventId, Versioned, Webhook};

use crate::{Compiled, Facts, Verdict};

/// Lets a destination of an original hear what replaces it (N5), once for each thing that changed.
///
/// Of several events about one thing, as its status and what that means, one that the destination hears
/// anyway is enough; else it gets the most urgent, of those the last. Where several things replace the
/// original, as a result and its report, one that it asked for is enough.
pub fn reach_former(
    webhook: &Arc<Versioned<Webhook>>,
    original: EventId,
    events: &[Event],
    verdicts: &mut [Vec<Verdict>],
) {
    let mut things: Vec<Vec<usize>> = Vec::new();
    for place in (0..events.len()).filter(|place| events[*place].replaces == Some(original)) {
        match things.iter_mut().find(|thing| events[thing[0]].object == events[place].object) {
            Some(thing) => thing.push(place),
            None => things.push(vec![place]),
        }
    }
    let is_told = |place: &usize| {
        let mut of = verdicts[*place].iter();
        of.any(|known| known.webhook.id == webhook.id && known.reason == DecisionReason::Matched)
    };
    let is_enough = things.len() > 1 && things.iter().flatten().any(is_told);
    things.retain(|thing| !is_enough && !thing.iter().any(is_told));
    for thing in things {
        let place = thing.into_iter().min_by_key(|place| (events[*place].lane, Reverse(*place)));
        place.into_iter().for_each(|place| admit_former(&mut verdicts[place], webhook, &events[place]));
    }
}

/// Adds a webhook that got the original to those that ask for an event, or lets it in.
///
/// Test, echo and supersession still refuse; what a webhook subscribes to does not.
fn admit_former(verdicts: &mut Vec<Verdict>, webhook: &Arc<Versioned<Webhook>>, event: &Event) {
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
    use model::{DeliveryId, Id, Lane, ObjectKey};

    use super::*;
    use crate::fixture::{config, event, webhook};

    fn before(webhook: &Webhook, delivery: Option<i64>, reason: DecisionReason) -> Decision {
        let delivery = delivery.map(|row| DeliveryId::from_row(row, 0));
        Decision { webhook: webhook.id, delivery, reason }
    }

    /// Events that replace one original, by object and lane; which of them a destination of it hears.
    fn heard(webhook: &Webhook, arrival: &[(&str, u8, Lane)]) -> Vec<usize> {
        let compiled = Compiled::new(config([webhook.clone()]));
        let of = |(name, object, lane): &(&str, u8, Lane)| Event {
            object: Some(ObjectKey([*object; 16])),
            lane: *lane,
            replaces: Some(Id::from_raw(7)),
            ..event(name)
        };
        let events: Vec<Event> = arrival.iter().map(of).collect();
        let mut verdicts: Vec<Vec<Verdict>> =
            events.iter().map(|event| compiled.decide(event, Facts::default())).collect();
        let found = compiled.webhook(events[0].organisation, webhook.id).unwrap();
        reach_former(found, Id::from_raw(7), &events, &mut verdicts);
        let is_heard = |verdicts: &Vec<Verdict>| {
            verdicts.iter().any(|verdict| verdict.reason == DecisionReason::Matched)
        };
        (0..events.len()).filter(|place| is_heard(&verdicts[*place])).collect()
    }

    #[test]
    fn n5_what_replaces_an_original_is_heard_once_for_each_thing() {
        let cancelled =
            [("prescription.status_changed", 1, Lane::Routine), ("prescription.cancelled", 1, Lane::Urgent)];
        assert_eq!(heard(&webhook(1, &["prescription.created"]), &cancelled), [1], "it asked for neither");
        assert_eq!(heard(&webhook(1, &["prescription.status_changed"]), &cancelled), [0]);
        let two = ["prescription.status_changed", "prescription.cancelled"];
        assert_eq!(heard(&webhook(1, &two), &cancelled), [0, 1], "both were asked for");
        let panel = [
            ("lab.result.corrected", 1, Lane::Urgent),
            ("lab.result.corrected", 2, Lane::Routine),
            ("lab.result.available", 3, Lane::Routine),
        ];
        assert_eq!(heard(&webhook(1, &["lab.result.available"]), &panel), [2]);
        assert_eq!(heard(&webhook(1, &["lab.result.critical"]), &panel), [0, 1, 2]);
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
