//! What is counted for each lane.

use std::sync::atomic::AtomicU64;

use model::{Category, DeliveryState, Lane};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::register::{Labels, Timed, listed, timed_by};

/// What is counted for each lane.
#[derive(Debug)]
pub(super) struct OfLane {
    /// By outcome: 0 is a success, others are the numbers of categories.
    pub(super) attempts: Vec<Counter>,
    pub(super) attempt_seconds: Histogram,
    pub(super) ended: Family<Labels<2>, Counter>,
    pub(super) delivered_seconds: Histogram,
    pub(super) queued: Gauge,
    pub(super) oldest_seconds: Gauge<f64, AtomicU64>,
}

impl OfLane {
    pub(super) fn register(to: &mut Registry) -> [OfLane; 4] {
        let attempts: Family<Labels<2>, Counter> =
            listed(to, "attempts", "Attempts, by lane and outcome: delivered, or what went wrong");
        let attempt: Timed = timed_by(to, "attempt_duration", "Duration of an attempt, by lane");
        let ended: Family<Labels<2>, Counter> =
            listed(to, "deliveries_ended", "Deliveries that came to rest, by lane and state");
        let delivered: Timed = timed_by(to, "delivery_latency", "Time from acceptance to a 2xx, by lane");
        let queued: Family<Labels<1>, Gauge> = listed(to, "queue_deliveries", "Deliveries owed, by lane");
        let oldest: Family<Labels<1>, Gauge<f64, AtomicU64>> =
            listed(to, "queue_oldest_seconds", "Age of the oldest delivery owed, by lane");
        Lane::ALL.map(|lane| {
            let own = [("lane", lane.name())];
            let outcomes = std::iter::once("delivered").chain(Category::ALL.iter().map(|of| of.name()));
            let attempt_of =
                |outcome| attempts.get_or_create_owned(&[("lane", lane.name()), ("outcome", outcome)]);
            OfLane {
                attempts: outcomes.map(attempt_of).collect(),
                attempt_seconds: attempt.get_or_create_owned(&own),
                ended: ended.clone(),
                delivered_seconds: delivered.get_or_create_owned(&own),
                queued: queued.get_or_create_owned(&own),
                oldest_seconds: oldest.get_or_create_owned(&own),
            }
        })
    }
}

/// The name of a state, as a label.
pub(super) fn state_name(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Pending => "pending",
        DeliveryState::Waiting => "waiting",
        DeliveryState::Held => "held",
        DeliveryState::Delivered => "delivered",
        DeliveryState::DeadLettered => "dead_lettered",
        DeliveryState::Cancelled => "cancelled",
        DeliveryState::Withheld => "withheld",
        DeliveryState::Expired => "expired",
    }
}
