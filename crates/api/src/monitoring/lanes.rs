//! `GET /admin/monitoring/lanes`

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use model::{Environment, Lane, Right, Timestamp};
use serde::{Deserialize, Serialize};
use store::Pulse;
use utoipa::{IntoParams, ToSchema};

use super::span::Span;
use crate::Api;
use crate::caller::Caller;
use crate::params::Params;
use crate::percent::Latency;
use crate::refused::Result;

/// Which span.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// By default a day before `to`. Minutes are kept for two days.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// By default now.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
    /// `live`, the default, or `test`: what test events came to, which nothing else counts.
    #[param(value_type = Option<String>)]
    environment: Option<Environment>,
}

/// The lanes step by step.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LaneSeries)]
pub(crate) struct Series {
    /// The length of a point: `1m` for a span of up to two hours, else `15m`.
    step: &'static str,
    lanes: Vec<OfLane>,
}

/// A lane step by step, oldest first; steps in which nothing happened too.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LaneHistory)]
struct OfLane {
    #[schema(value_type = String)]
    lane: Lane,
    points: Vec<Point>,
}

/// A step.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LanePoint)]
struct Point {
    /// When it began.
    #[schema(value_type = String)]
    at: Timestamp,
    /// Events accepted.
    accepted: u64,
    /// Attempts that brought a 2xx.
    delivered: u64,
    /// Attempts that did not.
    failed: u64,
    /// Deliveries given up.
    dead_lettered: u64,
    /// The most deliveries that were owed when it was looked, every 10 s; tests are counted, among the live.
    pending: u64,
    /// How long the oldest of them had been owed, at most, in milliseconds.
    oldest_ms: u64,
    /// From acceptance to a 2xx.
    latency_ms: Latency,
}

/// What flowed through each lane, and how long its oldest delivery waited.
#[utoipa::path(get, path = "/admin/monitoring/lanes", tag = "monitoring",
    params(Wanted), responses((status = 200, body = Series)))]
pub(crate) async fn lanes(
    State(api): State<Api>,
    caller: Caller,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Series>> {
    caller.needs(Right::Look)?;
    let now = api.clock.now();
    let span = Span::read(wanted.from, wanted.to, now)?;
    // What is older is gone; an answer of a month of empty minutes helps nobody.
    let from = span.from.max(now - model::limits::MINUTES_KEPT);
    let environment = wanted.environment.unwrap_or(Environment::Live);
    let pulses = api.store.pulse((caller.organisation(), environment), from, span.to).await?;
    let (step, minutes) = if span.to.since(from) <= SHORT { ("1m", 1) } else { ("15m", 15) };
    let steps = from.minute().div_euclid(minutes)..=span.to.minute().div_euclid(minutes);
    let of_lane = |lane: Lane| {
        let mut sums: BTreeMap<i64, Pulse> =
            steps.clone().map(|step| (step, Pulse::quiet(step * minutes, lane))).collect();
        for pulse in pulses.iter().filter(|pulse| pulse.lane == lane) {
            if let Some(sum) = sums.get_mut(&pulse.minute.div_euclid(minutes)) {
                sum.add(pulse);
            }
        }
        OfLane { lane, points: sums.values().map(Point::of).collect() }
    };
    Ok(Json(Series { step, lanes: Lane::ALL.into_iter().map(of_lane).collect() }))
}

impl Point {
    fn of(pulse: &Pulse) -> Self {
        let Pulse { accepted, delivered, failed, dead_lettered, pending, oldest_ms, .. } = *pulse;
        Point {
            at: Timestamp::from_millis(pulse.minute * 60_000),
            accepted,
            delivered,
            failed,
            dead_lettered,
            pending,
            oldest_ms,
            latency_ms: Latency::of(&pulse.waits),
        }
    }
}

const SHORT: Duration = Duration::from_secs(2 * 3_600);
