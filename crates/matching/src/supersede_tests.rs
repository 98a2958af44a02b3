use std::sync::Arc;

use model::DecisionReason::{Matched, Superseded};
use model::{Subscription, Versioned};
use serde_json::json;

use super::*;
use crate::fixture::{config, event, webhook};
use crate::{Compiled, Facts};

/// Events of one report: type and the number of the object.
#[track_caller]
fn check(types: &[&str], arrival: &[(&str, u8)], expected: &[DecisionReason]) {
    let compiled = Compiled::new(config([webhook(1, types)]));
    let of = |(name, object): &(&str, u8)| Event { object: Some(ObjectKey([*object; 16])), ..event(name) };
    let events: Vec<Event> = arrival.iter().map(of).collect();
    let mut decided: Vec<Decided<'_>> = events
        .iter()
        .map(|event| Decided { event, report: Some("R"), verdicts: compiled.decide(event, Facts::default()) })
        .collect();
    supersede(&mut decided);
    let reasons: Vec<_> =
        decided.iter().flat_map(|one| &one.verdicts).map(|verdict| verdict.reason).collect();
    assert_eq!(reasons, expected);
}

#[test]
fn n6_a_wildcard_gets_one_delivery_per_result_the_most_severe() {
    let one = [("lab.result.critical", 1), ("lab.result.available", 9)];
    check(&["*"], &one, &[Matched, Superseded]);
    check(&["lab.*"], &one, &[Matched, Superseded]);
    let changed = [("lab.result.critical", 1), ("lab.result.corrected", 1), ("lab.result.abnormal", 1)];
    check(&["*"], &changed, &[Superseded, Matched, Superseded]);
}

#[test]
fn n6_two_critical_values_in_one_report_are_two_deliveries() {
    let two = [("lab.result.critical", 1), ("lab.result.critical", 2), ("lab.result.available", 9)];
    check(&["*"], &two, &[Matched, Matched, Superseded]);
    let mixed = [("lab.result.abnormal", 1), ("lab.result.critical", 2), ("lab.result.available", 9)];
    check(&["*"], &mixed, &[Matched, Matched, Superseded]);
    let imaging = [("imaging.result.critical", 1), ("imaging.result.available", 9)];
    check(&["*"], &imaging, &[Matched, Superseded]);
}

#[test]
fn a_named_type_is_always_delivered() {
    let one = [("lab.result.critical", 1), ("lab.result.available", 9)];
    check(&["lab.result.available", "*"], &one, &[Matched, Matched]);
    check(&["lab.result.critical", "lab.result.available"], &one, &[Matched, Matched]);
    check(&["lab.result.critical", "lab.*"], &one, &[Matched, Superseded]);
}

#[test]
fn a_subscription_hears_each_change_of_a_resource_once() {
    let facet = json!({
        "id": "s", "base": "urn:b", "owner": "key_00000000000000000000000001", "topic": "urn:t",
        "content": "id-only", "payload": "application/fhir+json", "status": "active",
    });
    let facet: Subscription = serde_json::from_value(facet).unwrap();
    let types = ["document.folder.document_added", "document.folder.document_removed"];
    let subscribed = Webhook { subscription: Some(Box::new(facet)), ..webhook(1, &types) };
    let both = types.map(|name| (name, 1));
    let heard = |webhook: &Webhook, arrival: &[(&str, u8)]| -> Vec<_> {
        let of =
            |(name, object): &(&str, u8)| Event { object: Some(ObjectKey([*object; 16])), ..event(name) };
        let events: Vec<Event> = arrival.iter().map(of).collect();
        let verdict = |event: &Event| {
            Verdict::of(&Arc::new(Versioned { version: 1, doc: webhook.clone() }), Matched, event.lane)
        };
        let mut decided: Vec<Decided<'_>> = events
            .iter()
            .map(|event| Decided { event, report: None, verdicts: vec![verdict(event)] })
            .collect();
        supersede(&mut decided);
        decided.iter().map(|one| one.verdicts[0].reason).collect()
    };
    assert_eq!(heard(&subscribed, &both), [Matched, Superseded]);
    assert_eq!(heard(&webhook(1, &types), &both), [Matched, Matched], "whoever names types hears each");
    assert_eq!(heard(&subscribed, &[(types[0], 1), (types[1], 2)]), [Matched, Matched], "two folders");
}

#[test]
fn other_types_and_results_without_an_object_are_left_alone() {
    check(&["*"], &[("encounter.admitted", 1), ("encounter.transferred", 1)], &[Matched, Matched]);
    let compiled = Compiled::new(config([webhook(1, &["*"])]));
    let events = [event("lab.result.critical"), event("lab.result.available")];
    let mut decided = events.each_ref().map(|event| Decided {
        event,
        report: None,
        verdicts: compiled.decide(event, Facts::default()),
    });
    supersede(&mut decided);
    assert!(decided.iter().all(|one| one.verdicts[0].reason == Matched));
}
