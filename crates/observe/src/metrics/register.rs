//! How a metric is made and registered, and which buckets it has.

use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry, Unit};

pub(crate) type Labels<const N: usize> = [(&'static str, &'static str); N];
pub(super) type Timed = Family<Labels<1>, Histogram, Seconds>;

pub(crate) fn listed<M>(to: &mut Registry, name: &str, doc: &str) -> M
where
    M: Metric + Clone + Default,
{
    let metric = M::default();
    to.register(name, doc, metric.clone());
    metric
}

pub(super) fn counted(to: &mut Registry, name: &str, doc: &str) -> Histogram {
    // 1 to 8192: a commit group has at most `limits::GROUP_ROWS`.
    let metric = Histogram::new(exponential_buckets(1.0, 2.0, 14));
    to.register(name, doc, metric.clone());
    metric
}

pub(super) fn timed(to: &mut Registry, name: &str, doc: &str) -> Histogram {
    let metric = Seconds.new_metric();
    to.register_with_unit(name, doc, Unit::Seconds, metric.clone());
    metric
}

pub(super) fn timed_by(to: &mut Registry, name: &str, doc: &str) -> Timed {
    let metric = Family::new_with_constructor(Seconds);
    to.register_with_unit(name, doc, Unit::Seconds, metric.clone());
    metric
}

/// Makes histograms of durations: 0.25 ms to 131 s, each bucket twice the one before.
#[derive(Debug, Clone)]
pub(super) struct Seconds;

impl MetricConstructor<Histogram> for Seconds {
    fn new_metric(&self) -> Histogram {
        Histogram::new(exponential_buckets(0.000_25, 2.0, 20))
    }
}
