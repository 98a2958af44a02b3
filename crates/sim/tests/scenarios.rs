//! Scenarios on virtual time. Each prints its seed; the same seed takes the same course.

use std::sync::Arc;
use std::time::Duration;

use model::{DeliveryState, EventId, HookState};
use serde_json::{Value, json};
use sim::{Answer, Behaviour, Heard, Potassium, World, laws};
use store::memory::Durability;

const HOUR: Duration = Duration::from_secs(3_600);

fn up() -> Answer {
    Answer::Status(200, Duration::from_millis(20))
}

fn down_until(end: Duration) -> Behaviour {
    Arc::new(move |at, _| if at < end { Answer::Refused } else { up() })
}

async fn send(world: &World, event_type: &str, count: usize) -> Vec<EventId> {
    let mut accepted = Vec::new();
    for number in 0..count {
        let subject = format!("patient-{}", number % 7);
        accepted.extend(world.send(event_type, &subject, number).await);
    }
    accepted
}

fn taken(heard: &[Heard]) -> usize {
    heard.iter().filter(|heard| heard.taken).count()
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_was_down_for_71_hours_gets_everything() {
    let world = World::new(1).await;
    let hook = world.hook(down_until(71 * HOUR), json!({})).await;
    let accepted = send(&world, "lab.result.available", 300).await;
    assert_eq!(accepted.len(), 300);
    world.pass(74 * HOUR).await;
    let heard = world.heard(&hook.host);
    assert_eq!(taken(&heard), 300, "owed: {:?}", laws::owed(&world).await.len());
    laws::bodies_are_stable(&heard).unwrap();
}

#[tokio::test(start_paused = true)]
async fn after_an_outage_the_first_delivery_comes_within_a_minute_and_a_backlog_is_drained() {
    let world = World::new(2).await;
    let outage = 2 * HOUR;
    let hook = world.hook(down_until(outage), json!({})).await;
    let accepted = send(&world, "lab.result.abnormal", 500).await;
    world.pass(outage + Duration::from_secs(70)).await;
    let first = world.heard(&hook.host).iter().find(|heard| heard.taken).map(|heard| heard.at);
    assert!(first.is_some_and(|at| at <= outage + Duration::from_secs(61)), "{first:?}");
    world.pass(2 * HOUR).await;
    assert_eq!(taken(&world.heard(&hook.host)), accepted.len());
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_never_comes_back_costs_few_attempts_and_loses_nothing() {
    let world = World::new(3).await;
    let hook = world.hook(Arc::new(|_, _| Answer::Status(500, Duration::from_millis(5))), json!({})).await;
    let accepted = send(&world, "lab.result.available", 100).await;
    world.pass(80 * HOUR).await;
    let heard = world.heard(&hook.host);
    // One probe a minute for 72 hours, and what was under way before the breaker tripped.
    assert!(heard.len() < 72 * 60 + 200, "{} attempts", heard.len());
    laws::bodies_are_stable(&heard).unwrap();
    laws::nothing_is_lost(&world, &hook.host, &accepted).await.unwrap();
    assert_eq!(laws::dead(&laws::owed(&world).await), accepted.len());
}

#[tokio::test(start_paused = true)]
async fn order_per_subject_survives_failures_and_crashes() {
    for seed in 10..14 {
        println!("seed {seed}");
        order_survives(seed).await;
    }
}

async fn order_survives(seed: u64) {
    let mut world = World::new(seed).await;
    let retry = json!({"schedule": ["5s", "20s", "60s", "5m"], "horizon": "2h"});
    let hook = world.hook(flaky(seed), json!({"ordering": "subject", "retry": retry})).await;
    let mut accepted = Vec::new();
    for round in 0..6 {
        for number in 0..40 {
            let subject = format!("patient-{}", number % 5);
            accepted.extend(world.send("vital.recorded", &subject, round * 100 + number).await);
        }
        world.pass(Duration::from_millis(30 * (seed % 5 + 1))).await;
        world.crash();
        world.start().await;
    }
    world.pass(3 * HOUR).await;
    let heard = world.heard(&hook.host);
    laws::order_is_kept(&heard).expect("order");
    laws::bodies_are_stable(&heard).expect("stable bodies");
    laws::nothing_is_lost(&world, &hook.host, &accepted).await.expect("nothing lost");
}

/// What a laboratory says of one patient over a day: normal, then critical after all, then withdrawn.
const COURSE: [(&str, &str, &str); 4] =
    [("4.4", "N", "F"), ("6.9", "HH", "C"), ("6.8", "HH", "C"), ("4.5", "N", "C")];

#[tokio::test(start_paused = true)]
async fn n5_corrections_follow_their_originals_through_failures_and_crashes_in_whatever_lane() {
    for seed in 20..26 {
        println!("seed {seed}");
        corrections_follow(seed).await;
    }
}

async fn corrections_follow(seed: u64) {
    let mut world = World::new(seed).await;
    let retry = json!({"schedule": ["5s", "20s", "5m"], "horizon": "8h"});
    let ordering = if seed.is_multiple_of(2) { "none" } else { "subject" };
    let hook = world.hook(flaky(seed), json!({"sources": "all", "ordering": ordering, "retry": retry})).await;
    for (step, (value, flag, status)) in COURSE.into_iter().enumerate() {
        for patient in 0..6 {
            let control = format!("{step}-{patient}");
            let potassium = Potassium { control, patient: format!("{patient}"), value, flag, status };
            assert!(world.report(&potassium).await, "step {step}");
        }
        world.pass(Duration::from_millis(40 * (seed % 4))).await;
        if seed.is_multiple_of(3) {
            world.crash();
            world.start().await;
        }
    }
    world.pass(9 * HOUR).await;
    let heard = world.heard(&hook.host);
    laws::corrections_follow(&heard).expect("corrections follow");
    laws::bodies_are_stable(&heard).expect("stable bodies");
    let critical = heard.iter().filter(|one| one.taken && is_critical(one)).count();
    assert!(critical >= 6, "each patient's critical value arrived: {critical}");
    assert!(laws::owed(&world).await.is_empty(), "{:?}", laws::owed(&world).await);
}

fn is_critical(heard: &Heard) -> bool {
    String::from_utf8_lossy(&heard.body).contains("\"lab.result.critical\"")
}

#[tokio::test(start_paused = true)]
async fn n8_a_critical_correction_takes_its_original_along_past_a_backlog() {
    let world = World::new(27).await;
    // One at a time, a second each: a routine queue of ten minutes.
    let slow = Arc::new(|_: Duration, _: usize| Answer::Status(200, Duration::from_secs(1)));
    let hook = world.hook(slow, json!({"sources": "all", "maxInFlight": 1})).await;
    send(&world, "lab.result.available", 600).await;
    for (step, (value, flag, status)) in COURSE.into_iter().take(2).enumerate() {
        let (control, patient) = (format!("{step}"), "1001".to_owned());
        assert!(world.report(&Potassium { control, patient, value, flag, status }).await);
    }
    world.pass(Duration::from_secs(20)).await;
    let heard = world.heard(&hook.host);
    laws::corrections_follow(&heard).expect("it came after its original");
    assert!(heard.iter().any(|one| one.taken && is_critical(one)), "and past the queue");
}

/// The negative control: a correction that overtakes must be noticed.
#[test]
fn the_laws_notice_a_correction_that_overtakes() {
    let heard = |id: &str, replaces: &str| Heard {
        at: Duration::ZERO,
        id: id.to_owned(),
        body: json!({"id": id, "replaces": replaces}).to_string().into_bytes(),
        taken: true,
    };
    let (original, correction) = (heard("a", ""), heard("b", "a"));
    laws::corrections_follow(&[original.clone(), correction.clone()]).unwrap();
    assert!(laws::corrections_follow(&[correction, original]).is_err());
}

/// A receiver that refuses a third of what it gets.
fn flaky(seed: u64) -> Behaviour {
    let luck =
        move |number: usize| (number as u64 + 1).wrapping_mul(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)) >> 60;
    Arc::new(
        move |_, number| if luck(number) < 5 { Answer::Status(503, Duration::from_millis(3)) } else { up() },
    )
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_ten_years_neither_loses_nor_storms() {
    const YEARS: i64 = 10 * 365 * 86_400_000;
    for jump in [YEARS, -YEARS] {
        let world = World::new(5).await;
        let hook =
            world.hook(down_until(HOUR), json!({"retry": {"schedule": ["30s"], "horizon": "72h"}})).await;
        let accepted = send(&world, "lab.result.abnormal", 50).await;
        world.jump(jump);
        world.pass(4 * HOUR).await;
        world.jump(-jump);
        world.pass(4 * HOUR).await;
        laws::nothing_is_lost(&world, &hook.host, &accepted).await.unwrap();
        laws::attempts_are_bounded(&world.heard(&hook.host), 3).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_stalled_receiver_does_not_hold_back_another() {
    let world = World::new(6).await;
    let stalled = world.hook(Arc::new(|_, _| Answer::Silence), json!({})).await;
    let healthy = world.hook(Arc::new(|_, _| up()), json!({})).await;
    send(&world, "lab.result.available", 400).await;
    world.pass(Duration::from_secs(5)).await;
    assert_eq!(taken(&world.heard(&healthy.host)), 400);
    assert!(world.heard(&stalled.host).len() <= 16, "no more than it may have in flight");
}

#[tokio::test(start_paused = true)]
async fn a_run_repeats_itself_to_the_byte() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let mut world = World::new(7).await;
        let hook = world.hook(down_until(Duration::from_secs(40)), json!({})).await;
        send(&world, "lab.result.critical", 30).await;
        world.crash();
        world.start().await;
        world.pass(HOUR).await;
        runs.push(
            world.heard(&hook.host).into_iter().map(|heard| (heard.at, heard.body)).collect::<Vec<_>>(),
        );
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test(start_paused = true)]
async fn k1_a_dead_letter_of_20_days_is_sent_with_the_same_bytes_after_its_days_key_went() {
    let world = World::new(9).await;
    let failing: Behaviour =
        Arc::new(|at, _| if at < 2 * HOUR { Answer::Status(500, Duration::ZERO) } else { up() });
    let hook = world.hook(failing, json!({"retry": {"schedule": ["1h"], "horizon": "10h"}})).await;
    send(&world, "lab.result.available", 3).await;
    let first = world.days().await;
    for _ in 0..20 {
        // A step of less than a day is believed; only an hour of it is simulated.
        world.jump(23 * 3_600_000);
        world.pass(HOUR).await;
    }
    let owed = laws::owed(&world).await;
    assert_eq!((owed.len(), laws::dead(&owed)), (3, 3), "retention keeps dead letters for 30 days");
    assert!(world.days().await.iter().all(|day| !first.contains(day)), "the key of their day is gone");
    world.redrive(owed.iter().map(|row| row.id).collect()).await;
    world.pass(HOUR).await;
    let heard = world.heard(&hook.host);
    assert!(taken(&heard) == 3 && heard.len() > 3, "each was tried before, and is taken now");
    laws::bodies_are_stable(&heard).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_webhook_without_a_success_for_three_days_is_disabled_and_somebody_hears_of_it() {
    let world = World::new(11).await;
    let broken = world.hook(Arc::new(|_, _| Answer::Status(500, Duration::ZERO)), json!({})).await;
    let changes = json!({"eventTypes": ["webhook.disabled"], "profile": "full", "justification": "watches"});
    let watcher = world.hook(Arc::new(|_, _| up()), changes).await;
    send(&world, "lab.result.available", 20).await;
    world.pass(48 * HOUR).await;
    let mut later = Vec::new();
    for number in 100..105 {
        later.extend(world.send("lab.result.abnormal", "patient-1", number).await);
    }
    world.pass(23 * HOUR).await;
    assert_eq!(world.webhook(broken.id).state, HookState::Active, "three days are not over");
    assert_eq!(world.heard(&watcher.host), []);

    world.pass(2 * HOUR).await;
    assert!(matches!(world.webhook(broken.id).state, HookState::Disabled { .. }));
    let heard = world.heard(&watcher.host);
    let [told] = heard.as_slice() else { panic!("it is told once: {}", heard.len()) };
    let told: Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!((&told["type"], &told["data"]["webhookRef"]), (&json!("webhook.disabled"), &json!(broken.id)));
    let owed = laws::owed(&world).await;
    assert_eq!(
        (owed.len(), laws::dead(&owed)),
        (25, 25),
        "what was owed is in the dead letters, early or not"
    );
    assert!(later.iter().all(|id| owed.iter().any(|row| row.event == *id)));

    let attempts = world.heard(&broken.host).len();
    let new = world.send("lab.result.critical", "patient-1", 200).await.expect("it is accepted");
    world.pass(HOUR).await;
    let rows = laws::owed(&world).await;
    let row = rows.iter().find(|row| row.event == new).expect("what comes new is not lost");
    assert_eq!(row.state, DeliveryState::DeadLettered);
    assert_eq!(world.heard(&broken.host).len(), attempts, "a disabled webhook is not called");
}

/// The negative control: a store that answers before it is durable must be caught.
#[tokio::test(start_paused = true)]
async fn the_laws_notice_a_store_that_forgets() {
    let mut world = World::with(8, Durability::Lossy).await;
    let hook = world.hook(down_until(HOUR), json!({})).await;
    let accepted = send(&world, "lab.result.available", 20).await;
    world.crash();
    world.start().await;
    world.pass(2 * HOUR).await;
    assert!(laws::nothing_is_lost(&world, &hook.host, &accepted).await.is_err());
}
