//! An alert rule as it is answered.

use axum::Json;
use http::HeaderMap;
use model::{AlertRule, AlertScope, Notify, Timestamp, Versioned};
use serde::Serialize;
use utoipa::ToSchema;

use crate::etag;

/// An alert rule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AlertRule)]
pub(crate) struct Shown {
    id: String,
    name: String,
    /// `latency`, `success_rate`, `backlog_age`, `silent_source`, `dead_letters`, `webhook_state`,
    /// `rejections`, `signature_failures`, `undecided_triggers` or `certificate_expiry`.
    on: &'static str,
    #[schema(value_type = super::wish::ScopeWish)]
    scope: AlertScope,
    /// Milliseconds, percent, seconds, a number or days, as `on` says.
    threshold: f64,
    /// The span over which it is measured.
    window: String,
    /// `info`, `warning` or `critical`.
    severity: &'static str,
    #[schema(value_type = Vec<super::wish::NotifyWish>)]
    notify: Vec<Notify>,
    active: bool,
    #[schema(value_type = String)]
    created_at: Timestamp,
}

impl Shown {
    /// What there is to see of a rule.
    pub(super) fn of(rule: &AlertRule) -> Self {
        Shown {
            id: rule.id.to_string(),
            name: rule.name.clone(),
            on: rule.on.name(),
            scope: rule.scope.clone(),
            threshold: rule.threshold,
            window: rule.window.to_string(),
            severity: rule.severity.name(),
            notify: rule.notify.clone(),
            active: rule.active,
            created_at: rule.created_at,
        }
    }
}

/// A rule with its version.
pub(super) fn answer(found: &Versioned<AlertRule>) -> (HeaderMap, Json<Shown>) {
    (etag::of(found.version), Json(Shown::of(found)))
}
