//! Attempts as they are answered.

use std::collections::BTreeMap;

use serde::Serialize;
use store::HourTotals;
use utoipa::ToSchema;

use crate::percent::{Latency, rate};

/// What attempts added up to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AttemptSums)]
pub(super) struct Sums {
    attempts: u64,
    /// Those that brought a 2xx.
    delivered: u64,
    /// Those that did not.
    failed: u64,
    /// Null without attempts.
    success_rate: Option<f64>,
    /// How long attempts took.
    latency_ms: Latency,
    /// Attempts by class: `1xx` to `5xx`, and `none` for those without a status.
    #[schema(value_type = std::collections::BTreeMap<String, u64>)]
    statuses: BTreeMap<&'static str, u64>,
    /// Failures by category.
    #[schema(value_type = std::collections::BTreeMap<String, u64>)]
    errors: BTreeMap<&'static str, u64>,
}

impl Sums {
    /// The answer to totals.
    pub(super) fn of(totals: &HourTotals) -> Self {
        let statuses = CLASSES.into_iter().zip(totals.statuses).filter(|(_, count)| *count > 0);
        Sums {
            attempts: totals.delivered + totals.failed,
            delivered: totals.delivered,
            failed: totals.failed,
            success_rate: rate(totals.delivered, totals.failed),
            latency_ms: Latency::of(&totals.latency),
            statuses: statuses.collect(),
            errors: totals.errors.iter().map(|(category, count)| (category.name(), *count)).collect(),
        }
    }
}

const CLASSES: [&str; 6] = ["1xx", "2xx", "3xx", "4xx", "5xx", "none"];
