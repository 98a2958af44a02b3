//! What each scenario does in one run.
//!
//! Every run builds its own stage, so that nothing queued by one run is left
//! for the next, and ends with figures, a tally of the ids and plots.

mod flow; // Closed and open loops to prompt receivers: raw, throughput, fanout, latency, hl7.
mod queue; // What happens around a long queue: critical, backlog, restart.

use anyhow::Result;

use crate::bench::Bench;
use crate::options::Scenario;
use crate::report::Run;

/// One run of `scenario`.
pub(crate) async fn play(bench: &mut Bench, scenario: Scenario) -> Result<Run> {
    match scenario {
        Scenario::Raw => flow::raw(bench).await,
        Scenario::Throughput => flow::closed(bench, bench.options.events, 1).await,
        Scenario::Fanout => flow::closed(bench, bench.options.events.div_ceil(2), 5).await,
        Scenario::Latency => flow::open(bench).await,
        Scenario::Hl7 => flow::reports(bench).await,
        Scenario::Critical => queue::critical(bench).await,
        Scenario::Backlog => queue::backlog(bench).await,
        Scenario::Restart => queue::restart(bench).await,
    }
}

#[cfg(test)]
mod stand_in;
#[cfg(test)]
mod tests;
