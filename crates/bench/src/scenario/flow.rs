//! Load to prompt receivers: the raw limit, the closed loops, the open one, and the reports of a laboratory.

use std::time::Duration;

use anyhow::Result;

use crate::bench::Bench;
use crate::disk;
use crate::event::Kind;
use crate::figure::Figure;
use crate::report::Run;
use crate::sender::{Pacing, send_all};
use crate::stage::{Plan, Stage};

/// The same bodies from the generator to the sink, without a server between them.
pub(super) async fn raw(bench: &Bench) -> Result<Run> {
    // Several times faster than any server, so several times as many to last as long.
    let stage = Stage::raw(bench.options.events * 4).await?;
    send_all(&stage.target, &stage.ledger, bench.options.senders, Pacing::Closed).await?;
    let mut run = Run::of(&stage.ledger);
    run.rates(&stage.ledger);
    run.latencies(&stage.ledger);
    Ok(run)
}

/// As many events as the server takes, to `fan_out` destinations each.
pub(super) async fn closed(bench: &Bench, events: usize, fan_out: usize) -> Result<Run> {
    let plan = Plan::prompt(Kind::Routine, events, fan_out);
    Stage::with(&bench.api, &plan, async |stage| {
        let cpu = load(bench, stage, (bench.options.senders, Pacing::Closed)).await?;
        let mut run = Run::of(&stage.ledger);
        run.rates(&stage.ledger);
        run.latencies(&stage.ledger);
        run.cpu(cpu);
        run.ratio_to(bench.raw);
        Ok(run)
    })
    .await
}

/// A steady rate below what the server can take.
pub(super) async fn open(bench: &Bench) -> Result<Run> {
    let disk = match &bench.options.data_dir {
        Some(directory) => Some(disk::measure(directory).await?),
        None => None,
    };
    let plan = Plan::prompt(Kind::Routine, bench.options.paced_events, 1);
    Stage::with(&bench.api, &plan, async |stage| {
        let cpu = load(bench, stage, (bench.options.senders, Pacing::Open(bench.options.rate))).await?;
        let mut run = Run::of(&stage.ledger);
        run.latencies(&stage.ledger);
        run.cpu(cpu);
        let Some(disk) = disk else { return Ok(run) };
        let acknowledged = run.figures.get(&Figure::AckP50Ms).copied().unwrap_or(0.0);
        run.figures.insert(Figure::FdatasyncAppendMs, disk.fdatasync_append_ms);
        run.figures.insert(Figure::FdatasyncOverwriteMs, disk.fdatasync_overwrite_ms);
        run.figures.insert(Figure::AckPerAppend, acknowledged / disk.fdatasync_append_ms);
        run.figures.insert(Figure::AckPerOverwrite, acknowledged / disk.fdatasync_overwrite_ms);
        Ok(run)
    })
    .await
}

/// As many reports of HL7 v2 as the server takes over a few connections.
pub(super) async fn reports(bench: &Bench) -> Result<Run> {
    let plan = Plan::reports(bench.options.hl7_messages);
    Stage::with(&bench.api, &plan, async |stage| {
        let cpu = load(bench, stage, (bench.options.hl7_connections, Pacing::Closed)).await?;
        let mut run = Run::of(&stage.ledger);
        run.rates(&stage.ledger);
        run.latencies(&stage.ledger);
        run.reports(&stage.ledger, cpu);
        Ok(run)
    })
    .await
}

/// Sends everything, waits until it has arrived and answers the CPU time the server took for it.
async fn load(bench: &Bench, stage: &Stage, (senders, pacing): (usize, Pacing)) -> Result<Option<Duration>> {
    let before = bench.cpu()?;
    send_all(&stage.target, &stage.ledger, senders, pacing).await?;
    stage.ledger.settle(bench.options.patience).await;
    let after = bench.cpu()?;
    Ok(after.zip(before).map(|(after, before)| after.saturating_sub(before)))
}
