//! `GET /admin/dead-letters`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use model::{Category, Lane, Right, Timestamp, WebhookId};
use serde::{Deserialize, Serialize};
use store::Stands;
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::caller::Caller;
use crate::overview::Hook;
use crate::page::{List, Listed, Window};
use crate::params::Params;
use crate::refused::Result;

/// Which groups.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// 1 to 250, by default 50.
    limit: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Owed to this webhook.
    #[param(value_type = Option<String>)]
    webhook_id: Option<WebhookId>,
    /// That failed like this.
    #[param(value_type = Option<String>)]
    error: Option<Category>,
}

/// Dead letters of one webhook that failed in the same way; tests are counted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeadLetterGroup)]
pub(crate) struct Group {
    /// What the last attempts brought; null if there was none.
    error: Option<&'static str>,
    webhook_id: String,
    webhook_name: String,
    integration_id: String,
    /// Where the webhook leads.
    host: String,
    count: u64,
    /// When the oldest was given up, to the minute.
    #[schema(value_type = String)]
    first_at: Timestamp,
    /// When the newest was given up, to the minute.
    #[schema(value_type = String)]
    last_at: Timestamp,
    /// How many of each lane.
    #[schema(value_type = std::collections::BTreeMap<String, u64>)]
    lanes: BTreeMap<&'static str, u64>,
    /// `active`, `pending`, `paused` or `disabled`.
    status: &'static str,
    /// `flowing`, `tripped` or `probing`.
    breaker: &'static str,
    /// Whether a redrive would get through: the webhook is active, flows, and took its last delivery.
    healthy: bool,
}

/// Dead letters grouped by webhook and cause, the largest group first.
#[utoipa::path(get, path = "/admin/dead-letters", tag = "dead-letters",
    params(Wanted), responses((status = 200, body = Listed<Group>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Listed<Group>>> {
    caller.needs(Right::Look)?;
    let window = Window::read(List::DeadLetters, wanted.limit.as_deref(), wanted.after.as_deref())?;
    let facts = api.facts(caller.organisation()).await?;
    let mut groups: BTreeMap<(WebhookId, Option<u8>), Group> = BTreeMap::new();
    for (found, hook) in facts.dead() {
        let Stands::Dead(error) = found.place else { continue };
        let other_webhook = wanted.webhook_id.is_some_and(|id| id != found.webhook);
        if other_webhook || (wanted.error.is_some() && wanted.error != error) {
            continue;
        }
        let key = (found.webhook, error.map(|error| error as u8));
        let group = groups.entry(key).or_insert_with(|| Group::new(error, hook, found.first));
        group.add(found.lane, found.count, (found.first, found.last));
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    // By size: the place counts down, as in every list.
    let places = (0..groups.len() as i64).rev().zip(groups);
    Ok(Json(window.cut(places, |(place, _)| *place, |(_, group)| group)))
}

impl Group {
    fn new(error: Option<Category>, hook: &Hook, at: Timestamp) -> Self {
        Group {
            error: error.map(Category::name),
            webhook_id: hook.doc.id.to_string(),
            webhook_name: hook.doc.name.clone(),
            integration_id: hook.doc.integration_id.to_string(),
            host: hook.doc.url.host().to_string(),
            count: 0,
            first_at: at,
            last_at: at,
            lanes: BTreeMap::new(),
            status: hook.doc.state.name(),
            breaker: hook.breaker,
            healthy: hook.is_healthy(),
        }
    }

    fn add(&mut self, lane: Lane, count: u64, (first, last): (Timestamp, Timestamp)) {
        self.count += count;
        self.first_at = self.first_at.min(first);
        self.last_at = self.last_at.max(last);
        *self.lanes.entry(lane.name()).or_default() += count;
    }
}
