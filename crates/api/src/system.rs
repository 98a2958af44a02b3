//! `GET /admin/health`

use axum::Json;
use axum::extract::State;
use model::{Right, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Api;
use crate::audit_verify::{Checked, hex};
use crate::caller::Caller;
use crate::overview::is_low;
use crate::refused::Result;

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SystemHealth)]
pub(crate) struct Shown {
    /// Whether it may take traffic, as `/readyz` says.
    ready: bool,
    version: &'static str,
    /// Whether it runs with `--dev`.
    dev: bool,
    #[schema(value_type = Option<String>)]
    started_at: Option<Timestamp>,
    uptime_ms: u64,
    store: Store,
    disk: Disk,
    clock: Clock,
    audit: Audit,
    /// Where the master key lies; only the admin of the installation is told.
    key_file: Option<String>,
}

/// How the store is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StoreHealth)]
struct Store {
    /// Why writing is impossible, if it is.
    failed: Option<String>,
    /// Bytes of commands that wait for the writer.
    waiting_bytes: usize,
    /// Deliveries that are not finished, dead letters included; of all organisations.
    unfinished: u64,
    /// Size of the data.
    data_bytes: u64,
}

/// How the disk of the data is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DiskHealth)]
struct Disk {
    /// Null where there is no disk, or the system does not say.
    free_bytes: Option<u64>,
    total_bytes: Option<u64>,
    /// Less than 5 GiB and less than a twentieth is free.
    low: bool,
    /// Nothing new is accepted.
    full: bool,
}

/// How the clock is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClockHealth)]
struct Clock {
    #[schema(value_type = String)]
    now: Timestamp,
    /// It jumped by more than a day: nothing is removed until it is believed again.
    jumped: bool,
}

/// How the audit chain is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditHealth)]
struct Audit {
    /// The number of the last durable row.
    head_number: u64,
    /// Its MAC, as hex.
    head_hash: String,
    /// The last check since the start.
    last_verified: Option<Checked>,
}

/// Disk, store, clock, audit chain, version and uptime.
#[utoipa::path(get, path = "/admin/health", tag = "health", responses((status = 200, body = Shown)))]
pub(crate) async fn system(State(api): State<Api>, caller: Caller) -> Result<Json<Shown>> {
    caller.needs(Right::Look)?;
    let health = api.store.health().await;
    let (_, head) = api.store.audit_ends().await?;
    let now = api.clock.now();
    let started_at = api.metrics.started_at();
    let uptime = started_at.map_or(0, |started| now.since(started).as_millis());
    let key_file = api.options.key_file.as_ref().filter(|_| caller.0.installation);
    Ok(Json(Shown {
        ready: health.failed.is_none() && !api.stop.is_stopped(),
        version: env!("CARGO_PKG_VERSION"),
        dev: api.options.dev,
        started_at,
        uptime_ms: u64::try_from(uptime).unwrap_or(u64::MAX),
        disk: Disk {
            free_bytes: health.disk_free_bytes,
            total_bytes: health.disk_bytes,
            low: is_low(&health),
            full: health.disk_full,
        },
        store: Store {
            failed: health.failed,
            waiting_bytes: health.waiting_bytes,
            unfinished: health.unfinished,
            data_bytes: health.data_bytes,
        },
        clock: Clock { now, jumped: api.metrics.is_retention_stopped() },
        audit: Audit {
            head_number: head.number,
            head_hash: hex(&head.mac),
            last_verified: api.verified.last(),
        },
        key_file: key_file.map(|path| path.display().to_string()),
    }))
}
