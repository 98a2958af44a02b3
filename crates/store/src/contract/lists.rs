//! What people ask.

use std::sync::Arc;
use std::time::Duration;

use model::{Category, DeliveryState, Id, Lane, OrganisationId, SubjectKey, WebhookId};

use super::World;
use crate::{AttemptFilter, Batch, DeliveryFilter, End, EventFilter, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    events_are_listed_newest_first(World::on(open().await)).await;
    deliveries_are_listed_wherever_they_stand(World::on(open().await)).await;
    attempts_are_listed_even_if_they_began_together(World::on(open().await)).await;
}

async fn events_are_listed_newest_first(world: World) {
    let mut ids = Vec::new();
    for place in 0..5_u8 {
        let mut arrival = world.arrival(vec![]);
        let event = &mut arrival.events[0].0.event;
        event.received = World::NOW + Duration::from_secs(place.into());
        event.subject = Some(SubjectKey([place % 2; 16]));
        event.lane = if place == 4 { Lane::Critical } else { Lane::Routine };
        ids.insert(0, event.id);
        world.arrive(arrival).await;
    }
    let list =
        async |filter: EventFilter, after| world.store.list_events(filter, after, 2).await.expect("read");
    let own = EventFilter { organisation: Some(world.organisation), ..EventFilter::default() };
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = list(own.clone(), after).await;
        seen.extend(page.rows.iter().map(|row| row.event.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ids, "pages join without gaps, the newest first");
    let check = async |filter: EventFilter, expected: usize, why: &str| {
        let page = world.store.list_events(filter, None, 50).await.expect("read");
        assert_eq!(page.rows.len(), expected, "{why}");
    };
    let foreign: OrganisationId = world.id();
    check(EventFilter { organisation: Some(foreign), ..own.clone() }, 0, "another organisation sees nothing")
        .await;
    check(EventFilter { subject: Some(SubjectKey([1; 16])), ..own.clone() }, 2, "by subject").await;
    check(EventFilter { lane: Some(Lane::Critical), ..own.clone() }, 1, "by lane").await;
    check(EventFilter { integration: Some(world.integration), ..own.clone() }, 5, "by integration").await;
    for (pattern, count) in [("none", 0), ("lab.result.final", 5), ("lab.*", 5), ("la.*", 0), ("*", 5)] {
        let event_type = Some(pattern.parse().expect("a pattern"));
        check(EventFilter { event_type, ..own.clone() }, count, pattern).await;
    }
    let (from, to) = (Some(World::NOW + Duration::from_secs(1)), Some(World::NOW + Duration::from_secs(3)));
    check(EventFilter { from, to, ..own }, 2, "from is inclusive, to is not").await;
}

async fn deliveries_are_listed_wherever_they_stand(world: World) {
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(world.owe(None).await);
    }
    let mut other = world.delivery(None);
    other.webhook = world.id::<WebhookId>();
    world.arrive(world.arrival(vec![other])).await;
    let claims = world.claim(4).await;
    world.settle(&claims[0], End::Delivered).await;
    world.settle(&claims[1], End::DeadLettered).await;
    world.put_off(&claims[2]).await;

    let asked = [ids[5], world.id(), ids[0], ids[1]];
    let found = world.store.find_deliveries(&asked).await.expect("read");
    let seen: Vec<_> = found.iter().map(|row| (row.id, row.state)).collect();
    let states = [DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::DeadLettered];
    assert_eq!(seen, [ids[5], ids[0], ids[1]].into_iter().zip(states).collect::<Vec<_>>(), "as asked");

    let own = DeliveryFilter { organisation: Some(world.organisation), ..DeliveryFilter::default() };
    let by_webhook = DeliveryFilter { webhook: Some(world.webhook), ..own.clone() };
    for (filter, expected) in [(own.clone(), 7), (by_webhook.clone(), 6)] {
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = world.store.list_deliveries(filter.clone(), after, 4).await.expect("read");
            seen.extend(page.rows.iter().map(|row| row.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), expected, "pages join without gaps");
        assert!(seen.is_sorted_by(|newer, older| newer > older), "the newest first");
    }
    let check = async |filter: DeliveryFilter, expected: &[usize]| {
        let page = world.store.list_deliveries(filter.clone(), None, 50).await.expect("read");
        let seen: Vec<_> = page.rows.iter().rev().map(|row| row.id).collect();
        let expected: Vec<_> = expected.iter().map(|place| ids[*place]).collect();
        assert_eq!(seen, expected, "{filter:?}");
    };
    for base in [own, by_webhook] {
        let of = |state| DeliveryFilter { state: Some(state), ..base.clone() };
        check(of(DeliveryState::Delivered), &[0]).await;
        check(of(DeliveryState::DeadLettered), &[1]).await;
        check(of(DeliveryState::Waiting), &[2]).await;
        check(of(DeliveryState::Held), &[]).await;
        check(of(DeliveryState::Expired), &[]).await;
        check(DeliveryFilter { error: Some(Category::Http5xx), ..base.clone() }, &[1, 2]).await;
        check(DeliveryFilter { lane: Some(Lane::Bulk), ..base.clone() }, &[]).await;
        check(DeliveryFilter { to: Some(World::NOW), ..base.clone() }, &[]).await;
        for (pattern, found) in [("none", &[][..]), ("la.*", &[]), ("lab.*", &[0]), ("*", &[0])] {
            let event_type = Some(pattern.parse().expect("a pattern"));
            check(DeliveryFilter { event_type, ..of(DeliveryState::Delivered) }, found).await;
        }
    }
}

async fn attempts_are_listed_even_if_they_began_together(world: World) {
    let id = world.owe(None).await;
    let claim = world.claim_one().await;
    let mut attempts = Vec::new();
    for number in 1..=5_u16 {
        let mut attempt = world.attempt(&claim, (number < 5).then_some(Category::Dns));
        attempt.number = number;
        attempt.next = Some(World::NOW);
        attempts.push(attempt);
    }
    world.commit(Batch { attempts: attempts.clone(), ..Batch::default() }).await;
    assert_eq!(
        world.store.attempts_of(id).await.expect("read"),
        attempts,
        "oldest first, as they were written"
    );

    let all =
        AttemptFilter { webhook: world.webhook, delivered: None, event_type: None, from: None, to: None };
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = world.store.list_attempts(all.clone(), after, 2).await.expect("read");
        assert!(page.rows.iter().all(|(_, kind)| kind.as_str() == "lab.result.final"));
        seen.extend(page.rows.into_iter().map(|(attempt, _)| attempt.number));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, [5, 4, 3, 2, 1], "none is lost between pages, the newest first");
    let count = async |filter: AttemptFilter| {
        world.store.list_attempts(filter, None, 50).await.expect("read").rows.len()
    };
    assert_eq!(count(AttemptFilter { delivered: Some(true), ..all.clone() }).await, 1);
    assert_eq!(count(AttemptFilter { delivered: Some(false), ..all.clone() }).await, 4);
    assert_eq!(count(AttemptFilter { to: Some(World::NOW), ..all.clone() }).await, 0);
    assert_eq!(count(AttemptFilter { from: Some(World::NOW), ..all.clone() }).await, 5);
    assert_eq!(count(AttemptFilter { webhook: Id::from_raw(1), ..all }).await, 0);
}
