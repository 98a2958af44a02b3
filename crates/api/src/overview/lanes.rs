//! The four lanes as they are.

use std::collections::HashSet;

use model::{Lane, Timestamp, WebhookId};
use serde::Serialize;
use store::{Pulse, Stands, WAITS};
use utoipa::ToSchema;

use super::Facts;
use crate::percent::Latency;

/// A lane now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OverviewLane)]
pub(super) struct LaneNow {
    #[schema(value_type = String)]
    lane: Lane,
    /// Events accepted a minute, over the last five.
    accepted_per_minute: f64,
    /// Attempts that brought a 2xx a minute, over the last five.
    delivered_per_minute: f64,
    /// From acceptance, or from being owed again, to a 2xx: what was delivered in the last hour.
    latency_ms: Latency,
    /// Deliveries owed.
    pending: u64,
    /// Of those, owed to a webhook that is paused or whose breaker does not flow.
    held: u64,
    /// Since when the oldest is owed, up to 10 s early.
    #[schema(value_type = Option<String>)]
    oldest_waiting_at: Option<Timestamp>,
    /// Webhooks that are owed something here and failed last time, or whose breaker does not flow.
    failing_webhooks: usize,
    /// Dead letters.
    dead_lettered: u64,
}

/// What the store's minutes and the facts say of a lane.
pub(super) fn of(lane: Lane, now: Timestamp, pulses: &[Pulse], facts: &Facts) -> LaneNow {
    let minute = now.minute();
    let own = || pulses.iter().filter(|pulse| pulse.lane == lane);
    let recent = || own().filter(|pulse| minute - RECENT < pulse.minute && pulse.minute <= minute);
    let a_minute = |count: u64| (count as f64 / RECENT as f64 * 10.0).round() / 10.0;
    let mut waits = [0; WAITS];
    for pulse in own().filter(|pulse| minute - 60 < pulse.minute) {
        waits.iter_mut().zip(pulse.waits).for_each(|(sum, more)| *sum += more);
    }
    let owed = || facts.owed().filter(|(found, _)| found.lane == lane);
    let failing = owed().filter(|(_, hook)| hook.failures() > 0 || hook.breaker != "flowing");
    let failing: HashSet<WebhookId> = failing.map(|(found, _)| found.webhook).collect();
    let dead = facts.piles.iter().filter(|found| found.lane == lane && found.place != Stands::Owed);
    LaneNow {
        lane,
        accepted_per_minute: a_minute(recent().map(|pulse| pulse.accepted).sum()),
        delivered_per_minute: a_minute(recent().map(|pulse| pulse.delivered).sum()),
        latency_ms: Latency::of(&waits),
        pending: owed().map(|(found, _)| found.count).sum(),
        held: owed().filter(|(_, hook)| hook.holds()).map(|(found, _)| found.count).sum(),
        oldest_waiting_at: owed().map(|(found, _)| found.first).min(),
        failing_webhooks: failing.len(),
        dead_lettered: dead.map(|found| found.count).sum(),
    }
}

// Minutes over which a rate is taken.
const RECENT: i64 = 5;
