//! What the end of a process leaves.

use std::sync::Arc;
use std::time::Duration;

use model::{DeliveryState, Sealed};

use super::world::again;
use super::{Desk, World};
use crate::{Arrival, Batch, ConfigRow, End, Place, Reschedule, Store};

pub(super) async fn tell(
    open: &impl AsyncFn() -> Arc<dyn Store>,
    reopen: &impl AsyncFn(Arc<dyn Store>) -> Arc<dyn Store>,
) {
    what_was_answered_is_there(World::on(open().await), reopen).await;
    what_was_in_memory_is_due_again(World::on(open().await), reopen).await;
    what_was_held_goes_by_age(World::on(open().await), reopen).await;
}

async fn end_process(world: World, reopen: &impl AsyncFn(Arc<dyn Store>) -> Arc<dyn Store>) -> World {
    let World { store, ids, organisation, integration, webhook } = world;
    let store = reopen(store).await;
    World { store, ids, organisation, integration, webhook }
}

async fn what_was_answered_is_there(world: World, reopen: &impl AsyncFn(Arc<dyn Store>) -> Arc<dyn Store>) {
    let before = world.store.installation();
    let id = world.owe(None).await;
    let delivered = world.owe(None).await;
    let keyed = || Arrival { dedupe: Some([1; 16]), ..world.arrival(vec![]) };
    world.arrive(keyed()).await;
    let named = |world: &World, key: u8| Arrival {
        dedupe: Some([key; 16]),
        name: Some([9; 16]),
        message: Some(super::arrivals::received(world)),
        ..world.arrival(vec![])
    };
    world.arrive(named(&world, 2)).await;
    let claims = world.claim(2).await;
    let rendered = Some(Sealed(vec![3; 30]));
    let put_off = Reschedule { rendered: rendered.clone(), ..again(&claims[0]) };
    let due = put_off.due;
    world.commit(Batch { again: vec![put_off], ..Batch::default() }).await;
    world.settle(&claims[1], End::Delivered).await;
    let doc = ConfigRow { kind: "webhook".into(), id: 5, version: 0, doc: Some(Sealed(vec![1])) };
    let version = world.store.config_apply(vec![doc], vec![], 0).await.expect("written");
    let place = world.store.stream(&[world.webhook], 0, 10).await.expect("read").next.expect("a place");

    let world = end_process(world, reopen).await;
    let after = world.store.installation();
    assert_eq!(after.tag, before.tag, "an installation keeps its name");
    assert!(after.epoch > before.epoch, "every start is a new epoch");
    assert!(after.last_row >= model::Id::row(delivered), "no id is minted twice");
    assert_eq!(world.row(id).await.state, DeliveryState::Waiting);
    assert_eq!(world.row(delivered).await.state, DeliveryState::Delivered);
    assert_eq!(world.store.rendered(id).await.expect("read"), rendered);
    assert_eq!(
        world.arrive(Arrival { dedupe: Some([1; 16]), ..world.arrival(vec![]) }).await.duplicates.len(),
        1
    );
    assert_eq!(world.arrive(named(&world, 3)).await.clashes, [0], "a name stays given");
    assert_eq!(world.store.config_since(0).await.expect("read")[0].version, version);
    assert_eq!(world.store.health().await.unfinished, 1);
    world.store.due(due, 10).await.expect("due");
    assert_eq!(world.claim_one().await.attempts, 1);
    let fresh = world.owe(None).await;
    let page = world.store.stream(&[world.webhook], place, 10).await.expect("read");
    assert_eq!((page.rows.len(), page.rows[0].id), (1, fresh), "places rise over restarts");
}

async fn what_was_in_memory_is_due_again(
    world: World,
    reopen: &impl AsyncFn(Arc<dyn Store>) -> Arc<dyn Store>,
) {
    let desk = Desk::join(&world, Place::Memory);
    let (first, kept) = (world.owe(None).await, world.owe(None).await);
    let taken = desk.heard(&world).await.taken;
    let keep = Reschedule { keep: true, ..again(&taken[1]) };
    let due = keep.due;
    world.commit(Batch { again: vec![keep], ..Batch::default() }).await;
    drop(desk);

    let world = end_process(world, reopen).await;
    assert_eq!(world.settle(&taken[0], End::Delivered).await.fenced, [first], "an older epoch is fenced");
    assert_eq!(world.due_on_disk().await, 1, "what was in memory is due again");
    let claim = world.claim_one().await;
    assert_eq!((claim.delivery, claim.attempts), (first, 0));
    assert_eq!(world.row(kept).await.due, Some(due), "what waited in memory keeps its time");
    world.store.due(due + Duration::from_secs(1), 10).await.expect("due");
    assert_eq!(world.claim_one().await.delivery, kept, "and comes back from disk");
}

async fn what_was_held_goes_by_age(world: World, reopen: &impl AsyncFn(Arc<dyn Store>) -> Arc<dyn Store>) {
    let desk = Desk::join(&world, Place::Memory);
    let head = world.owe(Some(1)).await;
    let blocked = world.owe(Some(2)).await;
    let taken = desk.heard(&world).await.taken;
    world.put_off(&taken[1]).await;
    desk.place_in(Place::Behind);
    let (second, held) = (world.owe(Some(1)).await, world.owe(Some(2)).await);
    drop(desk);

    let world = end_process(world, reopen).await;
    let claimed: Vec<_> = world.claim(10).await.into_iter().map(|claim| claim.delivery).collect();
    assert_eq!(claimed, [head, second], "behind a head that was in memory, all are due in their order");
    assert_eq!(world.row(held).await.state, DeliveryState::Held, "behind a head that waits, they wait");
    assert_eq!(world.row(blocked).await.state, DeliveryState::Waiting);
}
