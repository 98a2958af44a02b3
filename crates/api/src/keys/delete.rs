//! `DELETE /admin/keys/{id}`

use audit::Action;
use axum::extract::State;
use http::StatusCode;
use model::{Change, Code, Config, KeyId, OrganisationId, Right, Role};

use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::{Refused, Result};

/// Revokes a key, at once. The last admin key of an organisation stays.
#[utoipa::path(delete, path = "/admin/keys/{id}", tag = "keys", responses((status = 204)))]
pub(crate) async fn delete(State(api): State<Api>, caller: Caller, At(id): At<KeyId>) -> Result<StatusCode> {
    caller.needs(Right::Administer)?;
    let organisation = caller.organisation();
    let now = api.settings.now();
    let found = now.key(id).filter(|key| key.organisation_id == organisation);
    let found = found.ok_or_else(Refused::not_found)?;
    let entry = api.entry(&caller, Action::Delete, id, super::role_name(found.role));
    let holds = |config: &Config| may_go(config, organisation, id);
    api.change(holds, vec![Change::DropKey(id)], vec![entry]).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn may_go(config: &Config, organisation: OrganisationId, id: KeyId) -> Result<(), Code> {
    if !config.keys.contains_key(&id) {
        return Err(Code::NotFound);
    }
    let is_admin = |role, of| role == Role::Admin && of == organisation;
    let mut others = config.keys.values().filter(|key| key.id != id);
    let stays = others.any(|key| is_admin(key.role, key.organisation_id) && key.expires_at.is_none());
    let goes_admin = config.keys.get(&id).is_some_and(|key| key.role == Role::Admin);
    if goes_admin && !stays { Err(Code::InUse) } else { Ok(()) }
}
