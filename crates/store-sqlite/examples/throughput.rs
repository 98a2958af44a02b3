//! How many events a second go through the store: accepted, handed over, settled.
//!
//! `cargo run --release -p store-sqlite --example throughput [events] [directory]`

#![expect(clippy::print_stdout, reason = "figures are its output")]

use std::sync::{Arc, Mutex, PoisonError};

use model::{Clock, Lane, OrderKey, Sealed, SystemClock, WebhookId};
use store::contract::World;
use store::{Arrival, Ask, Backlog, Batch, BlockedKey, Claim, End, Handover, Place, Settled, Store};
use store_sqlite::{Options, SqliteStore};
use tokio::time::Instant;

const BODY: usize = 1_500;
const WEBHOOKS: usize = 10;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let events: usize = arguments.next().map_or(Ok(100_000), |text| text.parse())?;
    let parent = arguments.next().unwrap_or_else(|| "/tmp".into());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    for keyed in [false, true] {
        for group in [1, 16, 64, 128] {
            let dir = tempfile::tempdir_in(&parent)?;
            let events = if group == 1 { events / 20 } else { events };
            runtime.block_on(live(dir.path(), group, (events, keyed)))?;
        }
    }
    let dir = tempfile::tempdir_in(&parent)?;
    runtime.block_on(start(dir.path(), events * 2))?;
    Ok(())
}

/// Whole lives of events, `group` in each commit.
async fn live(dir: &std::path::Path, group: usize, (events, keyed): (usize, bool)) -> store::Result<()> {
    let (store, world) = open(dir)?;
    let sender = Arc::new(Sender::default());
    store.hand_over_to(sender.clone());
    let webhooks: Vec<WebhookId> = (0..WEBHOOKS).map(|_| world.id()).collect();
    let batches: Vec<Vec<Arrival>> =
        (0..events / group).map(|_| arrivals(&world, &webhooks, (group, keyed))).collect();
    let (began, cpu) = (Instant::now(), cpu_millis());
    for arrivals in batches {
        let (settled, attempts) = endings(&world, sender.take_all());
        world.commit(Batch { arrivals, settled, attempts, ..Batch::default() }).await;
    }
    let (wall, cpu) = (began.elapsed().as_secs_f64(), cpu_millis() - cpu);
    let rate = events as f64 / wall;
    let keys = if keyed { "with keys" } else { "no keys  " };
    println!(
        "{keys}, groups of {group:3}: {rate:8.0} events/s, {:6.1} µs CPU and {:6.1} µs wall an event",
        cpu as f64 * 1_000.0 / events as f64,
        wall * 1e6 / events as f64
    );
    store.close();
    Ok(())
}

/// A start with a long queue, as full a memory as there can be before.
async fn start(dir: &std::path::Path, queued: usize) -> store::Result<()> {
    let (store, world) = open(dir)?;
    let webhooks: Vec<WebhookId> = (0..WEBHOOKS).map(|_| world.id()).collect();
    for _ in 0..queued / 500 {
        let arrivals = arrivals(&world, &webhooks, (500, true));
        world.commit(Batch { arrivals, ..Batch::default() }).await;
    }
    let mut held = 0;
    for webhook in webhooks {
        let ask = Ask { webhook, lane: Lane::Routine, max: model::limits::READY / WEBHOOKS };
        held += store.claim(ask).await?.len();
    }
    store.close();
    let began = Instant::now();
    let (store, _) = open(dir)?;
    let opened = began.elapsed();
    let (backlog, _) = store.backlog().await?;
    let count: u64 = backlog.iter().map(|backlog| backlog.count).sum();
    println!(
        "start with {count} queued, {held} of them in memory before: open {opened:?}, backlog known {:?}",
        began.elapsed()
    );
    store.close();
    Ok(())
}

fn open(dir: &std::path::Path) -> store::Result<(Arc<SqliteStore>, World)> {
    let clock = Arc::new(SystemClock);
    let store = SqliteStore::open(dir, Options { audit_key: [1; 32], tag_seed: 1, clock })?;
    let world = World::on(store.clone());
    Ok((store, world))
}

fn arrivals(world: &World, webhooks: &[WebhookId], (count, keyed): (usize, bool)) -> Vec<Arrival> {
    let one = |place: usize| {
        let mut delivery = world.delivery(None);
        delivery.webhook = webhooks[place % webhooks.len()];
        let mut arrival = world.arrival(vec![delivery]);
        let event = &mut arrival.events[0].0;
        let id = model::Id::raw(event.event.id);
        let mixed = id.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        arrival.dedupe = keyed.then(|| mixed.to_be_bytes());
        event.body = Some(Sealed(mixed.to_le_bytes().repeat(BODY / 16)));
        arrival
    };
    (0..count).map(one).collect()
}

fn endings(world: &World, claims: Vec<Claim>) -> (Vec<Settled>, Vec<model::Attempt>) {
    let at = SystemClock.now();
    let attempts = claims.iter().map(|claim| world.attempt(claim, None)).collect();
    let settle = |claim: Claim| Settled {
        delivery: claim.delivery,
        epoch: claim.epoch,
        end: End::Delivered,
        at,
        attempts: 1,
        error: None,
        rendered: None,
    };
    (claims.into_iter().map(settle).collect(), attempts)
}

/// Milliseconds of CPU that this process has used.
fn cpu_millis() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.split_ascii_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    (ticks(13) + ticks(14)) * 10
}

#[derive(Default)]
struct Sender(Mutex<Vec<Claim>>);

impl Sender {
    fn take_all(&self) -> Vec<Claim> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Handover for Sender {
    fn place(&self, _: WebhookId, _: Lane, _: Option<OrderKey>) -> Place {
        Place::Memory
    }

    fn take(&self, claims: Vec<Claim>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(claims);
    }

    fn spilled(&self, _: Vec<Backlog>) {}

    fn released(&self, _: Vec<BlockedKey>) {}

    fn recalled(&self, _: Vec<store::Recall>) {}

    fn hastened(&self, _: Vec<model::DeliveryId>) {}

    fn withdrawn(&self, _: Vec<model::DeliveryId>) {}
}
