//! An event type of an organisation's own.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{EventType, EventTypeId, Lane, OrganisationId, Timestamp};

/// An event type beside the catalogue, with the JSON Schema of its data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnType {
    /// Its id.
    pub id: EventTypeId,
    /// Whose it is.
    pub organisation_id: OrganisationId,
    /// Its name, such as `acme.bed.cleaned`.
    pub name: EventType,
    /// What it happens to.
    pub object_type: EventType,
    /// The lane that nothing falls below (N7).
    pub lane: Lane,
    /// What happened, in a few words.
    pub title: String,
    /// What the receiver must know.
    pub description: String,
    /// The JSON Schema of `data`.
    pub schema: Value,
    /// A sample of `data` that fits the schema.
    pub sample: Value,
    /// When it was made.
    pub created_at: Timestamp,
}
