//! `GET /admin/monitoring/series`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use model::{Environment, EventType, OrganisationId, Problem, Right, Timestamp, WebhookId, limits};
use serde::{Deserialize, Serialize};
use store::HourTotals;
use utoipa::{IntoParams, ToSchema};

use super::span::Span;
use super::sums::Sums;
use crate::Api;
use crate::caller::Caller;
use crate::params::Params;
use crate::refused::{Refused, Result};
use crate::strict::invalid;

/// Which attempts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// At this webhook; left out, at all of the organisation.
    #[param(value_type = Option<String>)]
    webhook_id: Option<WebhookId>,
    /// For this event type; left out, for all.
    #[param(value_type = Option<String>)]
    event_type: Option<EventType>,
    /// By default a day before `to`; whole hours are taken.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// By default now.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
    /// The length of a point: `1h`, the default, or `1m` for one webhook, over at most 6 hours of the last two days.
    #[param(value_type = Option<String>)]
    step: Option<Step>,
    /// `live`, the default, or `test`: what test events came to, which nothing else counts.
    #[param(value_type = Option<String>)]
    environment: Option<Environment>,
}

/// The length of a point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
enum Step {
    #[default]
    #[serde(rename = "1h")]
    Hour,
    #[serde(rename = "1m")]
    Minute,
}

/// Attempts step by step, oldest first; steps without attempts too.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MonitoringSeries)]
pub(crate) struct Series {
    /// The length of a point: `1h` or `1m`.
    step: &'static str,
    points: Vec<Point>,
}

/// A step.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MonitoringPoint)]
struct Point {
    /// When it began.
    #[schema(value_type = String)]
    at: Timestamp,
    #[serde(flatten)]
    sums: Sums,
}

/// Latency and success hour by hour, or of one webhook minute by minute.
#[utoipa::path(get, path = "/admin/monitoring/series", tag = "monitoring",
    params(Wanted), responses((status = 200, body = Series)))]
pub(crate) async fn series(
    State(api): State<Api>,
    caller: Caller,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Series>> {
    caller.needs(Right::Look)?;
    let span = Span::read(wanted.from, wanted.to, api.clock.now())?;
    let environment = wanted.environment.unwrap_or(Environment::Live);
    let webhook = match wanted.webhook_id {
        Some(id) => {
            let now = api.settings.now();
            Some(now.webhook(caller.organisation(), id).ok_or_else(Refused::not_found)?.id)
        }
        None => None,
    };
    if wanted.step == Some(Step::Minute) {
        let webhook = by_minute(webhook, wanted.event_type.as_ref(), span)?;
        return Ok(Json(api.minutes((webhook, environment), span).await?));
    }
    let webhooks = match webhook {
        Some(webhook) => vec![webhook],
        None => api.called_since((caller.organisation(), environment), span.from).await?,
    };
    let mut hours: BTreeMap<i64, HourTotals> =
        (span.from.hour()..=span.to.hour()).map(|hour| (hour, HourTotals::default())).collect();
    for webhook in webhooks {
        let flow = api.store.flow((webhook, environment), span.from, span.to).await?;
        let is_wanted = |name: &EventType| wanted.event_type.as_ref().is_none_or(|wanted| wanted == name);
        for row in flow.iter().filter(|row| is_wanted(&row.event_type)) {
            hours.entry(row.totals.hour).or_default().add(&row.totals);
        }
    }
    Ok(Json(Series::of("1h", 3_600_000, hours)))
}

/// The webhook whose minutes are asked for, if they are kept like this.
fn by_minute(
    webhook: Option<WebhookId>,
    event_type: Option<&EventType>,
    span: Span,
) -> Result<WebhookId, Problem> {
    if event_type.is_some() {
        let why = "Minutes are kept of a webhook as a whole, not of its event types.";
        return Err(invalid("eventType", why).fix("Leave eventType out, or ask for step=1h."));
    }
    if span.to.since(span.from) > limits::MINUTES_SHOWN {
        let hours = limits::MINUTES_SHOWN.as_secs() / 3_600;
        let why = format!("At most {hours} hours by the minute.");
        return Err(invalid("from", why).fix("Ask for a shorter span, or for step=1h."));
    }
    webhook.ok_or_else(|| {
        let why = "Minutes are told of one webhook at a time.";
        invalid("webhookId", why).fix("Name a webhook, or ask for step=1h.")
    })
}

impl Series {
    fn of(step: &'static str, millis: i64, steps: BTreeMap<i64, HourTotals>) -> Self {
        let point = |(step, totals): (i64, HourTotals)| Point {
            at: Timestamp::from_millis(step * millis),
            sums: Sums::of(&totals),
        };
        Series { step, points: steps.into_iter().map(point).collect() }
    }
}

impl Api {
    /// The minutes of a webhook.
    async fn minutes(&self, of: (WebhookId, Environment), span: Span) -> Result<Series> {
        let mut minutes: BTreeMap<i64, HourTotals> =
            (span.from.minute()..=span.to.minute()).map(|minute| (minute, HourTotals::default())).collect();
        for beat in self.store.beats(of, span.from, span.to).await? {
            minutes.insert(beat.minute, beat.totals);
        }
        Ok(Series::of("1m", 60_000, minutes))
    }

    /// The webhooks of an organisation that were called at or after a time; of tests it is not kept who was.
    async fn called_since(
        &self,
        (organisation, environment): (OrganisationId, Environment),
        then: Timestamp,
    ) -> Result<Vec<WebhookId>> {
        let ids: Vec<WebhookId> = self.webhooks_of(organisation).iter().map(|found| found.id).collect();
        if environment == Environment::Test {
            return Ok(ids);
        }
        let records = self.store.latest(&ids).await?;
        let called = records.into_iter().filter(|record| {
            let last = record.last_success.max(record.last_failure);
            last.is_some_and(|last| last.hour() >= then.hour())
        });
        Ok(called.map(|record| record.webhook).collect())
    }
}
