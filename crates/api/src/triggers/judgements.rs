//! `GET /admin/triggers/{id}/judgements`

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use model::{Judgement, Right, Timestamp, TriggerId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::lacking::Lacking;
use super::read::find;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::page::{List, Window};
use crate::params::Params;
use crate::refused::Result;

/// What of it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// The judgement whose events are listed: `fired`, `retracted` or `indeterminate`; by default `fired`.
    #[param(value_type = Option<String>)]
    judgement: Option<Judgement>,
    /// From when on it is counted; by default the last 24 hours.
    #[param(value_type = Option<String>)]
    since: Option<Timestamp>,
    /// 1 to 250, by default 50.
    limit: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// What became of a trigger of late.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TriggerJudgements)]
pub(crate) struct Counted {
    #[schema(value_type = String)]
    since: Timestamp,
    /// How often it came to what, by judgement; test events are left out.
    counts: BTreeMap<&'static str, u64>,
    /// How often its query would have decided otherwise than its expression.
    disagreements: u64,
    /// Of a trigger over events: clauses that found nothing to hold of in any of its newest events. It may
    /// never fire.
    lacks: Vec<Lacking>,
    /// The events that tell of a change with the judgement that was asked for, newest first.
    data: Vec<String>,
    /// What to give as `after` for the next page; null at the end.
    next: Option<String>,
}

/// What became of a trigger: counts, and the events it fired for, took back or could not decide.
#[utoipa::path(get, path = "/admin/triggers/{id}/judgements", tag = "triggers",
    params(Which), responses((status = 200, body = Counted)))]
pub(crate) async fn judgements(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<TriggerId>,
    Params(which): Params<Which>,
) -> Result<Json<Counted>> {
    caller.needs(Right::Look)?;
    let now = api.settings.now();
    find(&now, &caller, id)?;
    let lacks = match now.triggers.find(id) {
        Some(ready) => api.lacking(ready, None).await?,
        None => Vec::new(),
    };
    let window = Window::read(List::Judgements, which.limit.as_deref(), which.after.as_deref())?;
    let since = which.since.unwrap_or_else(|| api.clock.now() - DAY);
    let total = api.store.judgements(&[id], since).await?.remove(&id).unwrap_or_default();
    let judgement = which.judgement.unwrap_or(Judgement::Fired);
    let page = api.store.judged_by(id, judgement, window.after, window.limit).await?;
    let listed = window.show(page, |event| event.to_string());
    Ok(Json(Counted {
        since,
        counts: total.counts.iter().map(|(judgement, count)| (judgement.name(), *count)).collect(),
        disagreements: total.disagreements,
        lacks,
        data: listed.data,
        next: listed.next,
    }))
}

const DAY: Duration = Duration::from_secs(86_400);
