//! How many alerts and notices there are, for metrics.

use std::collections::BTreeMap;

use model::{Severity, Signal};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::metrics::{Labels, listed};

/// What is counted of alerts, notices and exported spans.
#[derive(Debug)]
pub struct AlertCounts {
    open: Family<Labels<2>, Gauge>,
    fired: Family<Labels<2>, Counter>,
    notices: Family<Labels<2>, Counter>,
    spans_exported: Counter,
    spans_dropped: Counter,
}

impl AlertCounts {
    pub(crate) fn register(to: &mut Registry) -> Self {
        AlertCounts {
            open: listed(to, "alerts_open", "Alerts that are open, by signal and severity"),
            fired: listed(to, "alerts_fired", "Alerts that were opened, by signal and severity"),
            notices: listed(to, "notices", "Notices of alerts, by kind and outcome: sent or failed"),
            spans_exported: listed(to, "spans_exported", "Spans that a collector took"),
            spans_dropped: listed(
                to,
                "spans_dropped",
                "Spans lost: the queue was full or no collector took them",
            ),
        }
    }

    /// An alert was opened.
    pub fn fired(&self, on: Signal, severity: Severity) {
        self.fired.get_or_create(&labels(on, severity)).inc();
    }

    /// The alerts that are open now.
    pub fn open(&self, alerts: impl Iterator<Item = (Signal, Severity)>) {
        let mut counts: BTreeMap<(&'static str, &'static str), i64> = BTreeMap::new();
        for on in Signal::ALL {
            for severity in Severity::ALL {
                counts.insert((on.name(), severity.name()), 0);
            }
        }
        for (on, severity) in alerts {
            *counts.entry((on.name(), severity.name())).or_default() += 1;
        }
        for ((on, severity), count) in counts {
            self.open.get_or_create(&[("signal", on), ("severity", severity)]).set(count);
        }
    }

    /// A notice was sent, or failed to be.
    pub fn noticed(&self, kind: &'static str, is_sent: bool) {
        let outcome = if is_sent { "sent" } else { "failed" };
        self.notices.get_or_create(&[("kind", kind), ("outcome", outcome)]).inc();
    }

    /// A collector took spans.
    pub fn spans_exported(&self, count: usize) {
        self.spans_exported.inc_by(count as u64);
    }

    /// Spans were lost.
    pub fn spans_dropped(&self, count: usize) {
        self.spans_dropped.inc_by(count as u64);
    }
}

fn labels(on: Signal, severity: Severity) -> Labels<2> {
    [("signal", on.name()), ("severity", severity.name())]
}
