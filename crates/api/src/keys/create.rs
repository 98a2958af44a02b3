//! `POST /admin/keys`

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::{ApiKey, Change, IntegrationId, Problem, Right, Role, Scope, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;

use super::shown::{Shown, role_name};
use crate::Api;
use crate::body::Doc;
use crate::caller::Caller;
use crate::change::{always, integration_is_there};
use crate::refused::Result;
use crate::strict::{invalid, missing, not_supported};
use crate::webhooks::name;

/// A new key.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ApiKeySettings)]
pub(crate) struct Wish {
    /// Its name, as people know it. Required.
    name: Option<String>,
    /// `admin`, `engineer`, `viewer`, `sender` or `subscriber`. Required.
    role: Option<String>,
    /// The integration that a sender sends for, or a subscriber subscribes at.
    #[schema(value_type = Option<String>)]
    integration_id: Option<IntegrationId>,
    /// `lane:critical` lets it raise events to the critical lane, `subscription:full-resource` lets it subscribe to whole resources.
    #[schema(value_type = Vec<String>)]
    #[serde(default)]
    scopes: Vec<Scope>,
    /// When it stops working.
    #[schema(value_type = Option<String>)]
    expires_at: Option<Timestamp>,
}

/// Makes a key. Its text is in this answer only.
#[utoipa::path(post, path = "/admin/keys", tag = "keys",
    request_body = Wish, responses((status = 201, body = Shown)))]
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    doc: Doc,
) -> Result<(StatusCode, Json<Shown>)> {
    caller.needs(Right::Administer)?;
    let wish: Wish = doc.read()?;
    let created_at = api.clock.now();
    let role = role(wish.role.as_deref())?;
    let integration_id = api.bound_to(&caller, role, wish.integration_id)?;
    if wish.expires_at.is_some_and(|at| at <= created_at) {
        return Err(invalid("/expiresAt", "The key would have expired already.").into());
    }
    let id = api.ids.next(created_at);
    let (text, hash) = privacy::api_key::mint(id);
    let key = ApiKey {
        id,
        organisation_id: caller.organisation(),
        name: name(wish.name)?,
        role,
        integration_id,
        scopes: wish.scopes,
        hash,
        created_at,
        expires_at: wish.expires_at,
        installation: false,
    };
    let entry = api.entry(&caller, Action::Create, id, role_name(role));
    let put = vec![Change::PutKey(key.clone())];
    match integration_id {
        Some(integration) => api.change(integration_is_there(integration), put, vec![entry]).await?,
        None => api.change(always, put, vec![entry]).await?,
    };
    Ok((StatusCode::CREATED, Json(Shown::of(&key).with_text(&text))))
}

impl Api {
    fn bound_to(
        &self,
        caller: &Caller,
        role: Role,
        wish: Option<IntegrationId>,
    ) -> Result<Option<IntegrationId>, Problem> {
        let now = self.settings.now();
        match (role, wish) {
            (Role::Sender | Role::Subscriber, None) => {
                Err(missing("/integrationId").fix("Name the integration it is bound to."))
            }
            (Role::Sender | Role::Subscriber, Some(id)) => match now.integration(caller.organisation(), id) {
                Some(_) => Ok(Some(id)),
                None => Err(invalid("/integrationId", "There is no such integration.")),
            },
            (Role::Admin | Role::Engineer | Role::Viewer, None) => Ok(None),
            (Role::Admin | Role::Engineer | Role::Viewer, Some(_)) => {
                Err(invalid("/integrationId", "Only a sender or a subscriber is bound to an integration."))
            }
        }
    }
}

fn role(name: Option<&str>) -> Result<Role, Problem> {
    match name.ok_or_else(|| missing("/role"))? {
        "admin" => Ok(Role::Admin),
        "engineer" => Ok(Role::Engineer),
        "viewer" => Ok(Role::Viewer),
        "sender" => Ok(Role::Sender),
        "subscriber" => Ok(Role::Subscriber),
        other @ ("practice-admin" | "compliance" | "clinician") => {
            Err(not_supported("/role", format!("The role {other} is not supported yet.")))
        }
        _ => Err(invalid("/role", "A role is admin, engineer, viewer, sender or subscriber.")),
    }
}
