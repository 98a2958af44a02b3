//! `GET /admin/events`

use axum::Json;
use axum::extract::State;
use model::{EventType, IntegrationId, Lane, Right, Timestamp};
use serde::Deserialize;
use store::EventFilter;
use utoipa::IntoParams;

use super::shown::Shown;
use crate::Api;
use crate::caller::Caller;
use crate::page::{List, Listed, Window};
use crate::params::Params;
use crate::refused::Result;

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// 1 to 250, by default 50.
    limit: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// From this integration.
    #[param(value_type = Option<String>)]
    integration_id: Option<IntegrationId>,
    /// Of this type.
    #[serde(alias = "type")]
    #[param(value_type = Option<String>)]
    event_type: Option<EventType>,
    /// In this lane.
    #[param(value_type = Option<String>)]
    lane: Option<Lane>,
    /// Accepted at or after.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Accepted before.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
}

/// Accepted events, newest first.
#[utoipa::path(get, path = "/admin/events", tag = "events",
    params(Wanted), responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Listed<Shown>>> {
    caller.needs(Right::Look)?;
    let window = Window::read(List::Events, wanted.limit.as_deref(), wanted.after.as_deref())?;
    let filter = EventFilter {
        organisation: Some(caller.organisation()),
        integration: wanted.integration_id,
        event_type: wanted.event_type,
        subject: None,
        lane: wanted.lane,
        from: wanted.from,
        to: wanted.to,
    };
    let page = api.store.list_events(filter, window.after, window.limit).await?;
    Ok(Json(window.show(page, |row| Shown::of(&row))))
}
