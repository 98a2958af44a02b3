//! Claimed, settled, put off, given back.

use std::sync::Arc;
use std::time::Duration;

use model::{Category, DeliveryState, HoldReason, Lane, Sealed};

use super::World;
use super::world::{again, settled};
use crate::{Ask, Batch, End, Hold, Reschedule, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    claims_come_by_age_and_once(World::on(open().await)).await;
    a_settlement_counts_once(World::on(open().await)).await;
    what_is_put_off_comes_back_in_time(World::on(open().await)).await;
    a_retry_kept_in_memory_stays_with_its_holder(World::on(open().await)).await;
    what_is_given_back_can_be_claimed_again(World::on(open().await)).await;
}

async fn claims_come_by_age_and_once(world: World) {
    let mut owed = Vec::new();
    for _ in 0..5 {
        owed.push(world.owe(None).await);
    }
    let mut urgent = world.delivery(None);
    urgent.lane = Lane::Critical;
    let critical = urgent.id;
    world.arrive(world.arrival(vec![urgent])).await;

    let first: Vec<_> = world.claim(3).await.into_iter().map(|claim| claim.delivery).collect();
    assert_eq!(first, owed[..3], "the oldest are claimed first, no more than asked for");
    let rest: Vec<_> = world.claim(10).await.into_iter().map(|claim| claim.delivery).collect();
    assert_eq!(rest, owed[3..], "what is claimed is not claimed again");
    let ask = Ask { webhook: world.webhook, lane: Lane::Critical, max: 10 };
    let claims = world.store.claim(ask).await.expect("claimed");
    assert_eq!(claims.len(), 1, "each lane has its own queue");
    let claim = &claims[0];
    assert_eq!((claim.delivery, claim.accepted, claim.attempts), (critical, World::NOW, 0));
    assert_eq!(claim.epoch, world.store.installation().epoch, "a claim carries our epoch");
    assert_eq!(world.due_on_disk().await, 0);
}

async fn a_settlement_counts_once(world: World) {
    let id = world.owe(None).await;
    let claim = world.claim_one().await;
    let mut foreign = claim.clone();
    foreign.epoch -= 1;
    let attempts = vec![world.attempt(&foreign, None)];
    let batch = Batch { settled: vec![settled(&foreign, End::Cancelled)], attempts, ..Batch::default() };
    let done = world.commit(batch).await;
    assert_eq!(done.fenced, [id], "an older epoch settles nothing");
    assert_eq!(world.row(id).await.state, DeliveryState::Pending, "and changes nothing");
    assert_eq!(world.store.attempts_of(id).await.expect("read").len(), 1, "but its call was made");

    let attempts = vec![world.attempt(&claim, None)];
    let batch = Batch { settled: vec![settled(&claim, End::Delivered)], attempts, ..Batch::default() };
    assert!(world.commit(batch).await.fenced.is_empty(), "whoever holds a delivery settles it");
    let row = world.row(id).await;
    assert_eq!((row.state, row.attempts, row.ended), (DeliveryState::Delivered, 1, Some(World::NOW)));
    assert_eq!(world.settle(&claim, End::Delivered).await.fenced, [id], "what has ended cannot end again");
    assert!(world.claim(10).await.is_empty(), "what was delivered is not owed any more");
    assert_eq!(world.store.health().await.unfinished, 0);
}

async fn what_is_put_off_comes_back_in_time(world: World) {
    let id = world.owe(None).await;
    let claim = world.claim_one().await;
    let rendered = Some(Sealed(vec![1; 100]));
    let attempts = vec![world.attempt(&claim, Some(Category::Http5xx))];
    let put_off = Reschedule { rendered: rendered.clone(), ..again(&claim) };
    let due = put_off.due;
    world.commit(Batch { again: vec![put_off], attempts, ..Batch::default() }).await;
    let row = world.row(id).await;
    assert_eq!((row.state, row.due, row.attempts), (DeliveryState::Waiting, Some(due), 1));
    assert_eq!(row.error, Some(Category::Http5xx));
    assert!(world.claim(10).await.is_empty(), "what waits is not claimed");
    let early = world.store.due(due - Duration::from_millis(1), 10).await.expect("due");
    assert!(early.is_empty(), "nothing is due before its time");
    let come = world.store.due(due + Duration::from_millis(1), 10).await.expect("due");
    assert_eq!((come.len(), come[0].webhook, come[0].count), (1, world.webhook, 1));
    let second = world.claim_one().await;
    assert_eq!((second.attempts, second.rendered), (1, true));
    let other = Reschedule { rendered: Some(Sealed(vec![2; 9])), ..again(&second) };
    world.commit(Batch { again: vec![other], ..Batch::default() }).await;
    let kept = world.store.rendered(id).await.expect("read");
    assert_eq!(kept, rendered, "the first rendering stays, so that every attempt has the same bytes");
}

async fn a_retry_kept_in_memory_stays_with_its_holder(world: World) {
    let id = world.owe(None).await;
    let claim = world.claim_one().await;
    let keep = Reschedule { keep: true, ..again(&claim) };
    let late = keep.due + Duration::from_secs(60);
    world.commit(Batch { again: vec![keep], ..Batch::default() }).await;
    assert_eq!(world.row(id).await.state, DeliveryState::Waiting);
    let come = world.store.due(late, 10).await.expect("due");
    assert!(come.is_empty() && world.claim(10).await.is_empty(), "nobody else gets what is kept");
    assert!(world.settle(&claim, End::Delivered).await.fenced.is_empty(), "its holder can settle it");
}

async fn what_is_given_back_can_be_claimed_again(world: World) {
    let id = world.owe(None).await;
    let claim = world.claim_one().await;
    let back = Hold { delivery: id, epoch: claim.epoch, reason: HoldReason::Breaker };
    let done = world.commit(Batch { held: vec![back], ..Batch::default() }).await;
    assert!(done.fenced.is_empty());
    let row = world.row(id).await;
    assert_eq!((row.state, row.held), (DeliveryState::Held, Some(HoldReason::Breaker)));
    assert_eq!(world.settle(&claim, End::Delivered).await.fenced, [id], "who gave it back does not hold it");
    assert_eq!(world.claim_one().await.delivery, id);
    assert_eq!(world.row(id).await.state, DeliveryState::Pending, "what is claimed is not held any more");
}
