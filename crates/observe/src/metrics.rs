//! What is counted, under which name.
//!
//! Handles are resolved once, so that counting costs an addition. Labels come
//! from closed sets: never a person, a URL or a webhook.

mod lanes; // For each lane.
mod doors; // For each door.
mod register; // How a metric is made.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use model::{Category, DeliveryState, Door, Lane, Timestamp};
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use self::doors::OfDoor;
use self::lanes::{OfLane, state_name};
pub(crate) use self::register::{Labels, listed};
use self::register::{counted, timed};
use crate::alerts::{AlertCounts, Recent};
use crate::tasks;
use crate::traces::Traces;
use crate::worklist::Worklists;

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    lanes: [OfLane; 4],
    doors: [OfDoor; Door::ALL.len()],
    rejected: Family<Labels<2>, Counter>,
    responses: Family<Labels<2>, Counter>,
    deliveries_in_memory: Gauge,
    attempts_in_flight: Gauge,
    breakers_tripped: Gauge,
    breaker_trips: Counter,
    mllp_connections: Gauge,
    mllp_closed: Family<Labels<1>, Counter>,
    websocket_connections: Gauge,
    control_ids_reused: Counter,
    commit_rows: Histogram,
    commit_seconds: Histogram,
    tasks_running: Family<Labels<1>, Gauge>,
    tasks_panicked: Family<Labels<1>, Gauge>,
    start_time_seconds: Gauge<f64, AtomicU64>,
    retention_stopped: Gauge,
    records_resealed: Counter,
    day_keys_dropped: Counter,
    alerts: AlertCounts,
    worklists: Worklists,
    recent: Recent,
    traces: Traces,
}

impl Default for Metrics {
    fn default() -> Self {
        Metrics::new()
    }
}

impl Metrics {
    /// Nothing counted yet.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("carehook");
        let to = &mut registry;
        let lanes = OfLane::register(to);
        let doors = OfDoor::register(to);
        Metrics {
            recent: Recent::default(),
            traces: Traces::default(),
            alerts: AlertCounts::register(to),
            worklists: Worklists::register(to),
            lanes,
            doors,
            rejected: listed(to, "inputs_rejected", "Inputs refused, by door and reason"),
            responses: listed(
                to,
                "responses",
                "Answers of receivers, by lane and class of status; none without one",
            ),
            deliveries_in_memory: listed(to, "deliveries_in_memory", "Deliveries held in memory"),
            attempts_in_flight: listed(to, "attempts_in_flight", "Attempts under way"),
            breakers_tripped: listed(to, "breakers_tripped", "Destinations whose breaker is not flowing"),
            breaker_trips: listed(to, "breaker_trips", "Times a breaker tripped"),
            mllp_connections: listed(to, "mllp_connections", "Open MLLP connections"),
            mllp_closed: listed(
                to,
                "mllp_closed",
                "MLLP connections that we closed or turned away, by reason",
            ),
            websocket_connections: listed(
                to,
                "websocket_connections",
                "Open websockets of FHIR Subscriptions",
            ),
            control_ids_reused: listed(
                to,
                "control_ids_reused",
                "HL7 v2 messages under an MSH-10 that another one had",
            ),
            commit_rows: counted(to, "commit_rows", "Rows of a commit group"),
            commit_seconds: timed(to, "commit", "Duration of a commit group, its fsync included"),
            tasks_running: listed(to, "tasks_running", "Tasks that run, by name"),
            tasks_panicked: listed(to, "tasks_panicked", "Tasks that panicked since the start, by name"),
            start_time_seconds: listed(to, "start_time_seconds", "When the server started, in Unix time"),
            retention_stopped: listed(
                to,
                "retention_stopped",
                "Whether retention waits for a clock it can believe",
            ),
            records_resealed: listed(to, "records_resealed", "Records kept beyond their day, sealed anew"),
            day_keys_dropped: listed(to, "day_keys_dropped", "Keys of days that were dropped for good"),
            registry,
        }
    }

    /// An attempt ended; `micros` is how long it took, `error` what went wrong.
    pub fn attempted(&self, lane: Lane, error: Option<Category>, micros: u32) {
        let of = &self.lanes[lane.index()];
        of.attempts[error.map_or(0, |category| category as usize)].inc();
        of.attempt_seconds.observe(f64::from(micros) / 1e6);
    }

    /// A receiver answered with this status, or not at all.
    pub fn answered(&self, lane: Lane, status: Option<u16>) {
        let class = match status {
            Some(100..200) => "1xx",
            Some(200..300) => "2xx",
            Some(300..400) => "3xx",
            Some(400..500) => "4xx",
            Some(500..600) => "5xx",
            Some(_) => "other",
            None => "none",
        };
        self.responses.get_or_create(&[("lane", lane.name()), ("class", class)]).inc();
    }

    /// What no table takes up, by integration.
    pub fn worklists(&self) -> &Worklists {
        &self.worklists
    }

    /// What happened in the last minutes, for alert rules.
    #[must_use]
    pub fn recent(&self) -> &Recent {
        &self.recent
    }

    /// What took how long, for a collector.
    #[must_use]
    pub fn traces(&self) -> &Traces {
        &self.traces
    }

    /// What is counted of alerts.
    #[must_use]
    pub fn alerts(&self) -> &AlertCounts {
        &self.alerts
    }

    /// A delivery came to rest; `since` is the time from acceptance.
    pub fn ended(&self, lane: Lane, state: DeliveryState, since: Duration) {
        let of = &self.lanes[lane.index()];
        let labels = [("lane", lane.name()), ("state", state_name(state))];
        of.ended.get_or_create(&labels).inc();
        if state == DeliveryState::Delivered {
            of.delivered_seconds.observe(since.as_secs_f64());
        }
    }

    /// How many deliveries of a lane are owed, and for how long the oldest has been.
    pub fn queued(&self, lane: Lane, deliveries: u64, oldest: Duration) {
        let of = &self.lanes[lane.index()];
        of.queued.set(i64::try_from(deliveries).unwrap_or(i64::MAX));
        of.oldest_seconds.set(oldest.as_secs_f64());
    }

    /// How many deliveries are in memory, and how many attempts under way.
    pub fn in_memory(&self, deliveries: usize, in_flight: usize) {
        self.deliveries_in_memory.set(i64::try_from(deliveries).unwrap_or(i64::MAX));
        self.attempts_in_flight.set(i64::try_from(in_flight).unwrap_or(i64::MAX));
    }

    /// A breaker tripped, or flows again.
    pub fn breaker_turned(&self, flowing: bool) {
        if flowing {
            self.breakers_tripped.dec();
        } else {
            self.breakers_tripped.inc();
            self.breaker_trips.inc();
        }
    }

    /// A call was acknowledged: so many events are durable, so many were known before.
    pub fn accepted(&self, door: Door, events: usize, duplicates: usize, took: Duration) {
        let of = &self.doors[door as usize];
        of.accepted.inc_by(events as u64);
        of.duplicates.inc_by(duplicates as u64);
        of.ack_seconds.observe(took.as_secs_f64());
    }

    /// An input was refused. The reason is a code of ours, such as `model::Code::name` gives.
    pub fn rejected(&self, door: Door, reason: &'static str) {
        self.rejected.get_or_create(&[("door", door.name()), ("reason", reason)]).inc();
    }

    /// An MLLP connection is open for as long as the guard lives.
    #[must_use]
    pub fn mllp_connected(&self) -> Connected {
        self.mllp_connections.inc();
        Connected(self.mllp_connections.clone())
    }

    /// A websocket of a client is open for as long as the guard lives.
    #[must_use]
    pub fn socket_opened(&self) -> Connected {
        self.websocket_connections.inc();
        Connected(self.websocket_connections.clone())
    }

    /// A message came under an MSH-10 that another message of the sender had.
    pub fn control_id_reused(&self) {
        self.control_ids_reused.inc();
    }

    /// We closed an MLLP connection or turned it away.
    pub fn mllp_closed(&self, reason: &'static str) {
        self.mllp_closed.get_or_create(&[("reason", reason)]).inc();
    }

    /// A commit group was written.
    pub fn committed(&self, rows: usize, took: Duration) {
        self.commit_rows.observe(rows as f64);
        self.commit_seconds.observe(took.as_secs_f64());
    }

    /// The server started.
    pub fn started(&self, at: Timestamp) {
        self.start_time_seconds.set(at.millis() as f64 / 1e3);
    }

    /// Retention waits for a clock that it can believe, or goes on.
    pub fn retention_stopped(&self, stopped: bool) {
        self.retention_stopped.set(i64::from(stopped));
    }

    /// Whether retention waits for a clock that it can believe.
    #[must_use]
    pub fn is_retention_stopped(&self) -> bool {
        self.retention_stopped.get() != 0
    }

    /// So many records were sealed anew.
    pub fn resealed(&self, records: u64) {
        self.records_resealed.inc_by(records);
    }

    /// The key of a day is gone.
    pub fn day_key_dropped(&self) {
        self.day_keys_dropped.inc();
    }

    /// When the server started, if it was told.
    #[must_use]
    pub fn started_at(&self) -> Option<Timestamp> {
        let millis = self.start_time_seconds.get() * 1e3;
        (millis > 0.0).then(|| Timestamp::from_millis(millis.round() as i64))
    }

    /// The page of `/metrics`, in the text format of `OpenMetrics` 1.0.
    #[must_use]
    pub fn encode(&self) -> String {
        for count in tasks::counts() {
            let labels = [("task", count.name)];
            self.tasks_running.get_or_create(&labels).set(count.running);
            let panicked = i64::try_from(count.panicked).unwrap_or(i64::MAX);
            self.tasks_panicked.get_or_create(&labels).set(panicked);
        }
        let mut page = String::with_capacity(32 << 10);
        text::encode(&mut page, &self.registry).expect("writing to a string does not fail");
        page
    }
}

/// An open connection, counted while it lives.
#[derive(Debug)]
pub struct Connected(Gauge);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests;
