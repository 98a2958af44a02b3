//! `GET /admin/retention`

use axum::Json;
use axum::extract::State;
use model::{Right, Span, limits};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Api;
use crate::caller::Caller;
use crate::refused::Result;

/// How long things are kept.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Contents of events whose deliveries have ended.
    pub bodies: Span,
    /// Dead letters.
    pub dead_letters: Span,
    /// Events, deliveries and attempts without their contents.
    pub log: Span,
    /// The audit log.
    pub audit: Span,
}

/// How long things are kept, as the configuration of the server says.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RetentionPeriods)]
pub(crate) struct Shown {
    /// Contents of events and raw messages, from the end of the last delivery.
    #[schema(value_type = String, example = "168h")]
    bodies: Span,
    /// Dead letters, from when they were given up.
    #[schema(value_type = String)]
    dead_letters: Span,
    /// Events, deliveries, attempts and hourly sums, without contents.
    #[schema(value_type = String)]
    log: Span,
    /// Rows of the audit log.
    #[schema(value_type = String)]
    audit: Span,
    /// How long a sender's id makes calls idempotent.
    #[schema(value_type = String)]
    dedupe: Span,
    /// Sums by the minute.
    #[schema(value_type = String)]
    minutes: Span,
    /// Whether nothing is removed, because the clock is not believed: see `/admin/retention/clock`.
    stopped: bool,
}

/// How long things are kept.
#[utoipa::path(get, path = "/admin/retention", tag = "retention", responses((status = 200, body = Shown)))]
pub(crate) async fn periods(State(api): State<Api>, caller: Caller) -> Result<Json<Shown>> {
    caller.needs(Right::Look)?;
    let Retention { bodies, dead_letters, log, audit } = api.options.retention;
    Ok(Json(Shown {
        bodies,
        dead_letters,
        log,
        audit,
        dedupe: log.max(Span(limits::DEDUPE)),
        minutes: Span(limits::MINUTES_KEPT),
        stopped: api.metrics.is_retention_stopped(),
    }))
}
