//! `DELETE /admin/triggers/{id}`

use audit::Action;
use axum::extract::State;
use http::StatusCode;
use model::{Change, Config, Right, TriggerId};

use super::read::find;
use super::subscribed;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::change::trigger_is_at;
use crate::etag::IfMatch;
use crate::refused::Result;

/// Removes a trigger. What it raised stays; what it waits for is forgotten. Refused while a FHIR
/// Subscription hears it.
#[utoipa::path(delete, path = "/admin/triggers/{id}", tag = "triggers", responses((status = 204)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<TriggerId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    caller.needs(Right::Configure)?;
    let now = api.settings.now();
    let present = find(&now, &caller, id)?;
    if_match.check(present.version)?;
    subscribed::check(&now.config, id, None)?;
    let entry = api.entry(&caller, Action::Delete, id, present.event_type.as_str());
    let is_at = trigger_is_at(id, present.version);
    let holds = |config: &Config| is_at(config).and_then(|()| subscribed::is_free(config, id, None));
    api.change(holds, vec![Change::DropTrigger(id)], vec![entry]).await?;
    Ok(StatusCode::NO_CONTENT)
}
