use std::collections::HashMap;
use std::sync::Arc;

use model::{Format, Id, PauseReason, Versioned};
use store::{Latest, Pile};

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn hook(id: u128, state: HookState, breaker: &'static str, failures: u32) -> (WebhookId, Hook) {
    let place = (Id::from_raw(1), Id::from_raw(2));
    let mut doc = crate::event_types::specimen(place, (Format::Native, Profile::Reference), NOW);
    (doc.id, doc.state) = (WebhookId::from_raw(id), state);
    let record =
        Latest { webhook: doc.id, last_success: None, last_failure: Some(NOW), failures_in_a_row: failures };
    (
        doc.id,
        Hook {
            doc: Arc::new(Versioned { version: 1, doc }),
            breaker,
            record: Some(record),
            tests_only: false,
        },
    )
}

fn piles(webhook: u128, lane: Lane, place: Stands, (count, ago): (u64, u64)) -> Pile {
    let first = NOW - Duration::from_secs(ago);
    Pile { webhook: WebhookId::from_raw(webhook), test: false, lane, place, count, first, last: NOW }
}

#[track_caller]
fn check(hooks: Vec<(WebhookId, Hook)>, piles: Vec<Pile>, expected: &[(&str, &str, u64, &str)]) {
    let facts = Facts { hooks: HashMap::from_iter(hooks), piles };
    let health = Health::default();
    let scene =
        Scene { now: NOW, facts: &facts, sources: &[], health: &health, clock_jumped: false, undecided: &[] };
    let (items, _) = of(&scene);
    let told: Vec<_> = items.iter().map(|item| (item.kind, item.severity, item.count, item.verb)).collect();
    assert_eq!(told, expected);
}

#[test]
fn what_works_needs_no_attention() {
    check(vec![hook(1, HookState::Active, "flowing", 0)], Vec::new(), &[]);
    let fresh = piles(1, Lane::Critical, Stands::Owed, (3, 5));
    check(vec![hook(1, HookState::Active, "flowing", 0)], vec![fresh], &[]);
}

#[test]
fn a_stopped_webhook_is_told_with_what_it_is_owed() {
    let paused = HookState::Paused { since: NOW, reason: PauseReason::Operator };
    let owed = piles(1, Lane::Routine, Stands::Owed, (42, 60));
    check(
        vec![hook(1, paused.clone(), "flowing", 0)],
        vec![owed],
        &[("webhook_paused", "warning", 42, "resume")],
    );
    check(vec![hook(1, paused, "flowing", 0)], Vec::new(), &[]);
    let pending = HookState::Pending { since: NOW };
    let owed = piles(1, Lane::Critical, Stands::Owed, (1, 10));
    check(vec![hook(1, pending, "flowing", 0)], vec![owed], &[("webhook_pending", "critical", 1, "fix")]);
    let owed = piles(1, Lane::Critical, Stands::Owed, (2, 10));
    check(
        vec![hook(1, HookState::Active, "tripped", 12)],
        vec![owed],
        &[("breaker_tripped", "critical", 2, "fix")],
    );
    let dead = piles(1, Lane::Routine, Stands::Dead(Some(Category::Http5xx)), (9, 600));
    check(
        vec![hook(1, HookState::Disabled { since: NOW }, "flowing", 30)],
        vec![dead],
        &[("webhook_disabled", "warning", 9, "fix")],
    );
}

#[test]
fn dead_letters_are_grouped_by_cause_and_can_go_again_once_the_receiver_is_well() {
    let dead = |error, lane| piles(1, lane, Stands::Dead(error), (4, 600));
    let all = || {
        vec![
            dead(Some(Category::TlsExpired), Lane::Routine),
            dead(Some(Category::TlsExpired), Lane::Bulk),
            dead(Some(Category::Dns), Lane::Critical),
        ]
    };
    check(
        vec![hook(1, HookState::Active, "flowing", 0)],
        all(),
        &[("dead_letters", "critical", 4, "retry"), ("dead_letters", "warning", 8, "retry")],
    );
    check(
        vec![hook(1, HookState::Active, "flowing", 3)],
        all(),
        &[("dead_letters", "critical", 4, "fix"), ("dead_letters", "warning", 8, "fix")],
    );
}

#[test]
fn n1_a_critical_delivery_that_is_owed_for_90_seconds_comes_first_whatever_the_reason() {
    let late = piles(1, Lane::Critical, Stands::Owed, (1, 90));
    let routine = piles(2, Lane::Routine, Stands::Owed, (1_000, 3_600));
    check(
        vec![hook(1, HookState::Active, "flowing", 0), hook(2, HookState::Active, "flowing", 0)],
        vec![routine, late],
        &[("lane_late", "critical", 1, "look"), ("lane_late", "warning", 1_000, "look")],
    );
}

#[test]
fn seven_things_are_shown_and_the_others_counted() {
    let hooks = (1..=9).map(|id| hook(id, HookState::Active, "tripped", 12)).collect::<Vec<_>>();
    let facts = Facts { hooks: HashMap::from_iter(hooks), piles: Vec::new() };
    let health = Health { disk_free_bytes: Some(1), disk_bytes: Some(1 << 40), ..Health::default() };
    let scene =
        Scene { now: NOW, facts: &facts, sources: &[], health: &health, clock_jumped: true, undecided: &[] };
    let (items, more) = of(&scene);
    assert_eq!((items.len(), more), (7, 4));
}

#[test]
fn content_about_people_without_tls_is_told_and_made_up_people_are_none() {
    let exposed = |tests_only| {
        let (id, mut hook) = hook(1, HookState::Active, "flowing", 0);
        let mut doc = Versioned::clone(&hook.doc);
        doc.doc.profile = Profile::Full;
        let read = model::HookUrl::read("http://receiver.example/hooks", model::PlainHttp::Allowed);
        doc.doc.url = read.unwrap().0;
        (hook.doc, hook.tests_only) = (Arc::new(doc), tests_only);
        vec![(id, hook)]
    };
    check(exposed(false), Vec::new(), &[("webhook_exposed", "warning", 1, "fix")]);
    check(exposed(true), Vec::new(), &[]);
}
