//! What attempts add up to.

use std::sync::Arc;

use model::Category;

use super::World;
use super::world::{again, settled};
use crate::{Batch, End, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    totals_count_attempts_by_hour(World::on(open().await)).await;
    tests_are_left_out(World::on(open().await)).await;
}

async fn totals_count_attempts_by_hour(world: World) {
    for _ in 0..4 {
        world.owe(None).await;
    }
    let claims = world.claim(3).await;
    let put_off = again(&claims[1]);
    let due = put_off.due;
    let batch = Batch {
        settled: vec![settled(&claims[0], End::Delivered), settled(&claims[2], End::DeadLettered)],
        again: vec![put_off],
        attempts: vec![
            world.attempt(&claims[0], None),
            world.attempt(&claims[1], Some(Category::ReadTimeout)),
            world.attempt(&claims[2], Some(Category::Http5xx)),
        ],
        ..Batch::default()
    };
    world.commit(batch).await;
    let totals =
        world.store.totals((world.webhook, model::Environment::Live), World::NOW).await.expect("read");
    assert_eq!(totals.hours.len(), 1);
    let hour = &totals.hours[0];
    assert_eq!((hour.hour, hour.delivered, hour.failed), (World::NOW.hour(), 1, 2));
    assert_eq!(hour.errors, [(Category::Http5xx, 1), (Category::ReadTimeout, 1)]);
    assert_eq!(hour.latency[3], 3, "5 ms is under 2³");
    assert_eq!((totals.pending, totals.dead_lettered, totals.failures_in_a_row), (2, 1, 2));
    assert_eq!((totals.last_success, totals.last_failure), (Some(World::NOW), Some(World::NOW)));
    assert_eq!(totals.next_retry, Some(due));

    let rest = world.claim(1).await;
    let attempts = vec![world.attempt(&rest[0], None)];
    world
        .commit(Batch { settled: vec![settled(&rest[0], End::Delivered)], attempts, ..Batch::default() })
        .await;
    let totals =
        world.store.totals((world.webhook, model::Environment::Live), World::NOW).await.expect("read");
    assert_eq!((totals.hours[0].delivered, totals.failures_in_a_row, totals.pending), (2, 0, 1));
    let later = World::NOW + std::time::Duration::from_secs(3_600);
    assert!(
        world
            .store
            .totals((world.webhook, model::Environment::Live), later)
            .await
            .expect("read")
            .hours
            .is_empty()
    );
}

// T1: tests stay out of statistics.
async fn tests_are_left_out(world: World) {
    let mut arrival = world.arrival(vec![world.delivery(None)]);
    arrival.events[0].0.event.test = true;
    world.arrive(arrival).await;
    let claim = world.claim_one().await;
    let attempts = vec![world.attempt(&claim, Some(Category::Dns))];
    world
        .commit(Batch { settled: vec![settled(&claim, End::Delivered)], attempts, ..Batch::default() })
        .await;
    let totals =
        world.store.totals((world.webhook, model::Environment::Live), World::NOW).await.expect("read");
    assert!(totals.hours.is_empty() && totals.last_failure.is_none(), "a test counts for nothing");
    assert_eq!(totals.failures_in_a_row, 0);
}
