//! What was measured: for programs, for a terminal, for people.

mod run; // The figures, ids and plots of one run.
mod text; // A table for a terminal.
mod escape; // Text within a page.
mod html; // A page that needs nothing else.
mod plot; // Curves as inline SVG.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::figure::{Figure, Target};
use crate::machine::Machine;
use crate::options::{Options, Scenario};

pub use run::{Plots, Run, Tally};

/// Everything one call of [`crate::run`] has measured.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Where it was measured.
    pub machine: Machine,
    /// What was asked for; without the API key.
    pub options: Options,
    /// One entry per scenario, the raw limit first.
    pub scenarios: Vec<Outcome>,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

/// All runs of one scenario.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Which scenario.
    pub scenario: Scenario,
    /// The median of each figure over the runs.
    pub median: BTreeMap<Figure, f64>,
    /// The runs in the order they were made.
    pub runs: Vec<Run>,
}

impl Report {
    /// Whether every acknowledged event arrived at every destination, signed, and told no more than it may.
    ///
    /// Duplicates are allowed: delivery is at least once.
    pub fn is_clean(&self) -> bool {
        let runs = self.scenarios.iter().flat_map(|outcome| &outcome.runs);
        runs.map(|run| &run.tally).all(|tally| tally.lost == 0 && tally.unsigned == 0 && tally.exposed == 0)
    }

    /// The whole report, with every run and every plot.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a report has text keys and finite numbers")
    }

    /// A table for a terminal.
    pub fn to_text(&self) -> String {
        text::render(self)
    }

    /// A page with plots, complete in one file.
    pub fn to_html(&self) -> String {
        html::render(self)
    }

    /// One line on the machine.
    fn place(&self) -> String {
        let Machine { cores, processor, memory_mib, kernel, disk } = &self.machine;
        let disk = disk.map_or_else(String::new, |disk| {
            let (append, overwrite) = (disk.fdatasync_append_ms, disk.fdatasync_overwrite_ms);
            format!("; fdatasync {append:.2} ms after an append, {overwrite:.2} ms after an overwrite")
        });
        format!("{cores} cores of {processor}, {memory_mib} MiB, Linux {kernel}{disk}")
    }
}

impl Outcome {
    /// The lines of the tables, in the order of [`Figure`].
    fn lines(&self) -> Vec<Line> {
        let line = |(figure, median): (&Figure, &f64)| Line {
            label: figure.label(),
            median: *median,
            runs: self.runs.iter().filter_map(|run| run.figures.get(figure).copied()).collect(),
            target: figure.target(self.scenario),
        };
        self.median.iter().map(line).collect()
    }

    /// One sentence on the ids of all runs.
    fn ids(&self) -> String {
        let sum = |count: fn(&Tally) -> u64| self.runs.iter().map(|run| count(&run.tally)).sum::<u64>();
        format!(
            "{} acknowledged, {} delivered, {} lost, {} duplicates, {} unsigned, {} telling too much, {} pushed back, {} foreign requests",
            sum(|tally| tally.acknowledged),
            sum(|tally| tally.delivered),
            sum(|tally| tally.lost),
            sum(|tally| tally.duplicates),
            sum(|tally| tally.unsigned),
            sum(|tally| tally.exposed),
            sum(|tally| tally.pushed_back),
            sum(|tally| tally.strangers),
        )
    }

    /// The run whose first figure is the median, or as near as there is: the one worth a plot.
    fn typical(&self) -> Option<&Run> {
        let (figure, median) = self.median.first_key_value()?;
        let distance =
            |run: &&Run| run.figures.get(figure).map_or(f64::INFINITY, |value| (value - median).abs());
        self.runs.iter().min_by(|one, other| distance(one).total_cmp(&distance(other)))
    }
}

/// One figure of a scenario, ready to print.
struct Line {
    label: &'static str,
    median: f64,
    runs: Vec<f64>,
    target: Option<Target>,
}

impl Line {
    /// Label, median, runs, bounds and verdict as text.
    fn cells(&self) -> [String; 6] {
        let runs: Vec<String> = self.runs.iter().copied().map(short).collect();
        let bound =
            |of: fn(&Target) -> f64| self.target.as_ref().map(|target| short(of(target))).unwrap_or_default();
        let verdict = self.target.as_ref().map(|target| target.judge(self.median)).unwrap_or_default();
        [
            self.label.to_owned(),
            short(self.median),
            runs.join(" "),
            bound(|target| target.at_least),
            bound(|target| target.aim),
            verdict.to_owned(),
        ]
    }
}

const HEADINGS: [&str; 6] = ["figure", "median", "runs", "at least", "aim", "reached"];

/// Three digits that matter; whole numbers from a hundred on.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests;
