use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::figure::Figure;
use crate::hl7::RESULTS;
use crate::ledger::Ledger;
use crate::machine::Machine;

/// What one run has measured.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// The figures this scenario has.
    pub figures: BTreeMap<Figure, f64>,
    /// What became of the ids.
    pub tally: Tally,
    /// Curves to draw.
    pub plots: Plots,
}

/// What became of the ids of one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Events that the server has acknowledged.
    pub acknowledged: u64,
    /// Deliveries that arrived, each counted once.
    pub delivered: u64,
    /// Deliveries of acknowledged events that did not arrive.
    pub lost: u64,
    /// Further arrivals of the same delivery.
    pub duplicates: u64,
    /// Requests that carried no id of this run.
    pub strangers: u64,
    /// Deliveries of the sample that came without a signature.
    pub unsigned: u64,
    /// Deliveries that told more than the profile of their webhook allows.
    pub exposed: u64,
    /// Answers of 429, 503 and AE, which the generator obeyed.
    pub pushed_back: u64,
}

/// Curves of one run, as points.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plots {
    /// Milliseconds to the acknowledgement, and the share of events that took at most as long.
    pub acknowledgement: Vec<(f64, f64)>,
    /// Milliseconds to the arrival, and the share of deliveries that took at most as long.
    pub arrival: Vec<(f64, f64)>,
    /// Seconds since the first send, and deliveries per second.
    pub throughput: Vec<(f64, f64)>,
}

impl Run {
    /// The tally and the plots that every run has.
    pub(crate) fn of(ledger: &Ledger) -> Self {
        let plots = Plots {
            acknowledgement: distribution(&ledger.acknowledgement()),
            arrival: distribution(&ledger.arrival()),
            throughput: throughput(ledger),
        };
        Self { figures: BTreeMap::new(), tally: ledger.tally(), plots }
    }

    pub(crate) fn rates(&mut self, ledger: &Ledger) {
        let deliveries = per_second(self.tally.delivered, ledger.delivering());
        self.figures.insert(Figure::DeliveriesPerSecond, deliveries);
        self.figures
            .insert(Figure::EventsPerSecond, per_second(self.tally.acknowledged, ledger.acknowledging()));
    }

    pub(crate) fn latencies(&mut self, ledger: &Ledger) {
        let (acknowledgement, arrival) = (ledger.acknowledgement(), ledger.arrival());
        let at = |histogram: &Histogram<u64>, share| millis(histogram.value_at_quantile(share));
        self.figures.insert(Figure::AckP50Ms, at(&acknowledgement, 0.5));
        self.figures.insert(Figure::AckP99Ms, at(&acknowledgement, 0.99));
        self.figures.insert(Figure::ArrivalP50Ms, at(&arrival, 0.5));
        self.figures.insert(Figure::ArrivalP99Ms, at(&arrival, 0.99));
        self.figures.insert(Figure::ArrivalMaxMs, millis(arrival.max()));
    }

    /// CPU time per 1,000 deliveries, where the server's process is known.
    pub(crate) fn cpu(&mut self, spent: Option<Duration>) {
        if let Some(spent) = spent.filter(|_| self.tally.delivered > 0) {
            let each = spent.as_secs_f64() * 1_000.0 / self.tally.delivered as f64;
            self.figures.insert(Figure::CpuMsPer1000, each * 1_000.0);
        }
    }

    /// What reports of HL7 v2 cost, and what share of the server a laboratory's hour takes.
    ///
    /// The rate counts until the last delivery has arrived. Each report of the hour counts as a message of its own,
    /// however many results it has.
    pub(crate) fn reports(&mut self, ledger: &Ledger, spent: Option<Duration>) {
        let messages = self.tally.acknowledged as f64;
        let rate = per_second(self.tally.acknowledged, ledger.delivering());
        self.figures.insert(Figure::MessagesPerSecond, rate);
        self.figures.insert(Figure::ResultsPerSecond, rate * RESULTS as f64);
        self.figures
            .insert(Figure::HourShareOfRatePercent, HOUR_MESSAGES / SECONDS_OF_AN_HOUR / rate * 100.0);
        let Some(spent) = spent.filter(|_| messages > 0.0) else { return };
        let each = spent.as_secs_f64() / messages;
        let cores = Machine::here().cores as f64;
        self.figures.insert(Figure::CpuMsPer1000Results, each * 1_000.0 / RESULTS as f64 * 1_000.0);
        let share = HOUR_MESSAGES * each / (SECONDS_OF_AN_HOUR * cores);
        self.figures.insert(Figure::HourShareOfCpuPercent, share * 100.0);
    }

    pub(crate) fn ratio_to(&mut self, raw: Option<f64>) {
        let deliveries = self.figures.get(&Figure::DeliveriesPerSecond).copied();
        if let Some((deliveries, raw)) = deliveries.zip(raw.filter(|raw| *raw > 0.0)) {
            self.figures.insert(Figure::RatioToRaw, deliveries / raw);
        }
    }
}

/// Points of a cumulative distribution: every percent, and finer towards the end.
fn distribution(histogram: &Histogram<u64>) -> Vec<(f64, f64)> {
    if histogram.is_empty() {
        return Vec::new();
    }
    let percents = (0..100).map(|percent| f64::from(percent) / 100.0);
    let tail = [0.995, 0.999, 0.9995, 0.9999, 1.0];
    percents.chain(tail).map(|share| (millis(histogram.value_at_quantile(share)), share)).collect()
}

fn throughput(ledger: &Ledger) -> Vec<(f64, f64)> {
    let step = (ledger.delivering() / PLOT_STEPS).max(STEP_MIN);
    let rate =
        |(place, count): (usize, u64)| (place as f64 * step.as_secs_f64(), count as f64 / step.as_secs_f64());
    let mut steps = ledger.arrivals_by(step);
    if steps.len() > 1 {
        // The last step is cut short by the end of the run.
        steps.pop();
    }
    steps.into_iter().enumerate().map(rate).collect()
}

/// What a large laboratory sends in an hour.
const HOUR_MESSAGES: f64 = 22_000.0;
const SECONDS_OF_AN_HOUR: f64 = 3_600.0;
const PLOT_STEPS: u32 = 120;
/// Shorter steps would show the scheduler, not the server.
const STEP_MIN: Duration = Duration::from_millis(20);

fn per_second(count: u64, time: Duration) -> f64 {
    if time.is_zero() { 0.0 } else { count as f64 / time.as_secs_f64() }
}

fn millis(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1_000_000.0
}
