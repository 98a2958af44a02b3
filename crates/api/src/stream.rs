//! `GET /stream`

use std::collections::HashMap;

use audit::Action;
use axum::Json;
use axum::extract::State;
use matching::Compiled;
use model::{DeliveryState, EventId, Profile, Right, Timestamp, WebhookId};
use privacy::Disclosed;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use store::{Batch, DeliveryRow, NewEvent};
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::caller::Caller;
use crate::page::{List, Window, cursor};
use crate::params::Params;
use crate::refused::{Refused, Result};
use crate::rendered::Body;

/// From where on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// 1 to 250, by default 50.
    limit: Option<String>,
    /// The `next` of the call before; left out, from the oldest that is kept.
    after: Option<String>,
    /// Only of this webhook.
    #[param(value_type = Option<String>)]
    webhook_id: Option<WebhookId>,
}

/// Deliveries, the oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = Stream)]
pub(crate) struct Part {
    data: Vec<Item>,
    /// What to give as `after` to go on from here, now or later.
    next: Option<String>,
}

/// A delivery and what its webhook was sent, or is owed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StreamItem)]
struct Item {
    delivery_id: String,
    event_id: String,
    webhook_id: String,
    #[schema(value_type = String)]
    state: DeliveryState,
    #[schema(value_type = String)]
    accepted_at: Timestamp,
    /// The body; null if it was withheld, cannot be told or is no longer kept.
    #[schema(value_type = Option<serde_json::Value>)]
    body: Option<Box<RawValue>>,
    /// Why it cannot be told, where the webhook's template is to blame: the place in the template and the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// The events of the organisation's webhooks, for catching up after an outage.
///
/// Webhooks with the profile `full` need the right to read contents; what they show is audited.
#[utoipa::path(get, path = "/stream", tag = "stream", params(Wanted), responses((status = 200, body = Part)))]
pub(crate) async fn stream(
    State(api): State<Api>,
    caller: Caller,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Part>> {
    caller.needs(Right::Look)?;
    let window = Window::read(List::Stream, wanted.limit.as_deref(), wanted.after.as_deref())?;
    let now = api.settings.now();
    let webhooks = webhooks(&now, &caller, wanted.webhook_id)?;
    let page = api.store.stream(&webhooks, window.after.unwrap_or(0), window.limit).await?;
    api.audit_full(&now, &caller, &page.rows).await?;
    let end = page.next.or(window.after);
    let next = end.map(|place| cursor(List::Stream, place));
    Ok(Json(Part { data: api.items(&now, page.rows).await?, next }))
}

fn webhooks(now: &Compiled, caller: &Caller, only: Option<WebhookId>) -> Result<Vec<WebhookId>> {
    if only.is_some_and(|id| now.webhook(caller.organisation(), id).is_none()) {
        return Err(Refused::not_found());
    }
    let is_wanted = |id| only.is_none_or(|only| only == id);
    let own = now.config.webhooks.values().filter(|found| found.organisation_id == caller.organisation());
    let wanted: Vec<_> = own.filter(|found| is_wanted(found.id)).collect();
    if wanted.iter().any(|found| found.profile == Profile::Full) {
        caller.needs(Right::Reveal)?;
    }
    Ok(wanted.into_iter().map(|found| found.id).collect())
}

impl Api {
    /// Writes down that contents are shown, before they are.
    async fn audit_full(&self, now: &Compiled, caller: &Caller, rows: &[DeliveryRow]) -> Result<()> {
        let is_full = |row: &&DeliveryRow| {
            now.webhook(row.organisation, row.webhook).is_some_and(|found| found.profile == Profile::Full)
        };
        let shown: Vec<&DeliveryRow> = rows.iter().filter(is_full).collect();
        let (Some(first), Some(last)) = (shown.first(), shown.last()) else { return Ok(()) };
        let detail = format!("{} contents, {} to {}", shown.len(), first.id, last.id);
        let entry = self.entry(caller, Action::Reveal, "stream", &detail);
        self.store.commit(Batch { audit: vec![entry], ..Batch::default() }).await?;
        Ok(())
    }

    async fn items(&self, now: &Compiled, rows: Vec<DeliveryRow>) -> Result<Vec<Item>> {
        let mut ids: Vec<EventId> = rows.iter().map(|row| row.event).collect();
        ids.dedup();
        let stored = self.store.events(&ids).await?;
        let stored: HashMap<EventId, NewEvent> =
            stored.into_iter().flatten().map(|found| (found.event.id, found)).collect();
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            let body = match stored.get(&row.event) {
                Some(event) if row.state != DeliveryState::Withheld => self.body(now, &row, event).await?,
                Some(_) | None => Body::Gone,
            };
            items.push(Item {
                delivery_id: row.id.to_string(),
                event_id: row.event.to_string(),
                webhook_id: row.webhook.to_string(),
                state: row.state,
                accepted_at: row.accepted,
                body: body.told().map(shown).transpose()?,
                problem: body.problem(),
            });
        }
        Ok(items)
    }

    /// What the webhook is sent.
    async fn body(&self, now: &Compiled, row: &DeliveryRow, stored: &NewEvent) -> Result<Body> {
        let Some(webhook) = now.webhook(row.organisation, row.webhook) else { return Ok(Body::Gone) };
        match now.template(webhook) {
            Ok(template) => self.disclosed(row.id, stored, (webhook, template.as_deref())).await,
            Err(unshaped) => Ok(Body::Unshaped(unshaped)),
        }
    }
}

/// A body as it stands in an answer; what is no JSON stands there as a text.
fn shown(told: &Disclosed) -> Result<Box<RawValue>> {
    let body = match told.media.is_json() {
        true => serde_json::from_slice(&told.body),
        false => to_raw_value(&String::from_utf8_lossy(&told.body)),
    };
    body.map_err(|error| Refused::internal(&error))
}
