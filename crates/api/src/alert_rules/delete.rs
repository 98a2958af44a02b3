//! `DELETE /admin/alert-rules/{id}`

use audit::Action;
use axum::extract::State;
use http::StatusCode;
use model::{AlertRuleId, Change, Right};

use super::read::find;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::change::alert_rule_is_at;
use crate::etag::IfMatch;
use crate::refused::Result;

/// Removes an alert rule. Its open alerts end; past ones stay listed.
#[utoipa::path(delete, path = "/admin/alert-rules/{id}", tag = "alert-rules", responses((status = 204)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<AlertRuleId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    caller.needs(Right::Configure)?;
    let present = find(&api.settings.now(), &caller, id)?;
    if_match.check(present.version)?;
    let entry = api.entry(&caller, Action::Delete, id, present.on.name());
    api.change(alert_rule_is_at(id, present.version), vec![Change::DropAlertRule(id)], vec![entry]).await?;
    Ok(StatusCode::NO_CONTENT)
}
