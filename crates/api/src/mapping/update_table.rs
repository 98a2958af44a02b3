//! `PUT /admin/integration/{id}/mapping/{table}`

use axum::extract::State;
use http::{HeaderMap, HeaderValue, header};
use model::{IntegrationId, Right, SiteTable};

use super::csv;
use crate::Api;
use crate::at::At;
use crate::body::Csv;
use crate::caller::Caller;
use crate::etag::IfMatch;
use crate::refused::Result;

/// Replaces one table of an integration by comma separated values with a line of names; the other tables stay.
#[utoipa::path(put, path = "/admin/integration/{id}/mapping/{table}", tag = "mapping",
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = String, content_type = "text/csv")))]
pub(crate) async fn update_table(
    State(api): State<Api>,
    caller: Caller,
    At((id, table)): At<(IntegrationId, SiteTable)>,
    if_match: IfMatch,
    Csv(text): Csv,
) -> Result<(HeaderMap, String)> {
    caller.needs(Right::Configure)?;
    super::read::find(&api.settings.now(), &caller, id)?;
    let (mut headers, tables) =
        api.save_tables((&caller, id, &if_match), |before| csv::read(table, &text, before)).await?;
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    Ok((headers, csv::write(table, &tables)))
}
