//! An API key as it is answered.

use model::{ApiKey, Role, Scope, Secret, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// An API key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiKey)]
pub(crate) struct Shown {
    id: String,
    /// Its text; in the answer to POST only.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    name: String,
    /// `admin`, `engineer`, `viewer`, `sender` or `subscriber`.
    role: &'static str,
    /// The integration a sender is bound to.
    integration_id: Option<String>,
    #[schema(value_type = Vec<String>)]
    scopes: Vec<Scope>,
    #[schema(value_type = String)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>)]
    expires_at: Option<Timestamp>,
}

impl Shown {
    /// What there is to see of a key.
    pub(crate) fn of(key: &ApiKey) -> Self {
        Shown {
            id: key.id.to_string(),
            key: None,
            name: key.name.clone(),
            role: role_name(key.role),
            integration_id: key.integration_id.map(|id| id.to_string()),
            scopes: key.scopes.clone(),
            created_at: key.created_at,
            expires_at: key.expires_at,
        }
    }

    /// With its text, for the one answer that may show it.
    pub(crate) fn with_text(mut self, text: &Secret<String>) -> Self {
        self.key = Some(text.expose().clone());
        self
    }
}

/// The name of a role.
pub(crate) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::Engineer => "engineer",
        Role::Viewer => "viewer",
        Role::Sender => "sender",
        Role::Subscriber => "subscriber",
    }
}
