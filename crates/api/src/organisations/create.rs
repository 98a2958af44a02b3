//! `POST /admin/organisations`

use audit::{Action, Entry};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::{AlertRule, ApiKey, Change, Organisation, Role};
use serde::Deserialize;
use utoipa::ToSchema;

use super::shown::Shown;
use crate::Api;
use crate::body::Doc;
use crate::caller::Caller;
use crate::change::always;
use crate::refused::Result;
use crate::webhooks::name;

/// A new organisation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OrganisationSettings)]
pub(crate) struct Wish {
    /// Its name, as people know it.
    name: String,
}

/// Makes an organisation and its first admin key, whose text is in this answer only.
#[utoipa::path(post, path = "/admin/organisations", tag = "organisations",
    request_body = Wish, responses((status = 201, body = Shown)))]
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    doc: Doc,
) -> Result<(StatusCode, Json<Shown>)> {
    caller.needs_installation()?;
    let Wish { name: wished } = doc.read()?;
    let created_at = api.clock.now();
    let organisation = Organisation { id: api.ids.next(created_at), name: name(Some(wished))?, created_at };
    let id = api.ids.next(created_at);
    let (text, hash) = privacy::api_key::mint(id);
    let key = ApiKey {
        id,
        organisation_id: organisation.id,
        name: "First admin".to_owned(),
        role: Role::Admin,
        integration_id: None,
        scopes: Vec::new(),
        hash,
        created_at,
        expires_at: None,
        installation: false,
    };
    let entry = |target: String| Entry {
        organisation: Some(organisation.id),
        ..api.entry(&caller, Action::Create, target, "")
    };
    let entries = vec![entry(organisation.id.to_string()), entry(key.id.to_string())];
    let mut changes = vec![Change::PutOrganisation(organisation.clone()), Change::PutKey(key.clone())];
    let rules = AlertRule::defaults(organisation.id, created_at, || api.ids.next(created_at));
    changes.extend(rules.into_iter().map(Box::new).map(Change::PutAlertRule));
    api.change(always, changes, entries).await?;
    let shown = Shown::of(&organisation).with_key(&text);
    Ok((StatusCode::CREATED, Json(shown)))
}
