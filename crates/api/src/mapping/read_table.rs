//! `GET /admin/integration/{id}/mapping/{table}`

use axum::extract::State;
use http::{HeaderMap, HeaderValue, header};
use model::{IntegrationId, Right, SiteTable};

use super::csv;
use super::read::{find, tables};
use crate::at::At;
use crate::caller::Caller;
use crate::refused::Result;
use crate::{Api, etag};

/// One table of an integration as comma separated values: `codes`, `units`, `flags`, `locations` or `thresholds`.
#[utoipa::path(get, path = "/admin/integration/{id}/mapping/{table}", tag = "mapping",
    responses((status = 200, body = String, content_type = "text/csv")))]
pub(crate) async fn read_table(
    State(api): State<Api>,
    caller: Caller,
    At((id, table)): At<(IntegrationId, SiteTable)>,
) -> Result<(HeaderMap, String)> {
    caller.needs(Right::Look)?;
    let now = api.settings.now();
    find(&now, &caller, id)?;
    let (version, tables) = tables(&now, id);
    let mut headers = etag::of(version);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    Ok((headers, csv::write(table, &tables)))
}
