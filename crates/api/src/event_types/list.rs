//! `GET /admin/event-types`

use axum::Json;
use matching::Catalogue;
use model::Right;
use serde::Deserialize;
use utoipa::IntoParams;

use super::shown::Shown;
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

/// The catalogue by name, with schema and sample.
#[utoipa::path(get, path = "/admin/event-types", tag = "event-types",
    params(Wanted), responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn list(caller: Caller, Params(wanted): Params<Wanted>) -> Result<Json<Listed<Shown>>> {
    caller.needs(Right::Look)?;
    let limit = wanted.limit.as_deref().unwrap_or(WHOLE);
    let window = Window::read(List::EventTypes, Some(limit), wanted.after.as_deref())?;
    // By name: the place counts down, as in every list.
    let all: Vec<_> = Catalogue::embedded().types().collect();
    let places = (0..all.len() as i64).rev().zip(all);
    Ok(Json(window.cut(places, |(place, _)| *place, |(_, info)| Shown::of(info))))
}

// A catalogue is read whole; it fits into one page.
const WHOLE: &str = "250";
