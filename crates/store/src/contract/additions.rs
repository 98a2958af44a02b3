//! New deliveries of what came in before.

use std::sync::Arc;
use std::time::Duration;

use model::{DecisionReason, DeliveryState, Event, EventId, Timestamp};

use super::{Desk, World};
use crate::{Addition, Batch, End, EventRow, Expiry, NewDelivery, Place, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    an_event_is_owed_anew(World::on(open().await)).await;
    a_new_delivery_takes_its_place_in_the_order(World::on(open().await)).await;
    a_dead_letter_gives_way(World::on(open().await)).await;
    what_cannot_be_rendered_is_not_owed(World::on(open().await)).await;
}

fn later() -> Timestamp {
    World::NOW + Duration::from_secs(3_600)
}

fn of(event: EventId, deliveries: Vec<NewDelivery>) -> Addition {
    Addition { event, at: later(), deliveries, instead_of: Vec::new() }
}

async fn add(world: &World, addition: Addition) -> Vec<EventId> {
    world.commit(Batch { added: vec![addition], ..Batch::default() }).await.refused
}

async fn event_of(world: &World, id: model::DeliveryId) -> EventRow {
    let event = world.row(id).await.event;
    world.store.find_event(event).await.expect("read").expect("the event is there")
}

async fn an_event_is_owed_anew(world: World) {
    let first = world.owe(None).await;
    let claim = world.claim_one().await;
    world.settle(&claim, End::Delivered).await;
    let desk = Desk::join(&world, Place::Memory);
    let new = world.delivery(None);
    let id = new.id;
    assert!(add(&world, of(claim.event, vec![new])).await.is_empty());
    let taken = desk.heard(&world).await.taken.remove(0);
    assert_eq!((taken.delivery, taken.event, taken.attempts), (id, claim.event, 0), "a delivery of its own");
    assert_eq!((taken.accepted, taken.rendered), (later(), false), "its horizon and its body are its own");
    let row = world.row(id).await;
    assert_eq!((row.state, row.accepted), (DeliveryState::Pending, later()));
    let EventRow { event: Event { received, .. }, decisions, .. } = event_of(&world, id).await;
    let told: Vec<_> = decisions.iter().map(|decision| (decision.delivery, decision.reason)).collect();
    let expected = [(Some(first), DecisionReason::Matched), (Some(id), DecisionReason::Replayed)];
    assert_eq!((received, told.as_slice()), (World::NOW, expected.as_slice()), "the event tells of both");
    let stream = world.store.stream(&[world.webhook], 0, 10).await.expect("read").rows;
    assert_eq!(stream.iter().map(|row| row.id).collect::<Vec<_>>(), [first, id], "and so does the feed");
    world.settle(&taken, End::Delivered).await;
    assert_eq!(world.row(id).await.state, DeliveryState::Delivered);
    assert_eq!(world.row(first).await.state, DeliveryState::Delivered, "the old one stays as it was");
}

async fn a_new_delivery_takes_its_place_in_the_order(world: World) {
    let first = world.owe(Some(1)).await;
    let event = world.row(first).await.event;
    let claim = world.claim_one().await;
    let _desk = Desk::join(&world, Place::Behind);
    let new = world.delivery(Some(1));
    let id = new.id;
    add(&world, of(event, vec![new])).await;
    assert_eq!(world.row(id).await.state, DeliveryState::Held, "it waits for what is before it");
    world.settle(&claim, End::Delivered).await;
    assert_eq!(world.claim_one().await.delivery, id);
}

async fn a_dead_letter_gives_way(world: World) {
    let (dead, owed) = (world.owe(None).await, world.owe(None).await);
    let claims = world.claim(10).await;
    world.settle(&claims[0], End::DeadLettered).await;
    let new = world.delivery(None);
    let id = new.id;
    let instead_of = vec![dead, owed];
    add(&world, Addition { instead_of, ..of(claims[0].event, vec![new]) }).await;
    assert_eq!(world.row(dead).await.state, DeliveryState::Cancelled, "its new delivery stands for it");
    assert_eq!(world.row(owed).await.state, DeliveryState::Pending, "what is still owed stays owed");
    assert_eq!(world.claim_one().await.delivery, id);
}

async fn what_cannot_be_rendered_is_not_owed(world: World) {
    let unknown: EventId = world.id();
    assert_eq!(add(&world, of(unknown, vec![world.delivery(None)])).await, [unknown]);
    let first = world.owe(None).await;
    let claim = world.claim_one().await;
    world.settle(&claim, End::Delivered).await;
    let (never, soon) = (Timestamp::from_millis(0), later() + Duration::from_secs(86_400));
    let horizon = Expiry { bodies: soon, dead_letters: never, log: never, audit: never, answers: never };
    assert_eq!(world.store.expire(horizon, 100).await.expect("expired"), 1, "its content goes");
    assert_eq!(add(&world, of(claim.event, vec![world.delivery(None)])).await, [claim.event]);
    assert_eq!(event_of(&world, first).await.decisions.len(), 1, "nothing of it was written");
}
