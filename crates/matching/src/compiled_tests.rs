use model::Id as _;

use super::*;
use crate::fixture::{config, event, integration, organisation, webhook};

#[track_caller]
fn check(webhook: Webhook, event: &Event, about: Facts<'_>, expected: Option<DecisionReason>) {
    let id = webhook.id;
    let compiled = Compiled::new(config([webhook]));
    let decided = compiled.decide(event, about);
    assert_eq!(decided.first().map(|verdict| verdict.reason), expected);
    let explained = compiled.explain(event, about, id).map(|verdict| verdict.reason);
    assert_eq!(explained.filter(|_| expected.is_some()), expected);
}

#[test]
fn a_webhook_gets_the_types_it_wants_and_no_operational_one_by_a_wildcard() {
    let nothing = Facts::default();
    check(webhook(1, &["lab.*"]), &event("lab.result.critical"), nothing, Some(DecisionReason::Matched));
    check(webhook(1, &["*"]), &event("encounter.admitted"), nothing, Some(DecisionReason::Matched));
    check(webhook(1, &["lab.*"]), &event("encounter.admitted"), nothing, None);
    check(webhook(1, &["*"]), &event("webhook.disabled"), nothing, None);
    check(
        webhook(1, &["webhook.disabled"]),
        &event("webhook.disabled"),
        nothing,
        Some(DecisionReason::Matched),
    );
    let own = Facts { about_webhook: Some(id(1)), ..nothing };
    check(webhook(1, &["webhook.disabled"]), &event("webhook.disabled"), own, Some(DecisionReason::Own));
}

#[test]
fn c5_a_webhook_hears_its_own_a_list_or_all_of_its_organisation() {
    let other = Event { integration: integration(2), ..event("lab.result.critical") };
    let hears = |sources| Webhook { sources, ..webhook(1, &["lab.*"]) };
    check(hears(Sources::Own), &other, Facts::default(), None);
    check(hears(Sources::All), &other, Facts::default(), Some(DecisionReason::Matched));
    let listed = Sources::Listed(vec![integration(2)]);
    check(hears(listed), &other, Facts::default(), Some(DecisionReason::Matched));
    let unlisted = Sources::Listed(vec![integration(3)]);
    check(hears(unlisted), &other, Facts::default(), Some(DecisionReason::OtherSource));
    let foreign = Event { organisation: organisation(2), ..other };
    check(hears(Sources::All), &foreign, Facts::default(), None);
    let compiled = Compiled::new(config([hears(Sources::Own)]));
    let event = Event { integration: integration(2), ..event("lab.result.critical") };
    let explained = compiled.explain(&event, Facts::default(), id(1)).unwrap();
    assert_eq!(explained.reason, DecisionReason::OtherSource);
}

#[test]
fn t1_a_test_event_goes_only_where_tests_are_accepted() {
    let test = Event { test: true, ..event("lab.result.critical") };
    check(webhook(1, &["*"]), &test, Facts::default(), Some(DecisionReason::TestRefused));
    let accepting = Webhook { accept_test: true, ..webhook(1, &["*"]) };
    check(accepting, &test, Facts::default(), Some(DecisionReason::Matched));
}

#[test]
fn c8_an_echo_makes_no_second_round() {
    let nothing = Facts::default();
    let origin = Facts { origin: Some(id(1)), ..nothing };
    check(webhook(1, &["*"]), &event("appointment.updated"), origin, Some(DecisionReason::Echo));
    check(webhook(2, &["*"]), &event("appointment.updated"), origin, Some(DecisionReason::Matched));
    let travelled = Event { hops: limits::HOPS, ..event("appointment.updated") };
    check(webhook(2, &["*"]), &travelled, nothing, Some(DecisionReason::Echo));
}

#[test]
fn objects_are_chosen_by_type_and_by_id() {
    let nothing = Facts::default();
    let typed = |name: &str| Webhook { object_types: vec![name.to_owned()], ..webhook(1, &["*"]) };
    let critical = event("lab.result.critical");
    check(typed("lab_report"), &critical, nothing, Some(DecisionReason::Matched));
    check(typed("encounter"), &critical, nothing, Some(DecisionReason::OtherObjectType));
    let one = Webhook { object_ids: vec!["LAB-7".to_owned()], ..webhook(1, &["*"]) };
    check(one.clone(), &critical, nothing, Some(DecisionReason::OtherObject));
    let known = Facts { object_id: Some("LAB-7"), ..nothing };
    check(one, &critical, known, Some(DecisionReason::Matched));
}

#[test]
fn n7_a_webhook_can_only_raise_the_lane() {
    let lane_of = |asked| {
        let compiled = Compiled::new(config([Webhook { lane: asked, ..webhook(1, &["*"]) }]));
        compiled.decide(&event("lab.result.abnormal"), Facts::default())[0].lane
    };
    assert_eq!(lane_of(None), Lane::Urgent);
    assert_eq!(lane_of(Some(Lane::Critical)), Lane::Critical);
    assert_eq!(lane_of(Some(Lane::Bulk)), Lane::Urgent);
}

#[test]
fn all_matches_come_and_a_bounded_number_of_near_misses() {
    let refusing = (1..200).map(|n| Webhook { object_types: vec!["task".to_owned()], ..webhook(n, &["*"]) });
    let wanting = (200..500).map(|n| webhook(n, &["*"]));
    let compiled = Compiled::new(config(refusing.chain(wanting)));
    for _ in 0..2 {
        let verdicts = compiled.decide(&event("lab.result.critical"), Facts::default());
        let matched = verdicts.iter().filter(|verdict| verdict.reason == DecisionReason::Matched).count();
        assert_eq!((matched, verdicts.len()), (300, 300 + limits::NEAR_MISSES));
    }
}

#[test]
fn passthrough_names_chosen_by_a_sender_do_not_grow_the_index() {
    let compiled = Compiled::new(config([webhook(1, &["x.*"])]));
    for number in 0..limits::TYPES_REMEMBERED + 10 {
        let unknown = Event { event_type: format!("x.hl7v2.z{number}").as_str().into(), ..event("x.a.b") };
        assert_eq!(compiled.decide(&unknown, Facts::default()).len(), 1);
    }
    assert!(compiled.organisations[&organisation(1)].by_type.load().len() <= limits::TYPES_REMEMBERED);
}

fn id(number: u128) -> WebhookId {
    WebhookId::from_raw(number)
}
