//! `DELETE /admin/integration/{id}`

use audit::Action;
use axum::extract::State;
use http::StatusCode;
use model::{Change, Code, Config, IntegrationId, Problem, Right, Trigger};

use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::etag::IfMatch;
use crate::refused::{Refused, Result};

/// Removes an integration that has no webhooks and that no trigger names, with the sender keys bound to it,
/// its tables, and how far it was read.
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
    let named: Vec<&str> = named_by(&now.config, id).map(|trigger| trigger.name.as_str()).collect();
    if !named.is_empty() {
        let why = format!("Triggers look at the integration: {}.", named.join(", "));
        let fix = "Delete them first, or let them look at another integration or at all.";
        return Err(Problem::new(Code::InUse, why).fix(fix).into());
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
    let is_free = |config: &Config| {
        let has_webhooks = config.webhooks.values().any(|found| found.integration_id == id);
        let is_used = has_webhooks || named_by(config, id).next().is_some();
        if is_used { Err(Code::InUse) } else { Ok(()) }
    };
    api.change(is_free, changes, entries).await?;
    api.listeners.close(id).await;
    Ok(StatusCode::NO_CONTENT)
}

/// The triggers that look at one integration alone.
fn named_by(config: &Config, id: IntegrationId) -> impl Iterator<Item = &Trigger> {
    config.triggers.values().map(|found| &found.doc).filter(move |trigger| trigger.integration_id == Some(id))
}
