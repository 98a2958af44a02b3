//! Dead letters, ends by hand, comebacks.

use std::sync::Arc;

use model::{Category, DeliveryState, RedriveId, Timestamp, WebhookId};

use super::world::{again, settled};
use super::{Desk, World};
use crate::{Batch, End, Place, Progress, Redrive, RedriveFilter, RedriveState, Reschedule, Settled, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    a_dead_letter_can_be_owed_again(World::on(open().await)).await;
    a_delivered_one_can_be_owed_again(World::on(open().await)).await;
    a_retry_that_waits_in_memory_is_hastened(World::on(open().await)).await;
    a_person_ends_what_somebody_holds(World::on(open().await)).await;
    everything_owed_to_a_webhook_can_be_ended(World::on(open().await)).await;
    a_redrive_takes_what_its_filter_says(World::on(open().await)).await;
}

async fn a_dead_letter_can_be_owed_again(world: World) {
    let id = world.owe(None).await;
    let claim = world.claim_one().await;
    let sealed = Some(model::Sealed(vec![5; 50]));
    let end = Settled { rendered: sealed.clone(), ..settled(&claim, End::DeadLettered) };
    world.commit(Batch { settled: vec![end], ..Batch::default() }).await;
    let row = world.row(id).await;
    assert_eq!((row.state, row.error), (DeliveryState::DeadLettered, Some(Category::Http5xx)));
    assert_eq!(row.ended, Some(World::NOW), "a dead letter has an end");
    assert!(world.claim(10).await.is_empty(), "a dead letter is not claimed");
    assert_eq!(world.store.health().await.unfinished, 1, "but it is not finished");

    let mut disabled = world.delivery(None);
    disabled.dead = Some(Category::BreakerTripped);
    let parked = disabled.id;
    world.arrive(world.arrival(vec![disabled])).await;
    assert_eq!(world.row(parked).await.state, DeliveryState::DeadLettered, "a disabled webhook's wait there");

    world.commit(Batch { revived: vec![id], ..Batch::default() }).await;
    let again = world.claim_one().await;
    assert_eq!((again.delivery, again.attempts, again.rendered), (id, 1, true), "attempts go on counting");
    assert!(again.accepted >= World::NOW, "the horizon begins anew");
    assert_eq!(world.store.rendered(id).await.expect("read"), sealed, "the bytes stay the same");
    world.settle(&again, End::Delivered).await;
    assert_eq!(world.row(id).await.attempts, 2);
}

async fn a_delivered_one_can_be_owed_again(world: World) {
    let id = world.owe(None).await;
    let claim = world.claim_one().await;
    world.settle(&claim, End::Delivered).await;
    world.commit(Batch { revived: vec![id], ..Batch::default() }).await;
    assert_eq!(world.row(id).await.state, DeliveryState::Pending);
    let again = world.claim_one().await;
    assert_eq!((again.delivery, again.event, again.attempts), (id, claim.event, 1));
    world.settle(&again, End::Cancelled).await;
    world.commit(Batch { revived: vec![id], ..Batch::default() }).await;
    assert_eq!(world.row(id).await.state, DeliveryState::Cancelled, "what a person ended stays ended");

    let waiting = world.owe(None).await;
    let claim = world.claim_one().await;
    world.put_off(&claim).await;
    world.commit(Batch { revived: vec![waiting], ..Batch::default() }).await;
    assert_eq!(world.claim_one().await.delivery, waiting, "what waits can be made due at once");
}

async fn a_retry_that_waits_in_memory_is_hastened(world: World) {
    let desk = Desk::join(&world, Place::Memory);
    let id = world.owe(None).await;
    let claim = desk.heard(&world).await.taken.remove(0);
    world.commit(Batch { revived: vec![id], ..Batch::default() }).await;
    assert_eq!(desk.heard(&world).await.hastened, [id], "its holder may not have told yet that it waits");
    let kept = Reschedule { keep: true, ..again(&claim) };
    let due = kept.due;
    world.commit(Batch { again: vec![kept], ..Batch::default() }).await;
    world.commit(Batch { revived: vec![id], ..Batch::default() }).await;
    let heard = desk.heard(&world).await;
    assert_eq!((heard.on_disk(), heard.hastened), (0, vec![id]), "its holder sends it now");
    let row = world.row(id).await;
    assert_eq!(row.state, DeliveryState::Waiting, "it stays with its holder");
    assert_ne!(row.due, Some(due), "and is no longer put off");
    assert!(world.settle(&claim, End::Delivered).await.fenced.is_empty());
}

async fn a_person_ends_what_somebody_holds(world: World) {
    let id = world.owe(None).await;
    let claim = world.claim_one().await;
    world.commit(Batch { ended: vec![(id, End::Cancelled)], ..Batch::default() }).await;
    assert_eq!(world.row(id).await.state, DeliveryState::Cancelled);
    assert_eq!(world.settle(&claim, End::Delivered).await.fenced, [id], "its holder comes too late");
    assert_eq!(world.row(id).await.state, DeliveryState::Cancelled);
}

async fn everything_owed_to_a_webhook_can_be_ended(world: World) {
    let other: WebhookId = world.id();
    let mut spared = world.delivery(None);
    spared.webhook = other;
    let spared_id = spared.id;
    world.arrive(world.arrival(vec![spared])).await;
    let (held, waiting) = (world.owe(None).await, world.owe(None).await);
    let claims = world.claim(10).await;
    let desk = Desk::join(&world, Place::Disk);
    world.put_off(&claims[1]).await;
    let due = world.owe(None).await;
    let ended = world.store.end_all(world.webhook, End::Cancelled, World::NOW).await.expect("ended");
    assert_eq!(ended, 3, "in memory, waiting and due: all of them end");
    for id in [held, waiting, due] {
        assert_eq!(world.row(id).await.state, DeliveryState::Cancelled);
    }
    assert_eq!(world.row(spared_id).await.state, DeliveryState::Pending, "another webhook's stay");
    assert_eq!(desk.heard(&world).await.withdrawn, [held], "whoever holds one hears of it");
    assert_eq!(world.settle(&claims[0], End::Delivered).await.fenced, [held]);
}

async fn a_redrive_takes_what_its_filter_says(world: World) {
    let mut dead = Vec::new();
    for _ in 0..3 {
        dead.push(world.owe(None).await);
    }
    let delivered = world.owe(None).await;
    let claims = world.claim(10).await;
    for claim in &claims {
        let end = if claim.delivery == delivered { End::Delivered } else { End::DeadLettered };
        world.settle(claim, end).await;
    }
    let filter = RedriveFilter { webhook_id: Some(world.webhook), ..RedriveFilter::default() };
    let plan = async |filter: &RedriveFilter, cursor| {
        world.store.plan_redrive(world.organisation, filter, cursor, 2).await.expect("planned")
    };
    let (count, first) = plan(&filter, 0).await;
    assert_eq!((count, &first[..]), (3, &dead[..2]), "dead letters, by rising id");
    let (_, rest) = plan(&filter, model::Id::row(dead[1])).await;
    assert_eq!(rest, dead[2..], "the cursor goes on behind what was seen");
    let all = RedriveFilter { delivered: true, ..filter.clone() };
    assert_eq!(plan(&all, 0).await.0, 4, "delivered ones too, if asked for");
    let none = RedriveFilter { from: Some(Timestamp::from_millis(i64::MAX >> 16)), ..filter.clone() };
    assert_eq!(plan(&none, 0).await.0, 0);
    let several = |ids: Vec<_>| RedriveFilter { webhook_ids: ids, ..RedriveFilter::default() };
    assert_eq!(plan(&several(vec![world.id(), world.webhook]), 0).await.0, 3, "of one of several webhooks");
    assert_eq!(plan(&several(vec![world.id()]), 0).await.0, 0);

    let id: RedriveId = world.id();
    let redrive = Redrive {
        id,
        organisation: world.organisation,
        filter,
        fresh: true,
        per_second: Some(50),
        planned: 3,
        state: RedriveState::Running,
        progress: Progress::default(),
        created: World::NOW,
    };
    world.commit(Batch { redrives: vec![redrive.clone()], ..Batch::default() }).await;
    assert_eq!(world.store.running_redrives().await.expect("read"), std::slice::from_ref(&redrive));
    let progress = Progress { revived: 3, cursor: model::Id::row(dead[2]) };
    let done = Redrive { state: RedriveState::Done, progress, ..redrive };
    world.commit(Batch { revived: dead, redrives: vec![done.clone()], ..Batch::default() }).await;
    assert_eq!(world.store.find_redrive(id).await.expect("read"), Some(done));
    assert!(world.store.running_redrives().await.expect("read").is_empty());
    assert_eq!(world.due_on_disk().await, 3, "a page is owed and the redrive moved on in one commit");
}
