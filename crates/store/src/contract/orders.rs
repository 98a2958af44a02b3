//! Who waits for whom, and the hand-over to a sender in the same process.

use std::sync::Arc;

use model::{DeliveryId, DeliveryState, HoldReason, Lane, OrderKey};

use super::world::settled;
use super::{Desk, World};
use crate::{Batch, BlockedKey, Claim, End, Hold, Place, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    what_belongs_in_memory_is_handed_over(World::on(open().await)).await;
    what_belongs_on_disk_is_told_and_claimed(World::on(open().await)).await;
    what_is_held_follows_its_head(World::on(open().await)).await;
    nothing_is_held_behind_a_head_that_has_gone(World::on(open().await)).await;
    a_head_that_waits_blocks_its_key(World::on(open().await)).await;
    what_is_given_back_for_its_order_waits_too(World::on(open().await)).await;
}

async fn what_belongs_in_memory_is_handed_over(world: World) {
    let desk = Desk::join(&world, Place::Memory);
    let (first, second) = (world.owe(None).await, world.owe(Some(1)).await);
    let heard = desk.heard(&world).await;
    let taken: Vec<DeliveryId> = heard.taken.iter().map(|claim| claim.delivery).collect();
    assert_eq!(taken, [first, second], "what is durable is handed over in order");
    assert_eq!(heard.on_disk(), 0);
    assert!(world.claim(10).await.is_empty(), "what was handed over is claimed");
    let claim = &heard.taken[1];
    assert_eq!((claim.order, claim.accepted), (Some(OrderKey([1; 16])), World::NOW));
    assert!(world.settle(&heard.taken[0], End::Delivered).await.fenced.is_empty(), "and can be settled");
}

async fn what_belongs_on_disk_is_told_and_claimed(world: World) {
    let desk = Desk::join(&world, Place::Disk);
    world.owe(None).await;
    world.owe(None).await;
    let heard = desk.heard(&world).await;
    assert_eq!((heard.taken.len(), heard.on_disk()), (0, 2), "a sender hears what waits on disk");
    assert_eq!(world.claim(10).await.len(), 2);
}

/// A head in memory and one held behind it.
async fn head_and_held(world: &World) -> (Arc<Desk>, Claim, DeliveryId) {
    let desk = Desk::join(world, Place::Memory);
    world.owe(Some(1)).await;
    desk.place_in(Place::Behind);
    let held = world.owe(Some(1)).await;
    let mut heard = desk.heard(world).await;
    assert_eq!(heard.taken.len(), 1, "only the head is handed over");
    (desk, heard.taken.remove(0), held)
}

fn key(world: &World) -> BlockedKey {
    BlockedKey { webhook: world.webhook, lane: Lane::Routine, order: OrderKey([1; 16]) }
}

async fn what_is_held_follows_its_head(world: World) {
    let (desk, head, held) = head_and_held(&world).await;
    let row = world.row(held).await;
    assert_eq!((row.state, row.held), (DeliveryState::Held, Some(HoldReason::Ordering)));
    assert!(world.claim(10).await.is_empty(), "what is held is not claimed");
    world.settle(&head, End::Delivered).await;
    let heard = desk.heard(&world).await;
    assert_eq!((heard.on_disk(), heard.released), (1, vec![key(&world)]), "the end of a head lets go");
    assert_eq!(world.claim_one().await.delivery, held);
}

async fn nothing_is_held_behind_a_head_that_has_gone(world: World) {
    let (desk, head, _) = head_and_held(&world).await;
    let late = world.delivery(Some(1));
    let (arrivals, settled) = (vec![world.arrival(vec![late])], vec![settled(&head, End::DeadLettered)]);
    world.commit(Batch { arrivals, settled, ..Batch::default() }).await;
    assert_eq!(world.claim(10).await.len(), 2, "one that came with the head's end is let go with it");
    desk.heard(&world).await;
    world.commit(Batch { ended: vec![(head.delivery, End::Cancelled)], ..Batch::default() }).await;
    let heard = desk.heard(&world).await;
    assert!(heard.released.is_empty(), "a dead letter is no head");

    let other = world.owe(Some(2)).await;
    assert_eq!(world.claim_one().await.delivery, other, "without a head, nothing is held");
}

async fn a_head_that_waits_blocks_its_key(world: World) {
    let (desk, head, held) = head_and_held(&world).await;
    let due = world.put_off(&head).await;
    assert!(world.claim(10).await.is_empty(), "while the head waits, the others do");
    let (_, blocked) = world.store.backlog().await.expect("read");
    assert_eq!(blocked, [key(&world)], "a new sender hears which keys are blocked");
    world.commit(Batch { ended: vec![(held, End::Cancelled)], ..Batch::default() }).await;
    assert!(desk.heard(&world).await.released.is_empty(), "the end of one that is held lets nobody go");
    let held = world.owe(Some(1)).await;
    world.store.due(due, 10).await.expect("due");
    let head = world.claim_one().await;
    assert_eq!(head.attempts, 1, "the head comes back first");
    world.settle(&head, End::Withheld).await;
    assert_eq!(world.claim_one().await.delivery, held, "however a head ends, the next may go");

    world.owe(Some(1)).await;
    let head = desk_head(&world).await;
    world.commit(Batch { ended: vec![(head, End::Cancelled)], ..Batch::default() }).await;
    assert_eq!(desk.heard(&world).await.released.last(), Some(&key(&world)), "a person may end the head");
}

/// The delivery of the key that is not held.
async fn desk_head(world: &World) -> DeliveryId {
    let page = world.store.list_deliveries(crate::DeliveryFilter::default(), None, 50).await.expect("read");
    let head = page.rows.iter().find(|row| row.state == DeliveryState::Pending);
    head.expect("there is a head").id
}

async fn what_is_given_back_for_its_order_waits_too(world: World) {
    let desk = Desk::join(&world, Place::Memory);
    world.owe(Some(1)).await;
    let second = world.owe(Some(1)).await;
    let taken = desk.heard(&world).await.taken;
    let back = Hold { delivery: second, epoch: taken[1].epoch, reason: HoldReason::Ordering };
    world.commit(Batch { held: vec![back], ..Batch::default() }).await;
    assert_eq!(world.row(second).await.held, Some(HoldReason::Ordering));
    world.settle(&taken[0], End::Delivered).await;
    let again = world.claim_one().await;
    assert_eq!(again.delivery, second);
    let back = Hold { epoch: again.epoch, ..back };
    world.commit(Batch { held: vec![back], ..Batch::default() }).await;
    assert_eq!(world.claim_one().await.delivery, second, "with nobody before it, it stays due");
}
