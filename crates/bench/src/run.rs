use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use crate::bench::Bench;
use crate::disk;
use crate::figure::Figure;
use crate::machine::Machine;
use crate::options::{Options, Scenario};
use crate::report::{Outcome, Report, Run};
use crate::scenario;

/// Measures a running server and reports.
///
/// Makes integrations and webhooks named `bench` and deletes them again. A
/// scenario that lacks what it needs is left out with a note in the report. An
/// error means that a run could not be finished; lost events are no error but a
/// figure: see [`Report::is_clean`].
pub async fn run(options: Options) -> Result<Report> {
    let sizes =
        [options.repeat, options.events, options.senders, options.hl7_messages, options.hl7_connections];
    ensure!(!sizes.contains(&0), "nothing to measure: no number of runs, events, messages or senders is 0");
    let mut bench = Bench::new(options).await?;
    let mut machine = Machine::here();
    if let Some(directory) = &bench.options.data_dir {
        machine.disk = Some(disk::measure(directory).await?);
    }
    let mut scenarios = vec![repeat(&mut bench, Scenario::Raw).await?];
    bench.raw = scenarios[0].median.get(&Figure::DeliveriesPerSecond).copied();
    let mut notes = Vec::new();
    let wanted = bench.options.scenarios.iter().copied().filter(|scenario| *scenario != Scenario::Raw);
    for scenario in wanted.collect::<Vec<_>>() {
        match bench.lacks(scenario) {
            Some(what) => notes.push(format!("{} left out: {what}", scenario.name())),
            None => scenarios.push(repeat(&mut bench, scenario).await?),
        }
    }
    Ok(Report { machine, options: bench.options, scenarios, notes })
}

async fn repeat(bench: &mut Bench, scenario: Scenario) -> Result<Outcome> {
    let mut runs = Vec::new();
    for number in 1..=bench.options.repeat {
        bench.say(&format!("{}: run {number} of {}", scenario.name(), bench.options.repeat));
        let played = scenario::play(bench, scenario).await;
        runs.push(played.with_context(|| format!("failed to measure {}", scenario.name()))?);
    }
    Ok(Outcome { scenario, median: medians(&runs), runs })
}

/// The median of each figure that every run has; of an even number of runs, the mean of the middle two.
fn medians(runs: &[Run]) -> BTreeMap<Figure, f64> {
    let Some(first) = runs.first() else { return BTreeMap::new() };
    let median = |figure: &Figure| {
        let mut values: Vec<f64> =
            runs.iter().map(|run| run.figures.get(figure).copied()).collect::<Option<_>>()?;
        values.sort_by(f64::total_cmp);
        let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
        Some((*figure, f64::midpoint(low, high)))
    };
    first.figures.keys().filter_map(median).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::medians;
    use crate::figure::Figure;
    use crate::report::Run;

    #[track_caller]
    fn check(values: &[f64], expected: f64) {
        let run = |value| Run { figures: BTreeMap::from([(Figure::AckP50Ms, value)]), ..Run::default() };
        let runs: Vec<Run> = values.iter().copied().map(run).collect();
        assert_eq!(medians(&runs), BTreeMap::from([(Figure::AckP50Ms, expected)]));
    }

    #[test]
    fn the_median_is_the_middle_run() {
        check(&[3.0], 3.0);
        check(&[9.0, 1.0, 2.0], 2.0);
        check(&[4.0, 1.0, 2.0, 100.0], 3.0);
    }

    #[test]
    fn a_figure_that_one_run_lacks_has_no_median() {
        let with = Run { figures: BTreeMap::from([(Figure::Queued, 1.0)]), ..Run::default() };
        assert!(medians(&[with, Run::default()]).is_empty());
    }
}
