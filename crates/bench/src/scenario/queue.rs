//! Around a long queue: who overtakes it, what it weighs, how it survives a kill.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::time::Instant;

use crate::bench::Bench;
use crate::event::Kind;
use crate::figure::Figure;
use crate::process::files_max;
use crate::report::Run;
use crate::sender::{Pacing, send_all};
use crate::sink::Pace;
use crate::stage::{Plan, Stage, Wanted};

/// Critical events to a prompt receiver while routine ones queue for slow receivers.
pub(super) async fn critical(bench: &Bench) -> Result<Run> {
    let options = &bench.options;
    let routine = Plan {
        kind: Kind::Routine,
        events: options.routine_queued,
        integrations: options.slow_receivers.max(1),
        webhooks: vec![Wanted::full(Kind::Routine.event_type(), 1)],
        pace: SLOW_MILLIS,
        timeout: "15s",
        max_in_flight: in_flight(bench, options.slow_receivers, 64),
    };
    let urgent = Plan::prompt(Kind::Critical, options.critical_events, 1);
    Stage::with(&bench.api, &routine, async |slow| {
        Stage::with(&bench.api, &urgent, async |fast| {
            fill(bench, slow).await?;
            let queued = slow.ledger.outstanding();
            let pacing = Pacing::Open(options.critical_rate);
            send_all(&fast.target, &fast.ledger, CRITICAL_SENDERS, pacing).await?;
            fast.ledger.settle(bench.options.patience).await;
            let mut run = Run::of(&fast.ledger);
            run.latencies(&fast.ledger);
            run.figures.insert(Figure::Queued, queued as f64);
            run.figures.insert(Figure::MaxInFlight, routine.max_in_flight as f64);
            Ok(run)
        })
        .await
    })
    .await
}

/// The server's memory while receivers stall.
pub(super) async fn backlog(bench: &Bench) -> Result<Run> {
    let server = bench.server.as_ref().context("the server's process is unknown")?;
    let plan = stalled(bench, "15s");
    Stage::with(&bench.api, &plan, async |stage| {
        if !server.forget_peak() {
            bench.say("the peak of memory cannot be reset: it is that since the server's start");
        }
        fill(bench, stage).await?;
        tokio::time::sleep(bench.options.hold).await;
        let mut run = Run::of(&stage.ledger);
        // Nothing is owed here: the receivers never answer, so what waits is queued, not lost.
        run.tally.lost = 0;
        run.figures.insert(Figure::Queued, run.tally.acknowledged as f64);
        run.figures.insert(Figure::MaxInFlight, plan.max_in_flight as f64);
        run.figures.insert(Figure::PeakMemoryMib, server.peak_memory()? as f64 / 1024.0 / 1024.0);
        Ok(run)
    })
    .await
}

/// `SIGKILL` with a full queue; afterwards the receivers answer and every id must come.
pub(super) async fn restart(bench: &mut Bench) -> Result<Run> {
    let mut server = bench.server.take().context("the server's process is unknown")?;
    let command = bench.options.start_command.clone().context("the start command is unknown")?;
    // No attempt may time out before the kill, or first deliveries would wait for their retry.
    let plan = stalled(bench, "60s");
    let played = Stage::with(&bench.api, &plan, async |stage| {
        fill(bench, stage).await?;
        let ledger = &stage.ledger;
        server.kill().await?;
        // What the dead server had written may still lie in the sockets.
        tokio::time::sleep(LEFTOVERS).await;
        ledger.forget_arrivals();
        stage.pace.change(Pace::PROMPT);
        let started = ledger.now();
        server.start(&command)?;
        let ready = ready(bench).await?;
        bench.say("ready again; the queue drains");
        ledger.settle(bench.options.patience * 2).await;
        let first = ledger.first_arrival().context("nothing was delivered after the restart")?;
        let mut run = Run::of(ledger);
        run.figures.insert(Figure::Queued, run.tally.acknowledged as f64);
        run.figures.insert(Figure::ReadySeconds, ready.as_secs_f64());
        run.figures.insert(Figure::FirstDeliverySeconds, Duration::from_nanos(first - started).as_secs_f64());
        Ok(run)
    })
    .await;
    bench.server = Some(server);
    played
}

/// One integration for each stalled receiver, so that every queued delivery has its own event and body.
fn stalled(bench: &Bench, timeout: &'static str) -> Plan {
    let receivers = bench.options.stalled_receivers.max(1);
    Plan {
        kind: Kind::Routine,
        events: bench.options.queued,
        integrations: receivers,
        webhooks: vec![Wanted::full(Kind::Routine.event_type(), 1)],
        pace: Pace::NEVER,
        timeout,
        max_in_flight: in_flight(bench, receivers, 16),
    }
}

async fn fill(bench: &Bench, stage: &Stage) -> Result<()> {
    bench.say(&format!("{} integrations and webhooks made; the queue fills", stage.size()));
    send_all(&stage.target, &stage.ledger, bench.options.senders, Pacing::Closed).await
}

/// As many attempts in flight as wanted, or as the sinks' file descriptors allow.
fn in_flight(bench: &Bench, receivers: usize, wanted: usize) -> usize {
    let taken = receivers + bench.options.senders + FILES_RESERVED;
    (files_max().saturating_sub(taken) / receivers.max(1)).clamp(1, wanted)
}

/// How long the server takes to be ready again.
async fn ready(bench: &Bench) -> Result<Duration> {
    let started = Instant::now();
    while !bench.api.is_ready().await {
        ensure!(started.elapsed() < READY_MAX, "the server is not ready after {READY_MAX:?}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(started.elapsed())
}

const SLOW_MILLIS: u64 = 2_000;
/// Twenty a second need one; a stall must not hold up the schedule.
const CRITICAL_SENDERS: usize = 16;
/// Standard streams, the runtime's own and a little air.
const FILES_RESERVED: usize = 64;
const LEFTOVERS: Duration = Duration::from_millis(100);
const READY_MAX: Duration = Duration::from_secs(120);
