//! What is forgotten, and what is not.

use std::sync::Arc;
use std::time::Duration;

use model::{Category, DeliveryState, Id, MessageId, Sealed, SubjectKey, Timestamp, limits};

use super::world::again;
use super::{World, world};
use crate::{
    Arrival, AuditFilter, Batch, End, Expiry, Message, RecordOf, Reply, Reschedule, Resealed, Settled, Store,
};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    what_is_owed_is_kept(World::on(open().await)).await;
    what_is_over_is_forgotten(World::on(open().await)).await;
    what_was_received_stays_with_what_it_became(World::on(open().await)).await;
    a_clock_that_was_behind_makes_no_dead_letter_old(World::on(open().await)).await;
    records_are_found_and_sealed_anew(World::on(open().await)).await;
    the_last_replies_of_a_delivery_are_kept_as_long_as_bodies(World::on(open().await)).await;
    the_clock_of_retention_is_remembered(World::on(open().await)).await;
}

const NEVER: Timestamp = Timestamp::from_millis(0);
const NONE: Expiry = Expiry { bodies: NEVER, dead_letters: NEVER, log: NEVER, audit: NEVER, answers: NEVER };

fn later() -> Timestamp {
    World::NOW + Duration::from_secs(100 * 86_400)
}

async fn expire(world: &World, horizon: Expiry) -> u64 {
    let mut removed = 0;
    loop {
        match world.store.expire(horizon, 100).await.expect("expired") {
            0 => return removed,
            some => removed += some,
        }
    }
}

// K1: a dead letter of any age keeps its body.
async fn what_is_owed_is_kept(world: World) {
    let (dead, pending) = (world.owe(None).await, world.owe(None).await);
    let claims = world.claim(1).await;
    world.settle(&claims[0], End::DeadLettered).await;
    assert_eq!(expire(&world, NONE).await, 0, "nothing goes before its time");
    let over = Expiry { bodies: later(), ..NONE };
    assert_eq!(expire(&world, over).await, 0, "a clock that jumps takes nothing that is owed");
    expire(&world, Expiry { log: later(), ..over }).await;
    for id in [dead, pending] {
        let event = world.row(id).await.event;
        let found = world.store.events(&[event]).await.expect("read");
        assert!(found[0].as_ref().is_some_and(|event| event.body.is_some()), "its body is kept");
    }
    expire(&world, Expiry { dead_letters: later(), ..NONE }).await;
    let row = world.row(dead).await;
    assert_eq!(row.state, DeliveryState::Expired, "retention ends a dead letter");
    let log = world.store.list_audit(AuditFilter::of(world.organisation), None, 10).await.expect("read");
    assert!(
        log.rows.iter().any(|row| row.entry.action == audit::Action::Expire),
        "and the audit log says so"
    );
    world.commit(Batch { revived: vec![dead], ..Batch::default() }).await;
    assert_eq!(world.row(dead).await.state, DeliveryState::Expired, "what has expired does not come back");
}

async fn what_is_over_is_forgotten(world: World) {
    let keyed = || Arrival { dedupe: Some([1; 16]), ..world.arrival(vec![world.delivery(None)]) };
    let first = keyed();
    let event = first.events[0].0.event.id;
    world.arrive(first).await;
    let claim = world.claim_one().await;
    let attempts = vec![world.attempt(&claim, None)];
    world.commit(Batch { attempts, ..Batch::default() }).await;
    world.settle(&claim, End::Delivered).await;
    expire(&world, Expiry { bodies: later(), ..NONE }).await;
    let found = world.store.find_event(event).await.expect("read").expect("the event stays longer");
    assert!(!found.has_body, "a body goes first");
    assert_eq!(world.arrive(keyed()).await.duplicates.len(), 1, "its key is known as long as the event");
    expire(&world, Expiry { log: later(), ..NONE }).await;
    assert!(world.store.find_event(event).await.expect("read").is_none());
    assert!(world.store.find_delivery(claim.delivery).await.expect("read").is_none());
    assert!(world.store.attempts_of(claim.delivery).await.expect("read").is_empty());
    assert!(world.store.stream(&[world.webhook], 0, 10).await.expect("read").rows.is_empty());
    assert!(world.arrive(keyed()).await.duplicates.is_empty(), "after that it is something new");
}

fn message(world: &World, events: u32) -> Message {
    let id: MessageId = world.id();
    Message {
        id,
        organisation: world.organisation,
        integration: world.integration,
        received: World::NOW,
        format: "hl7v2".to_owned(),
        kind: "ORU^R01".to_owned(),
        subject: Some(SubjectKey([9; 16])),
        events,
        flaws: Vec::new(),
        raw: Sealed(id.raw().to_le_bytes().repeat(4)),
    }
}

/// An arrival with a message and an event about somebody.
fn received(world: &World) -> Arrival {
    let mut arrival =
        Arrival { message: Some(message(world, 1)), ..world.arrival(vec![world.delivery(None)]) };
    let event = &mut arrival.events[0].0.event;
    event.message = arrival.message.as_ref().map(|message| message.id);
    event.subject = Some(SubjectKey([8; 16]));
    arrival
}

async fn what_was_received_stays_with_what_it_became(world: World) {
    let (owed, nothing) =
        (received(&world), Arrival { message: Some(message(&world, 0)), ..Arrival::default() });
    let ids = [&owed, &nothing].map(|arrival| arrival.message.as_ref().expect("it has one").id);
    world.arrive(owed).await;
    world.arrive(nothing).await;
    let over = Expiry { bodies: later(), ..NONE };
    expire(&world, over).await;
    let raw = async |id| world.store.find_message(id).await.expect("read").expect("it is known").raw;
    assert!(!raw(ids[0]).await.0.is_empty(), "its event is owed");
    assert!(raw(ids[1]).await.0.is_empty(), "nothing needs it");
    let claim = world.claim_one().await;
    world.settle(&claim, End::Delivered).await;
    expire(&world, over).await;
    assert!(raw(ids[0]).await.0.is_empty(), "it goes with the content of its event");
}

async fn a_clock_that_was_behind_makes_no_dead_letter_old(world: World) {
    let dead = world.owe(None).await;
    let claim = world.claim_one().await;
    let ending = Settled { at: Timestamp::from_millis(1), ..world::settled(&claim, End::DeadLettered) };
    world.commit(Batch { settled: vec![ending], ..Batch::default() }).await;
    expire(&world, Expiry { dead_letters: World::NOW, ..NONE }).await;
    assert_eq!(world.row(dead).await.state, DeliveryState::DeadLettered, "it was accepted after the horizon");
    expire(&world, Expiry { dead_letters: later(), ..NONE }).await;
    assert_eq!(world.row(dead).await.state, DeliveryState::Expired);
}

async fn records_are_found_and_sealed_anew(world: World) {
    let arrival = received(&world);
    world.arrive(arrival).await;
    let claim = world.claim_one().await;
    let kept = Reschedule { rendered: Some(Sealed(vec![5; 40])), ..again(&claim) };
    let attempt = world.attempt(&claim, Some(Category::Http5xx));
    let reply = Reply { delivery: claim.delivery, attempt: attempt.id, sealed: Sealed(vec![6; 40]) };
    let row = attempt.id.row();
    let (attempts, replies) = (vec![attempt], vec![reply]);
    world.commit(Batch { again: vec![kept], attempts, replies, ..Batch::default() }).await;
    let expected = [
        (RecordOf::Event, 8, claim.event.row()),
        (RecordOf::Message, 9, 0),
        (RecordOf::Delivery, 8, claim.delivery.row()),
        (RecordOf::Reply, 8, row),
    ];
    for (of, subject, row) in expected {
        let found = world.store.records(of, 0, i64::MAX).await.expect("read");
        let [was] = found.as_slice() else { panic!("one record of each kind: {found:?}") };
        assert!(row == 0 || was.row == row, "{of:?}");
        assert_eq!((was.organisation, was.subject), (world.organisation, Some(SubjectKey([subject; 16]))));
        assert_eq!(world.store.records(of, 0, was.row).await.expect("read"), [], "below the row");
        assert_eq!(world.store.records(of, was.row, i64::MAX).await.expect("read"), [], "above it");
        let resealed = Resealed { was: was.clone(), sealed: Sealed(vec![7; 50]) };
        assert_eq!(world.store.reseal(vec![resealed.clone()]).await.expect("written"), 1);
        assert_eq!(world.store.reseal(vec![resealed]).await.expect("written"), 0, "it is another by now");
        let found = world.store.records(of, 0, i64::MAX).await.expect("read");
        assert_eq!(found.first().map(|record| &record.sealed), Some(&Sealed(vec![7; 50])));
    }
    let rendered = world.store.rendered(claim.delivery).await.expect("read");
    assert_eq!(rendered, Some(Sealed(vec![7; 50])), "the sender gets what was sealed anew");
}

async fn the_last_replies_of_a_delivery_are_kept_as_long_as_bodies(world: World) {
    world.owe(None).await;
    let claim = world.claim_one().await;
    let mut ids = Vec::new();
    for _ in 0..limits::REPLIES_KEPT + 2 {
        let attempt = world.attempt(&claim, Some(Category::Http5xx));
        ids.push(attempt.id);
        let reply = Reply { delivery: claim.delivery, attempt: attempt.id, sealed: Sealed(vec![6; 40]) };
        world.commit(Batch { attempts: vec![attempt], replies: vec![reply], ..Batch::default() }).await;
    }
    let kept = async || {
        let found = world.store.replies_of(claim.delivery).await.expect("read");
        found.iter().map(|reply| reply.attempt).collect::<Vec<_>>()
    };
    assert_eq!(kept().await, ids[2..], "oldest first");
    expire(&world, Expiry { bodies: World::NOW, ..NONE }).await;
    assert_eq!(kept().await.len(), limits::REPLIES_KEPT, "they are younger");
    expire(&world, Expiry { bodies: later(), ..NONE }).await;
    assert!(kept().await.is_empty());
}

async fn the_clock_of_retention_is_remembered(world: World) {
    assert_eq!(world.store.retention_clock().await.expect("read"), None, "before the first round");
    for at in [later(), World::NOW] {
        let entry = audit::Entry {
            at: World::NOW,
            organisation: Some(world.organisation),
            actor: audit::Actor::System,
            action: audit::Action::Update,
            target: "retention clock".to_owned(),
            detail: String::new(),
        };
        world.store.set_retention_clock(at, vec![entry]).await.expect("written");
        assert_eq!(world.store.retention_clock().await.expect("read"), Some(at), "it can be set back");
    }
    let log = world.store.list_audit(AuditFilter::of(world.organisation), None, 10).await.expect("read");
    assert_eq!(log.rows.len(), 2, "and each setting can be audited");
}
