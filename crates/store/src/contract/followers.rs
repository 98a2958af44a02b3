//! Corrections after originals, in whatever lane.

use std::sync::Arc;

use model::{DeliveryId, DeliveryState, HoldReason, Lane, OrderKey};

use super::world::again;
use super::{Desk, World};
use crate::{Batch, Claim, End, Hold, NewDelivery, Place, Recall, Reschedule, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    n5_a_correction_is_held_until_its_original_ends(World::on(open().await)).await;
    n5_a_correction_raises_an_original_on_disk_to_its_lane(World::on(open().await)).await;
    n5_an_original_that_waits_for_a_retry_is_due_at_once(World::on(open().await)).await;
    n5_an_original_in_memory_is_called_back_and_raised(World::on(open().await)).await;
    n5_an_original_under_way_is_raised_when_it_fails(World::on(open().await)).await;
    n5_a_chain_of_corrections_keeps_its_order(World::on(open().await)).await;
    n5_what_comes_later_in_the_line_stays_behind_a_correction(World::on(open().await)).await;
    n5_an_original_that_ended_holds_nobody(World::on(open().await)).await;
}

fn correction(world: &World, of: DeliveryId, lane: Lane) -> NewDelivery {
    NewDelivery { lane, follows: Some(of), ..world.delivery(None) }
}

/// Lets a critical correction of a delivery come in.
async fn correct(world: &World, of: DeliveryId) -> DeliveryId {
    let new = correction(world, of, Lane::Critical);
    let id = new.id;
    world.arrive(world.arrival(vec![new])).await;
    id
}

async fn critical(world: &World) -> Vec<DeliveryId> {
    world.claim_from(Lane::Critical, 10).await.iter().map(|claim| claim.delivery).collect()
}

async fn n5_a_correction_is_held_until_its_original_ends(world: World) {
    let original = world.owe(None).await;
    let claim = world.claim_one().await;
    let new = correction(&world, original, Lane::Routine);
    let corrected = new.id;
    world.arrive(world.arrival(vec![new])).await;
    let row = world.row(corrected).await;
    assert_eq!((row.state, row.held), (DeliveryState::Held, Some(HoldReason::Ordering)));
    assert_eq!(row.follows, Some(original), "and it says for whom it waits");
    assert!(world.claim(10).await.is_empty(), "while the original is under way, its correction is held");
    world.put_off(&claim).await;
    assert!(world.claim(10).await.is_empty(), "nor does it overtake a retry in its own lane");
    world.commit(Batch { ended: vec![(original, End::DeadLettered)], ..Batch::default() }).await;
    assert_eq!(world.claim_one().await.delivery, corrected, "however the original ends, it goes");
    assert_eq!(world.row(corrected).await.follows, None);
}

async fn n5_a_correction_raises_an_original_on_disk_to_its_lane(world: World) {
    let desk = Desk::join(&world, Place::Disk);
    let original = world.owe(Some(1)).await;
    let other = world.owe(Some(1)).await;
    desk.heard(&world).await;
    let corrected = correct(&world, original).await;
    let told = desk.heard(&world).await.spilled;
    assert!(told.iter().any(|backlog| backlog.lane == Lane::Critical && backlog.count == 1), "{told:?}");
    let claims = world.claim_from(Lane::Critical, 10).await;
    assert_eq!(claims.len(), 1, "the original goes in the lane of its correction, which is held");
    assert_eq!((claims[0].delivery, claims[0].lane, claims[0].order), (original, Lane::Critical, None));
    assert_eq!(world.claim_one().await.delivery, other, "the others stay where they were");
    world.settle(&claims[0], End::Delivered).await;
    assert_eq!(critical(&world).await, [corrected]);
}

async fn n5_an_original_that_waits_for_a_retry_is_due_at_once(world: World) {
    let desk = Desk::join(&world, Place::Memory);
    let original = world.owe(Some(1)).await;
    desk.place_in(Place::Behind);
    let behind = world.owe(Some(1)).await;
    let head = desk.heard(&world).await.taken.remove(0);
    world.put_off(&head).await;
    correct(&world, original).await;
    let claims = world.claim_from(Lane::Critical, 10).await;
    assert_eq!((claims.len(), claims[0].delivery, claims[0].attempts), (1, original, 1));
    let heard = desk.heard(&world).await;
    assert_eq!(heard.released.len(), 1, "the line it leaves goes on");
    assert_eq!(world.claim_one().await.delivery, behind);
}

/// An original that the sender has, and the correction that has come.
async fn in_memory(world: &World) -> (Arc<Desk>, Claim, DeliveryId) {
    let desk = Desk::join(world, Place::Memory);
    world.owe(Some(1)).await;
    let claim = desk.heard(world).await.taken.remove(0);
    let corrected = correct(world, claim.delivery).await;
    let recall = Recall { delivery: claim.delivery, webhook: world.webhook, attempts: 0 };
    assert_eq!(desk.heard(world).await.recalled, [recall], "the sender is asked to give it back");
    assert_eq!(world.row(claim.delivery).await.lane, Lane::Routine, "it has it still");
    (desk, claim, corrected)
}

async fn n5_an_original_in_memory_is_called_back_and_raised(world: World) {
    let (desk, claim, corrected) = in_memory(&world).await;
    let back = Hold { delivery: claim.delivery, epoch: claim.epoch, reason: HoldReason::Ordering };
    world.commit(Batch { held: vec![back], ..Batch::default() }).await;
    assert_eq!(desk.heard(&world).await.released.len(), 1, "its line goes on");
    assert_eq!(critical(&world).await, [claim.delivery]);
    assert_eq!(world.row(corrected).await.state, DeliveryState::Held);
}

async fn n5_an_original_under_way_is_raised_when_it_fails(world: World) {
    let (desk, claim, corrected) = in_memory(&world).await;
    let keep = Reschedule { keep: true, ..again(&claim) };
    world.commit(Batch { again: vec![keep], ..Batch::default() }).await;
    let recall = Recall { delivery: claim.delivery, webhook: world.webhook, attempts: 1 };
    assert_eq!(desk.heard(&world).await.recalled, [recall], "what waits in memory is asked for again");
    world.commit(Batch { again: vec![again(&claim)], ..Batch::default() }).await;
    let raised = world.claim_from(Lane::Critical, 10).await;
    assert_eq!((raised.len(), raised[0].delivery, raised[0].attempts), (1, claim.delivery, 1));
    world.settle(&raised[0], End::Delivered).await;
    assert_eq!(critical(&world).await, [corrected]);
}

async fn n5_a_chain_of_corrections_keeps_its_order(world: World) {
    let first = world.owe(None).await;
    let second = correction(&world, first, Lane::Routine);
    let (second_id, arrival) = (second.id, world.arrival(vec![second]));
    world.arrive(arrival).await;
    let third = correct(&world, second_id).await;
    assert_eq!(critical(&world).await, [first], "all that is before it is raised, the first goes first");
    assert_eq!(world.row(second_id).await.lane, Lane::Critical);
    world.commit(Batch { ended: vec![(second_id, End::Cancelled)], ..Batch::default() }).await;
    assert!(critical(&world).await.is_empty(), "without the one between, the last still waits for the first");
    assert_eq!(world.row(third).await.follows, Some(first));
    world.commit(Batch { ended: vec![(first, End::Cancelled)], ..Batch::default() }).await;
    assert_eq!(critical(&world).await, [third]);
}

async fn n5_what_comes_later_in_the_line_stays_behind_a_correction(world: World) {
    let desk = Desk::join(&world, Place::Memory);
    world.owe(None).await;
    let original = desk.heard(&world).await.taken.remove(0);
    let line = Some(OrderKey([1; 16]));
    let new = NewDelivery { order: line, ..correction(&world, original.delivery, Lane::Routine) };
    let corrected = new.id;
    world.arrive(world.arrival(vec![new])).await;
    let later = world.owe(Some(1)).await;
    assert!(desk.heard(&world).await.taken.is_empty(), "the later one is not handed over past it");
    assert_eq!(world.row(later).await.follows, Some(corrected));
    world.settle(&original, End::Delivered).await;
    let next = world.claim_one().await;
    assert_eq!(next.delivery, corrected);
    world.settle(&next, End::Delivered).await;
    assert_eq!(world.claim_one().await.delivery, later);
}

async fn n5_an_original_that_ended_holds_nobody(world: World) {
    let original = world.owe(None).await;
    let claim = world.claim_one().await;
    world.settle(&claim, End::Delivered).await;
    let corrected = correct(&world, original).await;
    assert_eq!(critical(&world).await, [corrected]);
}
