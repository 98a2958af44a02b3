//! What is forgotten, and what is not.

use std::sync::Arc;
use std::time::Duration;

use model::{DeliveryState, Timestamp};

use super::World;
use crate::{Arrival, Batch, End, Expiry, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    what_is_owed_is_kept(World::on(open().await)).await;
    what_is_over_is_forgotten(World::on(open().await)).await;
}

const NEVER: Timestamp = Timestamp::from_millis(0);
const NONE: Expiry = Expiry { bodies: NEVER, dead_letters: NEVER, log: NEVER, audit: NEVER };

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
    let all_but_dead = Expiry { bodies: later(), log: later(), ..NONE };
    assert_eq!(expire(&world, all_but_dead).await, 0, "a clock that jumps takes nothing that is owed");
    for id in [dead, pending] {
        let event = world.row(id).await.event;
        let found = world.store.events(&[event]).await.expect("read");
        assert!(found[0].as_ref().is_some_and(|event| event.body.is_some()), "its body is kept");
    }
    expire(&world, Expiry { dead_letters: later(), ..NONE }).await;
    let row = world.row(dead).await;
    assert_eq!(row.state, DeliveryState::Expired, "retention ends a dead letter");
    let log = world.store.list_audit(world.organisation, None, 10).await.expect("read");
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
