//! `GET /admin/event-types`

use std::collections::HashMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use model::{OrganisationId, Right};
use serde::Deserialize;
use utoipa::IntoParams;

use super::shown::Shown;
use crate::Api;
use crate::caller::Caller;
use crate::page::{List, Listed, Window};
use crate::params::Params;
use crate::refused::Result;

/// Which part of the catalogue.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// 1 to 250, by default 250: the whole catalogue.
    limit: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// The catalogue by name, then your own types, with schema, sample and what came in of each.
#[utoipa::path(get, path = "/admin/event-types", tag = "event-types",
    params(Wanted), responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Listed<Shown>>> {
    caller.needs(Right::Look)?;
    let limit = wanted.limit.as_deref().unwrap_or(WHOLE);
    let window = Window::read(List::EventTypes, Some(limit), wanted.after.as_deref())?;
    let volumes = api.volumes(caller.organisation()).await?;
    let now = api.settings.now();
    // By name: the place counts down, as in every list.
    let all: Vec<_> = now.types(caller.organisation()).collect();
    let places = (0..all.len() as i64).rev().zip(all);
    let shown = |info: &matching::TypeInfo| {
        Shown::of(info, volumes.get(info.name.as_str()).copied().unwrap_or_default())
    };
    Ok(Json(window.cut(places, |(place, _)| *place, |(_, info)| shown(info))))
}

impl Api {
    /// How many events of each type came in within 24 hours; tests are left out.
    async fn volumes(&self, organisation: OrganisationId) -> Result<HashMap<String, u64>> {
        let now = self.clock.now();
        let mut sums = HashMap::new();
        for row in self.store.volume(organisation, now - DAY, now).await? {
            if !row.test {
                *sums.entry(row.event_type.to_string()).or_default() += row.count;
            }
        }
        Ok(sums)
    }
}

const DAY: Duration = Duration::from_secs(86_400);
// A catalogue is read whole; it fits into one page.
const WHOLE: &str = "250";
