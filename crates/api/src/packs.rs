//! `GET /admin/packs`

use axum::Json;
use matching::{Catalogue, Pack};
use model::{Right, limits};
use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::page::Listed;
use crate::refused::Result;

/// A starter pack: the few event types to begin with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventPack)]
pub(crate) struct Shown {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    event_types: Vec<&'static str>,
    /// Of how many high-value types for people more are too many.
    recommended_at_most: usize,
}

/// The starter packs. A pack is a starting point, not a limit.
#[utoipa::path(get, path = "/admin/packs", tag = "event-types", responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn packs(caller: Caller) -> Result<Json<Listed<Shown>>> {
    caller.needs(Right::Look)?;
    let shown = |pack: &'static Pack| Shown {
        name: &pack.name,
        title: &pack.title,
        description: &pack.description,
        event_types: pack.types.iter().map(String::as_str).collect(),
        recommended_at_most: limits::HIGH_VALUE_TYPES,
    };
    Ok(Json(Listed { data: Catalogue::embedded().packs().map(shown).collect(), next: None }))
}
