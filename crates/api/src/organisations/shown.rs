//! An organisation as it is answered.

use model::{Organisation, Secret, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// An organisation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Organisation)]
pub(crate) struct Shown {
    id: String,
    name: String,
    #[schema(value_type = String)]
    created_at: Timestamp,
    /// The text of its first admin's key; in the answer to POST only.
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_key: Option<String>,
}

impl Shown {
    /// What there is to see of an organisation.
    pub(super) fn of(organisation: &Organisation) -> Self {
        Shown {
            id: organisation.id.to_string(),
            name: organisation.name.clone(),
            created_at: organisation.created_at,
            admin_key: None,
        }
    }

    /// With the text of the key that was made with it.
    pub(super) fn with_key(mut self, text: &Secret<String>) -> Self {
        self.admin_key = Some(text.expose().clone());
        self
    }
}
