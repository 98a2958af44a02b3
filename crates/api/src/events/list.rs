//! `GET /admin/events`

use axum::Json;
use axum::extract::State;
use model::{IntegrationId, Right};
use serde::Deserialize;
use store::EventFilter;
use utoipa::IntoParams;

use super::fate::Fate;
use super::shown::Shown;
use crate::Api;
use crate::caller::Caller;
use crate::page::{List, Listed, Slice, Types};
use crate::params::Sliced;
use crate::refused::Result;

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// From this integration.
    #[param(value_type = Option<String>)]
    integration_id: Option<IntegrationId>,
    /// Of this event type, under the name that an event gives it.
    #[serde(rename = "type")]
    #[param(rename = "type", value_type = Option<String>)]
    event_type: Option<Types>,
    /// What became of it: `failed` (a delivery was given up or failed last time), `pending` (one is owed),
    /// `delivered` (all were), `unmatched` (nobody wanted it).
    #[param(value_type = Option<String>)]
    status: Option<Fate>,
}

/// Accepted events, newest first.
#[utoipa::path(get, path = "/admin/events", tag = "events",
    params(Slice, Wanted), responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Sliced(slice, wanted): Sliced<Wanted>,
) -> Result<Json<Listed<Shown>>> {
    caller.needs(Right::Look)?;
    let window = slice.window(List::Events)?;
    let filter = EventFilter {
        organisation: Some(caller.organisation()),
        integration: wanted.integration_id,
        event_type: slice.event_type.or(wanted.event_type).map(|types| types.0),
        subject: None,
        lane: slice.lane,
        from: slice.from,
        to: slice.to,
    };
    let page = api.page_of(filter, wanted.status, window).await?;
    Ok(Json(window.show(page, |row| Shown::of(&row))))
}
