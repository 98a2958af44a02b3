//! What is added up while it is written.

use std::sync::Arc;
use std::time::Duration;

use model::{Category, Environment, EventType, IntegrationId, Lane, Timestamp};

use super::World;
use super::world::{again, matched, settled};
use crate::{Arrival, Batch, End, Heard, Pile, Redrive, RedriveFilter, RedriveState, Sample, Stands, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    flows_are_told_apart_by_type_and_lane(World::on(open().await)).await;
    volumes_name_their_source_and_tell_tests_apart(World::on(open().await)).await;
    a_minute_holds_what_flowed_and_the_worst_that_was_seen(World::on(open().await)).await;
    tests_are_summed_up_apart_and_attempts_by_the_minute_too(World::on(open().await)).await;
    what_stands_somewhere_follows_every_move(World::on(open().await)).await;
    redrives_are_listed_for_their_organisation(World::on(open().await)).await;
    the_audit_chain_is_read_from_end_to_end(World::on(open().await)).await;
}

const LATER: Timestamp = Timestamp::from_millis(World::NOW.millis() + 3_600_000);

async fn flows_are_told_apart_by_type_and_lane(world: World) {
    world.owe(None).await;
    let mut urgent = world.delivery(None);
    urgent.lane = Lane::Routine;
    let mut arrival = world.arrival(vec![urgent]);
    arrival.events[0].0.event.event_type = EventType::from("appointment.booked");
    world.arrive(arrival).await;
    let claims = world.claim(2).await;
    let mut failed = world.attempt(&claims[1], Some(Category::Http5xx));
    failed.status = Some(503);
    let attempts = vec![world.attempt(&claims[0], None), failed];
    let batch = Batch {
        settled: vec![settled(&claims[0], End::Delivered)],
        again: vec![again(&claims[1])],
        attempts,
        ..Batch::default()
    };
    world.commit(batch).await;
    let live = (world.webhook, Environment::Live);
    let flow = world.store.flow(live, World::NOW, World::NOW).await.expect("read");
    let told: Vec<_> = flow
        .iter()
        .map(|row| (row.event_type.as_str(), row.lane, row.totals.delivered, row.totals.failed))
        .collect();
    let expected = [("appointment.booked", Lane::Routine, 0, 1), ("lab.result.final", Lane::Routine, 1, 0)];
    assert_eq!(told, expected);
    assert_eq!(flow[0].totals.statuses, [0, 0, 0, 0, 1, 0], "a 503 is a 5xx");
    assert_eq!(flow[1].totals.statuses, [0, 1, 0, 0, 0, 0], "a 204 is a 2xx");
    let records = world.store.latest(&[world.webhook, world.id()]).await.expect("read");
    let record = crate::Latest {
        webhook: world.webhook,
        last_success: Some(World::NOW),
        last_failure: Some(World::NOW),
        failures_in_a_row: 1,
    };
    assert_eq!(records, [record], "who was never called has no record");
    let totals = world.store.totals(live, World::NOW).await.expect("read");
    assert_eq!(totals.hours.len(), 1, "the hours of a webhook are whole");
    assert_eq!((totals.hours[0].delivered, totals.hours[0].failed), (1, 1));
    assert!(world.store.flow(live, LATER, LATER).await.expect("read").is_empty());
}

async fn volumes_name_their_source_and_tell_tests_apart(world: World) {
    world.arrive(world.arrival(Vec::new())).await;
    world.arrive(world.arrival(Vec::new())).await;
    let mut test = world.arrival(Vec::new());
    test.events[0].0.event.test = true;
    test.events[0].0.event.received = LATER;
    world.arrive(test).await;
    let silent: IntegrationId = world.id();
    let volume = world.store.volume(world.organisation, World::NOW, LATER).await.expect("read");
    let told: Vec<_> = volume.iter().map(|row| (row.hour, row.integration, row.test, row.count)).collect();
    let at = World::NOW.hour();
    assert_eq!(told, [(at, world.integration, false, 2), (at + 1, world.integration, true, 1)]);
    let heard = world.store.heard(&[world.integration, silent]).await.expect("read");
    let last = Heard { integration: world.integration, last: LATER, last_live: Some(World::NOW) };
    assert_eq!(heard, [last]);
    let other = world.store.volume(world.id(), World::NOW, LATER).await.expect("read");
    assert!(other.is_empty(), "another organisation sent nothing");
}

async fn a_minute_holds_what_flowed_and_the_worst_that_was_seen(world: World) {
    world.owe(None).await;
    world.owe(None).await;
    let mut test = world.arrival(vec![world.delivery(None)]);
    test.events[0].0.event.test = true;
    world.arrive(test).await;
    let claims = world.claim(3).await;
    let at = World::NOW + Duration::from_millis(900);
    let end = |claim, end| crate::Settled { at, ..settled(claim, end) };
    let batch = Batch {
        settled: vec![
            end(&claims[0], End::Delivered),
            end(&claims[1], End::DeadLettered),
            end(&claims[2], End::Delivered),
        ],
        attempts: vec![
            world.attempt(&claims[0], None),
            world.attempt(&claims[1], Some(Category::Dns)),
            world.attempt(&claims[2], None),
        ],
        samples: vec![sample(&world, 7, 40), sample(&world, 3, 90)],
        ..Batch::default()
    };
    world.commit(batch).await;
    world.commit(Batch { samples: vec![sample(&world, 5, 10)], ..Batch::default() }).await;
    let pulse = world
        .store
        .pulse((world.organisation, Environment::Live), World::NOW, World::NOW)
        .await
        .expect("read");
    let [minute] = pulse.as_slice() else { panic!("one minute of one lane, found {pulse:?}") };
    assert_eq!((minute.minute, minute.lane), (World::NOW.minute(), Lane::Routine));
    assert_eq!((minute.accepted, minute.delivered, minute.failed, minute.dead_lettered), (2, 1, 1, 1));
    assert_eq!((minute.pending, minute.oldest_ms), (7, 90), "the worst of a minute stays");
    assert_eq!((minute.waits[10], minute.waits.iter().sum::<u64>()), (1, 1), "900 ms is under 2¹⁰");
}

// Safety rule T1: tests stay out of statistics; they have their own.
async fn tests_are_summed_up_apart_and_attempts_by_the_minute_too(world: World) {
    world.owe(None).await;
    let mut test = world.arrival(vec![world.delivery(None)]);
    test.events[0].0.event.test = true;
    world.arrive(test).await;
    let claims = world.claim(2).await;
    let settle = claims.iter().map(|claim| settled(claim, End::Delivered)).collect();
    let failed = world.attempt(&claims[1], Some(Category::Dns));
    let attempts = vec![world.attempt(&claims[0], None), failed];
    world.commit(Batch { settled: settle, attempts, ..Batch::default() }).await;
    for (environment, sums) in [(Environment::Live, (1, 0)), (Environment::Test, (0, 1))] {
        let of = (world.webhook, environment);
        let beats = world.store.beats(of, World::NOW, LATER).await.expect("read");
        let [beat] = beats.as_slice() else { panic!("one minute had attempts, found {beats:?}") };
        assert_eq!((beat.minute, beat.totals.hour), (World::NOW.minute(), World::NOW.hour()));
        assert_eq!((beat.totals.delivered, beat.totals.failed), sums);
        let flow = world.store.flow(of, World::NOW, World::NOW).await.expect("read");
        assert_eq!((flow.len(), flow[0].totals.delivered, flow[0].totals.failed), (1, sums.0, sums.1));
        let totals = world.store.totals(of, World::NOW).await.expect("read");
        let last = (totals.last_success.is_some(), totals.last_failure.is_some());
        assert_eq!(last, (sums.0 > 0, sums.1 > 0), "each environment has its own last attempts");
        assert_eq!(totals.failures_in_a_row, 0, "a failed test counts against nobody");
        let of = (world.organisation, environment);
        let pulse = world.store.pulse(of, World::NOW, World::NOW).await.expect("read");
        assert_eq!((pulse.len(), pulse[0].accepted), (1, 1));
        assert_eq!((pulse[0].delivered, pulse[0].failed), sums);
    }
    let elsewhere = (world.id(), Environment::Live);
    assert!(world.store.beats(elsewhere, World::NOW, LATER).await.expect("read").is_empty());
}

fn sample(world: &World, pending: u64, oldest_ms: u64) -> Sample {
    Sample {
        organisation: world.organisation,
        test: false,
        lane: Lane::Routine,
        at: World::NOW,
        pending,
        oldest_ms,
    }
}

async fn what_stands_somewhere_follows_every_move(world: World) {
    let ids = [world.owe(None).await, world.owe(None).await, world.owe(None).await];
    let claims = world.claim(3).await;
    assert_eq!(stands(&world).await, [(Stands::Owed, 3)], "what is claimed is still owed");
    let ends = vec![settled(&claims[0], End::DeadLettered), settled(&claims[1], End::DeadLettered)];
    world.commit(Batch { settled: ends, again: vec![again(&claims[2])], ..Batch::default() }).await;
    let dead = Stands::Dead(Some(Category::Http5xx));
    assert_eq!(stands(&world).await, [(Stands::Owed, 1), (dead, 2)]);
    let found = world.store.piles(&[world.webhook]).await.expect("read");
    let near = |at: Timestamp, found: &Pile| at >= found.first && at.since(found.first).as_secs() < 60;
    assert!(found.iter().all(|found| near(World::NOW, found) && found.last >= found.first));

    world.commit(Batch { revived: vec![ids[0]], ..Batch::default() }).await;
    assert_eq!(stands(&world).await, [(Stands::Owed, 2), (dead, 1)], "what is owed again stands there");
    world.commit(Batch { ended: vec![(ids[1], End::Cancelled)], ..Batch::default() }).await;
    let owed = world.claim_one().await;
    world.settle(&owed, End::Delivered).await;
    assert_eq!(stands(&world).await, [(Stands::Owed, 1)]);
    world.store.end_all(world.webhook, End::Cancelled, World::NOW).await.expect("written");
    assert!(stands(&world).await.is_empty(), "nothing is left behind");

    let anew = world.delivery(None);
    let event = world.row(ids[0]).await.event;
    let addition = crate::Addition { event, at: LATER, deliveries: vec![anew], instead_of: Vec::new() };
    world.commit(Batch { added: vec![addition], ..Batch::default() }).await;
    assert_eq!(stands(&world).await, [(Stands::Owed, 1)], "what is owed anew stands there too");
    world.store.end_all(world.webhook, End::Cancelled, LATER).await.expect("written");
    assert!(stands(&world).await.is_empty(), "and leaves from where it came in");

    let mut test = world.event();
    test.event.test = true;
    let owed = world.delivery(None);
    test.decisions = vec![matched(&owed)];
    world.arrive(Arrival { events: vec![(test, vec![owed])], ..Arrival::default() }).await;
    let found = world.store.piles(&[world.webhook]).await.expect("read");
    assert!(matches!(found[..], [Pile { test: true, count: 1, .. }]), "T1: tests stand apart");
    world.store.end_all(world.webhook, End::Cancelled, LATER).await.expect("written");

    let born_dead = crate::NewDelivery { dead: Some(Category::PolicyWithheld), ..world.delivery(None) };
    let mut event = world.event();
    event.decisions = vec![matched(&born_dead)];
    world.arrive(Arrival { events: vec![(event, vec![born_dead])], ..Arrival::default() }).await;
    assert_eq!(stands(&world).await, [(Stands::Dead(Some(Category::PolicyWithheld)), 1)]);
}

async fn stands(world: &World) -> Vec<(Stands, u64)> {
    let found = world.store.piles(&[world.webhook, world.id()]).await.expect("read");
    found.iter().map(|found| (found.place, found.count)).collect()
}

async fn redrives_are_listed_for_their_organisation(world: World) {
    let redrive = |organisation| Redrive {
        id: world.id(),
        organisation,
        filter: RedriveFilter::default(),
        fresh: false,
        per_second: Some(50),
        planned: 1,
        state: RedriveState::Running,
        progress: crate::Progress::default(),
        created: World::NOW,
    };
    let redrives = vec![redrive(world.organisation), redrive(world.id()), redrive(world.organisation)];
    let own = [redrives[2].id, redrives[0].id];
    world.commit(Batch { redrives, ..Batch::default() }).await;
    let first = world.store.list_redrives(world.organisation, None, 1).await.expect("read");
    let rest = world.store.list_redrives(world.organisation, first.next, 5).await.expect("read");
    assert_eq!([first.rows[0].id, rest.rows[0].id], own, "newest first, and nobody else's");
    assert_eq!((rest.rows.len(), rest.next), (1, None));
}

async fn the_audit_chain_is_read_from_end_to_end(world: World) {
    world.owe(None).await;
    let entry = |target: &str| audit::Entry {
        at: World::NOW,
        organisation: Some(world.organisation),
        actor: audit::Actor::System,
        action: audit::Action::Update,
        target: target.to_owned(),
        detail: String::new(),
    };
    world.commit(Batch { audit: vec![entry("a"), entry("b")], ..Batch::default() }).await;
    let (base, head) = world.store.audit_ends().await.expect("read");
    let rows = world.store.audit_rows(base.number + 1, 100).await.expect("read");
    assert_eq!(rows.last().map(audit::Row::head), Some(head), "the last row is where the chain ends");
    let numbers: Vec<u64> = rows.iter().map(|row| row.number).collect();
    assert!(numbers.iter().zip(base.number + 1..).all(|(found, expected)| *found == expected));
    let tail = world.store.audit_rows(head.number, 100).await.expect("read");
    assert_eq!(tail.len(), 1);
}
