//! `GET /admin/integration/{id}/mapping`

use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use matching::Compiled;
use model::{Integration, IntegrationId, Right, SiteTables, Versioned};

use super::described::Mapping;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::{Refused, Result};
use crate::{Api, etag};

/// What the codes of an integration mean, and how its messages differ from the standard maps.
#[utoipa::path(get, path = "/admin/integration/{id}/mapping", tag = "mapping", responses((status = 200, body = Mapping)))]
pub(crate) async fn read(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<IntegrationId>,
) -> Result<(HeaderMap, Json<SiteTables>)> {
    caller.needs(Right::Look)?;
    let now = api.settings.now();
    find(&now, &caller, id)?;
    let (version, tables) = tables(&now, id);
    Ok((etag::of(version), Json(tables)))
}

/// An integration of the caller's organisation.
pub(super) fn find<'n>(
    now: &'n Compiled,
    caller: &Caller,
    id: IntegrationId,
) -> Result<&'n Versioned<Integration>> {
    now.integration(caller.organisation(), id).map(|found| &**found).ok_or_else(Refused::not_found)
}

/// The tables of an integration and their version; 0 while there are none.
pub(super) fn tables(now: &Compiled, id: IntegrationId) -> (u64, SiteTables) {
    let found = now.config.site_maps.get(&id);
    found.map(|found| (found.version, found.tables.clone())).unwrap_or_default()
}
