//! `DELETE /fhir/{integration}/Subscription/{id}`

use audit::Action;
use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode};
use model::Change;
use store::End;

use super::create::is_at;
use super::outcome::Outcome;
use super::visit::Visit;
use super::{find, update};
use crate::Api;

/// Removes a Subscription and cancels what it is owed. One that is not there is no error: it is gone.
pub(super) async fn delete(
    State(api): State<Api>,
    visit: Visit,
    Path((_, id)): find::Ids,
    headers: HeaderMap,
) -> Result<StatusCode, Outcome> {
    visit.may_subscribe()?;
    let Ok(found) = find::one(&api.settings.now(), &visit, &id) else { return Ok(StatusCode::NO_CONTENT) };
    update::if_match(&headers, found.version)?;
    let entry = api.entry(&visit.caller, Action::Delete, found.id, "FHIR Subscription");
    api.change(is_at(&found), vec![Change::DropWebhook(found.id)], vec![entry]).await?;
    api.store.end_all(found.id, End::Cancelled, api.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
