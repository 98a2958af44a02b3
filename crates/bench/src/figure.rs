use serde::Serialize;

use crate::options::Scenario;

/// One measured quantity. Its name in JSON carries its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Figure {
    /// Deliveries per second, from the first send to the last arrival.
    DeliveriesPerSecond,
    /// Acknowledgements per second, from the first send to the last of them.
    EventsPerSecond,
    /// Reports of HL7 v2 per second, from the first send to the last arrival of what they raised.
    MessagesPerSecond,
    /// The results in them per second.
    ResultsPerSecond,
    /// CPU of the server per 1,000 results, deliveries included.
    CpuMsPer1000Results,
    /// What share of the rate 22,000 messages an hour are.
    HourShareOfRatePercent,
    /// What share of all cores they take.
    HourShareOfCpuPercent,
    /// Deliveries per second as a share of the raw limit.
    RatioToRaw,
    /// CPU of the server per 1,000 deliveries.
    CpuMsPer1000,
    /// Send to acknowledgement, median.
    AckP50Ms,
    /// Send to acknowledgement, 99 of 100.
    AckP99Ms,
    /// Send to arrival, median.
    ArrivalP50Ms,
    /// Send to arrival, 99 of 100.
    ArrivalP99Ms,
    /// Send to arrival, the slowest.
    ArrivalMaxMs,
    /// fdatasync after an append, just before the run.
    FdatasyncAppendMs,
    /// fdatasync after an overwrite, just before the run.
    FdatasyncOverwriteMs,
    /// Median acknowledgement as a multiple of the appending fdatasync.
    AckPerAppend,
    /// Median acknowledgement as a multiple of the overwriting fdatasync.
    AckPerOverwrite,
    /// Deliveries that were queued when the question was put.
    Queued,
    /// Attempts in flight that each queue's receiver allowed.
    MaxInFlight,
    /// The most memory the server held.
    PeakMemoryMib,
    /// From the start of the process to `/readyz`.
    ReadySeconds,
    /// From the start of the process to the first delivery.
    FirstDeliverySeconds,
}

/// What a figure has to reach.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// The figure without which the work is not done.
    pub at_least: f64,
    /// The figure to work towards.
    pub aim: f64,
    /// Which direction is good.
    pub better: Better,
}

/// Whether more or less of a figure is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Better {
    /// More is good.
    Higher,
    /// Less is good.
    Lower,
}

impl Figure {
    /// The name that people read, with the unit.
    pub fn label(self) -> &'static str {
        match self {
            Self::DeliveriesPerSecond => "deliveries/s",
            Self::EventsPerSecond => "events acknowledged/s",
            Self::MessagesPerSecond => "HL7 messages/s, all delivered",
            Self::ResultsPerSecond => "results/s, all delivered",
            Self::CpuMsPer1000Results => "server CPU per 1,000 results, ms",
            Self::HourShareOfRatePercent => "22,000 messages an hour, % of the rate",
            Self::HourShareOfCpuPercent => "22,000 messages an hour, % of all cores",
            Self::RatioToRaw => "share of the raw limit",
            Self::CpuMsPer1000 => "server CPU per 1,000 deliveries, ms",
            Self::AckP50Ms => "acknowledgement p50, ms",
            Self::AckP99Ms => "acknowledgement p99, ms",
            Self::ArrivalP50Ms => "send to arrival p50, ms",
            Self::ArrivalP99Ms => "send to arrival p99, ms",
            Self::ArrivalMaxMs => "send to arrival max, ms",
            Self::FdatasyncAppendMs => "fdatasync after append, ms",
            Self::FdatasyncOverwriteMs => "fdatasync after overwrite, ms",
            Self::AckPerAppend => "ack p50 / fdatasync (append)",
            Self::AckPerOverwrite => "ack p50 / fdatasync (overwrite)",
            Self::Queued => "deliveries queued",
            Self::MaxInFlight => "in flight per slow receiver",
            Self::PeakMemoryMib => "peak memory of the server, MiB",
            Self::ReadySeconds => "start to ready, s",
            Self::FirstDeliverySeconds => "start to first delivery, s",
        }
    }

    /// What this figure has to reach in `scenario`, where something was promised.
    pub fn target(self, scenario: Scenario) -> Option<Target> {
        let higher = |at_least, aim| Some(Target { at_least, aim, better: Better::Higher });
        let lower = |at_least, aim| Some(Target { at_least, aim, better: Better::Lower });
        match (scenario, self) {
            (Scenario::Throughput, Self::DeliveriesPerSecond) => higher(12_000.0, 24_000.0),
            (Scenario::Throughput, Self::CpuMsPer1000) => lower(120.0, 60.0),
            (Scenario::Fanout, Self::DeliveriesPerSecond) => higher(25_000.0, 45_000.0),
            (Scenario::Latency, Self::AckPerAppend | Self::AckPerOverwrite) => lower(4.0, 2.5),
            (Scenario::Latency, Self::ArrivalP50Ms) => lower(2.0, 1.0),
            (Scenario::Latency, Self::ArrivalP99Ms) => lower(10.0, 4.0),
            (Scenario::Hl7, Self::HourShareOfRatePercent | Self::HourShareOfCpuPercent) => lower(1.0, 0.5),
            (Scenario::Critical, Self::ArrivalP99Ms) => lower(250.0, 50.0),
            (Scenario::Backlog, Self::PeakMemoryMib) => lower(256.0, 128.0),
            (Scenario::Restart, Self::ReadySeconds) => lower(5.0, 1.0),
            (Scenario::Restart, Self::FirstDeliverySeconds) => lower(7.0, 2.0),
            _ => None,
        }
    }
}

impl Target {
    /// `aim`, `met` or `missed`.
    pub fn judge(&self, value: f64) -> &'static str {
        let reaches = |bound: f64| match self.better {
            Better::Higher => value >= bound,
            Better::Lower => value <= bound,
        };
        if reaches(self.aim) {
            "aim"
        } else if reaches(self.at_least) {
            "met"
        } else {
            "missed"
        }
    }
}
