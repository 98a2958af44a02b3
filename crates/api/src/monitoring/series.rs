//! `GET /admin/monitoring/series`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use model::{EventType, OrganisationId, Right, Timestamp, WebhookId};
use serde::{Deserialize, Serialize};
use store::HourTotals;
use utoipa::{IntoParams, ToSchema};

use super::span::Span;
use super::sums::Sums;
use crate::Api;
use crate::caller::Caller;
use crate::params::Params;
use crate::refused::{Refused, Result};

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
}

/// Attempts hour by hour, oldest first; hours without attempts too.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MonitoringSeries)]
pub(crate) struct Series {
    /// The length of a point: `1h`.
    step: &'static str,
    points: Vec<Point>,
}

/// An hour.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MonitoringPoint)]
struct Point {
    /// When it began.
    #[schema(value_type = String)]
    at: Timestamp,
    #[serde(flatten)]
    sums: Sums,
}

/// Latency and success hour by hour.
#[utoipa::path(get, path = "/admin/monitoring/series", tag = "monitoring",
    params(Wanted), responses((status = 200, body = Series)))]
pub(crate) async fn series(
    State(api): State<Api>,
    caller: Caller,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Series>> {
    caller.needs(Right::Look)?;
    let span = Span::read(wanted.from, wanted.to, api.clock.now())?;
    let webhooks = match wanted.webhook_id {
        Some(id) => {
            let now = api.settings.now();
            let found = now.webhook(caller.organisation(), id).ok_or_else(Refused::not_found)?;
            vec![found.id]
        }
        None => api.called_since(caller.organisation(), span.from).await?,
    };
    let mut hours: BTreeMap<i64, HourTotals> =
        (span.from.hour()..=span.to.hour()).map(|hour| (hour, HourTotals::default())).collect();
    for webhook in webhooks {
        let flow = api.store.flow(webhook, span.from, span.to).await?;
        let is_wanted = |name: &EventType| wanted.event_type.as_ref().is_none_or(|wanted| wanted == name);
        for row in flow.iter().filter(|row| is_wanted(&row.event_type)) {
            hours.entry(row.totals.hour).or_default().add(&row.totals);
        }
    }
    let point = |(hour, totals): (i64, HourTotals)| Point {
        at: Timestamp::from_millis(hour * 3_600_000),
        sums: Sums::of(&totals),
    };
    Ok(Json(Series { step: "1h", points: hours.into_iter().map(point).collect() }))
}

impl Api {
    /// The webhooks of an organisation that were called at or after a time.
    async fn called_since(&self, organisation: OrganisationId, then: Timestamp) -> Result<Vec<WebhookId>> {
        let ids: Vec<WebhookId> = self.webhooks_of(organisation).iter().map(|found| found.id).collect();
        let records = self.store.latest(&ids).await?;
        let called = records.into_iter().filter(|record| {
            let last = record.last_success.max(record.last_failure);
            last.is_some_and(|last| last.hour() >= then.hour())
        });
        Ok(called.map(|record| record.webhook).collect())
    }
}
