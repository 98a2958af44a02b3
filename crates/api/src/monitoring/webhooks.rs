//! `GET /admin/monitoring/webhooks`

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use model::{Environment, EventType, Right, Timestamp, Versioned, Webhook};
use serde::{Deserialize, Serialize};
use store::{Flow, HourTotals};
use utoipa::{IntoParams, ToSchema};

use super::span::Span;
use super::sums::Sums;
use crate::Api;
use crate::caller::Caller;
use crate::page::{List, Listed, Window};
use crate::params::Params;
use crate::refused::Result;

/// Which span.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Webhooks on a page: 1 to 250, by default 50.
    limit: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// By default a day before `to`; whole hours are taken.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// By default now.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
    /// `live`, the default, or `test`: what test events came to, which nothing else counts.
    #[param(value_type = Option<String>)]
    environment: Option<Environment>,
}

/// What the attempts at a webhook added up to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MonitoredWebhook)]
pub(crate) struct Monitored {
    webhook_id: String,
    webhook_name: String,
    integration_id: String,
    host: String,
    /// `flowing`, `tripped` or `probing`.
    breaker: &'static str,
    #[serde(flatten)]
    sums: Sums,
    /// The same by event type, the busiest first.
    types: Vec<OfType>,
}

/// What the attempts for one event type added up to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MonitoredType)]
struct OfType {
    event_type: String,
    #[serde(flatten)]
    sums: Sums,
}

/// Latency and success of every webhook, in whole and by event type. Newest webhook first.
#[utoipa::path(get, path = "/admin/monitoring/webhooks", tag = "monitoring",
    params(Wanted), responses((status = 200, body = Listed<Monitored>)))]
pub(crate) async fn webhooks(
    State(api): State<Api>,
    caller: Caller,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Listed<Monitored>>> {
    caller.needs(Right::Look)?;
    let window = Window::read(List::Monitoring, wanted.limit.as_deref(), wanted.after.as_deref())?;
    let span = Span::read(wanted.from, wanted.to, api.clock.now())?;
    let environment = wanted.environment.unwrap_or(Environment::Live);
    let all = api.webhooks_of(caller.organisation());
    let page = window.cut(all.into_iter(), |found| model::Id::row(found.id), |found| found);
    let mut data = Vec::with_capacity(page.data.len());
    for webhook in page.data {
        let flow = api.store.flow((webhook.id, environment), span.from, span.to).await?;
        data.push(api.monitored(&webhook, &flow));
    }
    Ok(Json(Listed { data, next: page.next }))
}

impl Api {
    fn monitored(&self, webhook: &Arc<Versioned<Webhook>>, flow: &[Flow]) -> Monitored {
        let mut whole = HourTotals::default();
        let mut types: BTreeMap<&EventType, HourTotals> = BTreeMap::new();
        for row in flow {
            whole.add(&row.totals);
            types.entry(&row.event_type).or_default().add(&row.totals);
        }
        let mut types: Vec<(&EventType, HourTotals)> = types.into_iter().collect();
        types.sort_by_key(|(_, totals)| std::cmp::Reverse(totals.delivered + totals.failed));
        let of_type = |(name, totals): (&EventType, HourTotals)| OfType {
            event_type: name.to_string(),
            sums: Sums::of(&totals),
        };
        Monitored {
            webhook_id: webhook.id.to_string(),
            webhook_name: webhook.name.clone(),
            integration_id: webhook.integration_id.to_string(),
            host: webhook.url.host().to_string(),
            breaker: self.senders.breaker(webhook.id),
            sums: Sums::of(&whole),
            types: types.into_iter().map(of_type).collect(),
        }
    }
}
