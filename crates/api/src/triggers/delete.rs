//! `DELETE /admin/triggers/{id}`

use audit::Action;
use axum::extract::State;
use http::StatusCode;
use model::{Change, Right, TriggerId};

use super::read::find;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::change::trigger_is_at;
use crate::etag::IfMatch;
use crate::refused::Result;

/// Removes a trigger. What it raised stays; what it waits for is forgotten.
#[utoipa::path(delete, path = "/admin/triggers/{id}", tag = "triggers", responses((status = 204)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<TriggerId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    caller.needs(Right::Configure)?;
    let present = find(&api.settings.now(), &caller, id)?;
    if_match.check(present.version)?;
    let entry = api.entry(&caller, Action::Delete, id, present.event_type.as_str());
    api.change(trigger_is_at(id, present.version), vec![Change::DropTrigger(id)], vec![entry]).await?;
    Ok(StatusCode::NO_CONTENT)
}
