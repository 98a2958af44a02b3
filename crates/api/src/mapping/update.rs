//! `PUT /admin/integration/{id}/mapping`

use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use model::{IntegrationId, Right, SiteTables};

use super::described::Mapping;
use crate::Api;
use crate::at::At;
use crate::body::Doc;
use crate::caller::Caller;
use crate::etag::IfMatch;
use crate::refused::Result;

/// Replaces what the codes of an integration mean. Takes what GET gave.
///
/// It holds for the next message; what was received before stays what it was.
#[utoipa::path(put, path = "/admin/integration/{id}/mapping", tag = "mapping", request_body = Mapping, responses((status = 200, body = Mapping)))]
pub(crate) async fn update(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<IntegrationId>,
    if_match: IfMatch,
    doc: Doc,
) -> Result<(HeaderMap, Json<SiteTables>)> {
    caller.needs(Right::Configure)?;
    super::read::find(&api.settings.now(), &caller, id)?;
    let wish: SiteTables = doc.read()?;
    let (headers, tables) = api.save_tables((&caller, id, &if_match), |_| Ok(wish)).await?;
    Ok((headers, Json(tables)))
}
