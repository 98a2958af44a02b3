//! Who the data belongs to.

use serde::{Deserialize, Serialize};

use crate::{OrganisationId, Timestamp};

/// An organisation; every other thing belongs to exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name, as people know it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}
