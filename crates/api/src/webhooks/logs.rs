//! `GET /admin/integration/{id}/webhooks/{webhookId}/logs`

use axum::Json;
use axum::extract::State;
use model::{
    Attempt, EventType, IntegrationId, Problem, Right, TemplateVersion, Timestamp, WebhookId, limits,
};
use serde::{Deserialize, Serialize};
use store::{AttemptFilter, Page};
use utoipa::{IntoParams, ToSchema};

use super::find;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::page::{List, Listed, Types, Window};
use crate::params::Params;
use crate::refused::Result;
use crate::strict::invalid;

/// Which attempts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// 1 to 250, by default 50.
    limit: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// `delivered`, `failed`, an HTTP status such as `503`, or a class of them such as `5xx`.
    status: Option<String>,
    /// Only this event type; `lab.*` is every type below `lab`, `*` every type.
    #[param(value_type = Option<String>)]
    event_type: Option<Types>,
    /// Begun at or after.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Begun before.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
}

/// One call for a delivery.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LogEntry)]
pub(crate) struct Entry {
    id: String,
    delivery_id: String,
    event_id: String,
    event_type: String,
    /// Its number, from 1.
    attempt: u16,
    #[schema(value_type = String)]
    at: Timestamp,
    /// `delivered` or `failed`.
    outcome: &'static str,
    /// The HTTP status, if there was one.
    status: Option<u16>,
    /// What went wrong: a category with a page of its own.
    error: Option<&'static str>,
    duration_ms: u32,
    timings: Timings,
    #[schema(value_type = Option<String>)]
    next_retry_at: Option<Timestamp>,
    /// The template that made its body, or failed to; null without one.
    #[schema(value_type = Option<String>)]
    template_version: Option<TemplateVersion>,
}

/// How long each part took, in milliseconds; 0 for a part that was not needed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AttemptTimings)]
struct Timings {
    dns_ms: f64,
    connect_ms: f64,
    tls_ms: f64,
    /// From the first byte sent to the first byte of the answer.
    first_byte_ms: f64,
    total_ms: f64,
}

impl Timings {
    fn of(timings: model::Timings) -> Self {
        let ms = |micros: u32| f64::from(micros) / 1_000.0;
        let model::Timings { dns, connect, tls, first_byte, total } = timings;
        Timings {
            dns_ms: ms(dns),
            connect_ms: ms(connect),
            tls_ms: ms(tls),
            first_byte_ms: ms(first_byte),
            total_ms: ms(total),
        }
    }
}

/// The attempts at a webhook, newest first.
#[utoipa::path(get, path = "/admin/integration/{id}/webhooks/{webhookId}/logs", tag = "webhooks",
    params(Wanted), responses((status = 200, body = Listed<Entry>)))]
pub(crate) async fn logs(
    State(api): State<Api>,
    caller: Caller,
    At(ids): At<(IntegrationId, WebhookId)>,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Listed<Entry>>> {
    caller.needs(Right::Look)?;
    let webhook = find::webhook(&api.settings.now(), &caller, ids)?.id;
    let window = Window::read(List::Attempts, wanted.limit.as_deref(), wanted.after.as_deref())?;
    let status = Status::read(wanted.status.as_deref())?;
    let Wanted { event_type, from, to, .. } = wanted;
    let event_type = event_type.map(|types| types.0);
    let filter = AttemptFilter { webhook, delivered: status.delivered(), event_type, from, to };
    let page = api.attempts(filter, status, window).await?;
    Ok(Json(window.show(page, |(attempt, event_type)| Entry::of(&attempt, &event_type))))
}

impl Entry {
    /// An attempt as it is shown.
    pub(crate) fn of(attempt: &Attempt, event_type: &EventType) -> Self {
        Entry {
            id: attempt.id.to_string(),
            delivery_id: attempt.delivery.to_string(),
            event_id: attempt.event.to_string(),
            event_type: event_type.to_string(),
            attempt: attempt.number,
            at: attempt.began,
            outcome: if attempt.error.is_none() { "delivered" } else { "failed" },
            status: attempt.status,
            error: attempt.error.map(model::Category::name),
            duration_ms: attempt.timings.total.div_ceil(1_000),
            timings: Timings::of(attempt.timings),
            next_retry_at: attempt.next,
            template_version: attempt.template,
        }
    }
}

impl Api {
    /// A page of attempts. The store knows success and failure; a status is looked for among them.
    async fn attempts(
        &self,
        filter: AttemptFilter,
        status: Status,
        window: Window,
    ) -> Result<Page<(Attempt, EventType)>> {
        let mut after = window.after;
        for _ in 0..limits::SCANNED_PAGES {
            let mut page = self.store.list_attempts(filter.clone(), after, window.limit).await?;
            page.rows.retain(|(attempt, _)| status.fits(attempt));
            if !page.rows.is_empty() || page.next.is_none() {
                return Ok(page);
            }
            after = page.next;
        }
        Ok(Page { rows: Vec::new(), next: after })
    }
}

/// What `status` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Any,
    Delivered,
    Failed,
    Exactly(u16),
    Class(u16),
}

impl Status {
    fn read(text: Option<&str>) -> Result<Status, Problem> {
        let why = "A status is delivered, failed, a number such as 503, or a class such as 5xx.";
        let number = |text: &str, range: std::ops::RangeInclusive<u16>| {
            text.parse().ok().filter(|number| range.contains(number))
        };
        let read = match text {
            None => Some(Status::Any),
            Some("delivered") => Some(Status::Delivered),
            Some("failed") => Some(Status::Failed),
            Some(text) => match text.strip_suffix("xx") {
                Some(class) => number(class, 1..=5).map(Status::Class),
                None => number(text, 100..=599).map(Status::Exactly),
            },
        };
        read.ok_or_else(|| invalid("status", why))
    }

    fn delivered(self) -> Option<bool> {
        match self {
            Status::Any => None,
            Status::Delivered | Status::Class(2) | Status::Exactly(200..=299) => Some(true),
            Status::Failed | Status::Class(_) | Status::Exactly(_) => Some(false),
        }
    }

    fn fits(self, attempt: &Attempt) -> bool {
        match self {
            Status::Any | Status::Delivered | Status::Failed => true,
            Status::Exactly(status) => attempt.status == Some(status),
            Status::Class(class) => attempt.status.is_some_and(|status| status / 100 == class),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_an_outcome_a_number_or_a_class() {
        assert_eq!(Status::read(Some("5xx")).unwrap(), Status::Class(5));
        assert_eq!(Status::read(Some("204")).unwrap().delivered(), Some(true));
        assert_eq!(Status::read(Some("failed")).unwrap().delivered(), Some(false));
        for text in ["", "ok", "6xx", "99", "600", "xx"] {
            assert!(Status::read(Some(text)).is_err(), "{text}");
        }
    }
}
