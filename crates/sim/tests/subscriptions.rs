//! FHIR Subscriptions on virtual time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::{DeliveryState, SubscriptionStatus};
use sim::{Answer, Behaviour, Heard, Hook, World, laws};

const MINUTE: Duration = Duration::from_secs(60);

fn up() -> Answer {
    Answer::Status(200, Duration::from_millis(20))
}

/// Takes everything but between two times.
fn down_between(from: Duration, to: Duration) -> Behaviour {
    Arc::new(
        move |at, _| {
            if (from..to).contains(&at) { Answer::Status(500, Duration::from_millis(20)) } else { up() }
        },
    )
}

fn status(world: &World, hook: &Hook) -> SubscriptionStatus {
    world.webhook(hook.id).subscription.expect("it is one").status
}

async fn send(world: &World, count: usize) {
    for number in 0..count {
        world.send("lab.result.critical", "patient-1", number).await.expect("it is accepted");
    }
}

fn of_kind<'h>(heard: &'h [Heard], kind: &str) -> Vec<&'h Heard> {
    let told =
        |heard: &&Heard| String::from_utf8_lossy(&heard.body).contains(&format!("\"valueCode\":\"{kind}\""));
    heard.iter().filter(told).collect()
}

/// A Subscription that was active, and has failed until it is in error.
async fn in_error(world: &World, end: Duration) -> Hook {
    let hook = world.subscribe(down_between(MINUTE, end)).await;
    world.pass(MINUTE).await;
    assert_eq!(status(world, &hook), SubscriptionStatus::Active);
    send(world, 8).await;
    world.pass(MINUTE).await;
    assert_eq!(status(world, &hook), SubscriptionStatus::Error);
    hook
}

#[tokio::test(start_paused = true)]
async fn an_error_ends_by_itself_once_the_receiver_is_back_where_its_integration_wants_that() {
    let world = World::new(1).await;
    world.auto_recover(true).await;
    let hook = in_error(&world, 30 * MINUTE).await;
    world.pass(27 * MINUTE).await;
    assert_eq!(status(&world, &hook), SubscriptionStatus::Error);
    let probes = of_kind(&world.heard(&hook.host), "handshake").len();
    assert!((5..25).contains(&probes), "less and less often: {probes}");
    world.pass(10 * MINUTE).await;
    assert_eq!(status(&world, &hook), SubscriptionStatus::Active);
    let before = world.heard(&hook.host).len();
    world.send("lab.result.critical", "patient-2", 0).await.expect("it is accepted");
    world.pass(MINUTE).await;
    let after = world.heard(&hook.host);
    assert_eq!(after.len(), before + 1, "what was missed is asked for, and not sent by itself");
    let told = String::from_utf8_lossy(&after.last().unwrap().body).into_owned();
    assert!(told.contains(r#""events-since-subscription-start","valueString":"9""#), "{told}");
}

#[tokio::test(start_paused = true)]
async fn an_error_stays_until_the_client_asks_where_nobody_wants_otherwise() {
    let world = World::new(2).await;
    let hook = in_error(&world, 3 * MINUTE).await;
    world.pass(60 * MINUTE).await;
    assert_eq!(status(&world, &hook), SubscriptionStatus::Error);
    world.ask_again(&hook).await;
    world.pass(MINUTE).await;
    assert_eq!(status(&world, &hook), SubscriptionStatus::Active);
}

#[tokio::test(start_paused = true)]
async fn what_waited_in_memory_when_the_error_came_is_sent_once_after_the_client_has_asked_again() {
    let world = World::new(3).await;
    // The error comes with the first failures; their retries wait in memory for up to a minute.
    let hook = world.subscribe(down_between(MINUTE, MINUTE + Duration::from_secs(2))).await;
    world.pass(MINUTE).await;
    send(&world, 8).await;
    world.pass(Duration::from_secs(2)).await;
    assert_eq!(status(&world, &hook), SubscriptionStatus::Error);
    let before = world.heard(&hook.host).len();
    world.ask_again(&hook).await;
    world.pass(Duration::from_secs(2)).await;
    assert_eq!(status(&world, &hook), SubscriptionStatus::Active);
    let owed = laws::owed(&world).await;
    let dead: Vec<_> =
        owed.iter().filter(|row| row.state == DeliveryState::DeadLettered).map(|row| row.id).collect();
    assert_eq!(dead.len(), 8);
    world.redrive(dead).await;
    world.pass(10 * MINUTE).await;
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for heard in of_kind(&world.heard(&hook.host)[before..], "event-notification") {
        *times.entry(heard.id.clone()).or_default() += 1;
    }
    assert_eq!((times.len(), times.values().max()), (8, Some(&1)), "{times:?}");
}
