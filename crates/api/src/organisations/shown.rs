//! An organisation as it is answered.

use model::{Organisation, Timestamp};
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
    /// The organisation's first admin key, text and all; in the answer to POST only.
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_key: Option<crate::keys::Shown>,
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

    /// With the key that was made with it.
    pub(super) fn with_key(mut self, key: crate::keys::Shown) -> Self {
        self.admin_key = Some(key);
        self
    }
}
