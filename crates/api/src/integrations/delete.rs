//! `DELETE /admin/integration/{id}`

use audit::Action;
use axum::extract::State;
use http::StatusCode;
use model::{Change, Code, Config, IntegrationId, Problem, Right};

use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::etag::IfMatch;
use crate::refused::{Refused, Result};

/// Removes an integration that has no webhooks, with the sender keys bound to it and its tables.
#[utoipa::path(delete, path = "/admin/integration/{id}", tag = "integrations", responses((status = 204)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<IntegrationId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    caller.needs(Right::Configure)?;
    let now = api.settings.now();
    let present = now.integration(caller.organisation(), id).ok_or_else(Refused::not_found)?;
    if_match.check(present.version)?;
    let webhooks = now.webhooks_of(id).count();
    if webhooks > 0 {
        let why = format!("The integration has {webhooks} webhooks.");
        return Err(Problem::new(Code::InUse, why).fix("Delete its webhooks first.").into());
    }
    let bound = now.config.keys.values().filter(|key| key.integration_id == Some(id));
    let keys: Vec<_> = bound.map(|key| key.id).collect();
    let mut changes = vec![Change::DropIntegration(id)];
    changes.extend(now.config.site_maps.contains_key(&id).then_some(Change::DropSiteMap(id)));
    let mut entries = vec![api.entry(&caller, Action::Delete, id, "")];
    for key in keys {
        changes.push(Change::DropKey(key));
        entries.push(api.entry(&caller, Action::Delete, key, "with its integration"));
    }
    let is_free = |config: &Config| match config.webhooks.values().any(|found| found.integration_id == id) {
        true => Err(Code::InUse),
        false => Ok(()),
    };
    api.change(is_free, changes, entries).await?;
    api.listeners.close(id).await;
    Ok(StatusCode::NO_CONTENT)
}
