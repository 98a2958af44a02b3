//! Numbers of deliveries to FHIR subscriptions.

use std::sync::Arc;

use model::{DeliveryId, WebhookId};

use super::World;
use crate::{Addition, Arrival, Batch, End, NewDelivery, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    numbers_rise_by_one_in_the_order_of_commits(World::on(open().await)).await;
    what_changes_nothing_takes_no_number(World::on(open().await)).await;
    what_is_owed_anew_takes_the_next_number(World::on(open().await)).await;
}

pub(super) async fn tell_of_restarts(
    open: &impl AsyncFn() -> Arc<dyn Store>,
    reopen: &impl AsyncFn(Arc<dyn Store>) -> Arc<dyn Store>,
) {
    let world = World::on(open().await);
    let before = owe(&world).await;
    let World { store, ids, organisation, integration, webhook } = world;
    let world = World { store: reopen(store).await, ids, organisation, integration, webhook };
    assert_eq!(number(&world, before).await, Some(1), "a number outlives the process");
    assert_eq!(last(&world, world.webhook).await, 1);
    let after = owe(&world).await;
    assert_eq!(number(&world, after).await, Some(2), "and the next one follows it: no gap, no repeat");
}

async fn numbers_rise_by_one_in_the_order_of_commits(world: World) {
    assert_eq!(last(&world, world.webhook).await, 0, "nothing was numbered yet");
    let (early, late) = (numbered(&world), numbered(&world));
    let (early_id, late_id) = (early.id, late.id);
    world.arrive(world.arrival(vec![late])).await;
    let plain = world.owe(None).await;
    let mut other = numbered(&world);
    other.webhook = world.id();
    let (other_id, other_hook) = (other.id, other.webhook);
    world.arrive(world.arrival(vec![early, other])).await;

    assert_eq!(number(&world, late_id).await, Some(1), "the first commit counts first, whatever its id");
    assert_eq!(number(&world, plain).await, None, "who asks for no number gets none");
    assert_eq!(number(&world, early_id).await, Some(2));
    assert_eq!(number(&world, other_id).await, Some(1), "every webhook counts for itself");
    assert_eq!((last(&world, world.webhook).await, last(&world, other_hook).await), (2, 1));

    let claim = world.claim(1).await.remove(0);
    world.settle(&claim, End::Delivered).await;
    assert_eq!(numbers(&world, 0, 10).await, [(1, late_id), (2, early_id)], "ended ones are listed too");
    assert_eq!(numbers(&world, 2, 10).await, [(2, early_id)]);
    assert_eq!(numbers(&world, 0, 1).await, [(1, late_id)]);
}

async fn what_changes_nothing_takes_no_number(world: World) {
    let known = || Arrival { dedupe: Some([7; 16]), ..world.arrival(vec![numbered(&world)]) };
    world.arrive(known()).await;
    assert_eq!(world.arrive(known()).await.duplicates.len(), 1);
    assert_eq!(last(&world, world.webhook).await, 1, "a duplicate is not counted");
}

async fn what_is_owed_anew_takes_the_next_number(world: World) {
    let first = numbered(&world);
    let arrival = world.arrival(vec![first]);
    let event = arrival.events[0].0.event.id;
    world.arrive(arrival).await;
    let again = numbered(&world);
    let again_id = again.id;
    let added = vec![Addition { event, at: World::NOW, deliveries: vec![again], instead_of: Vec::new() }];
    world.commit(Batch { added, ..Batch::default() }).await;
    assert_eq!(number(&world, again_id).await, Some(2));
}

fn numbered(world: &World) -> NewDelivery {
    NewDelivery { numbered: true, ..world.delivery(None) }
}

async fn owe(world: &World) -> DeliveryId {
    let delivery = numbered(world);
    let id = delivery.id;
    world.arrive(world.arrival(vec![delivery])).await;
    id
}

async fn number(world: &World, id: DeliveryId) -> Option<u64> {
    world.store.number_of(id).await.expect("a number is read")
}

async fn last(world: &World, webhook: WebhookId) -> u64 {
    world.store.last_number(webhook).await.expect("the last number is read")
}

async fn numbers(world: &World, from: u64, limit: usize) -> Vec<(u64, DeliveryId)> {
    let rows = world.store.numbered(world.webhook, from, limit).await.expect("numbers are read");
    rows.into_iter().map(|(number, row)| (number, row.id)).collect()
}
