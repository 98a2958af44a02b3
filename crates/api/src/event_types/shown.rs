//! An event type with its JSON Schema and a sample.

use matching::TypeInfo;
use model::{Kind, Lane};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// An event type.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventType)]
pub(crate) struct Shown {
    #[serde(rename = "type")]
    name: String,
    object_type: String,
    /// The lane that nothing falls below.
    #[schema(value_type = String)]
    lane: Lane,
    title: String,
    description: String,
    /// Whether it is of your own, not of the catalogue.
    own: bool,
    /// The JSON Schema of `data`.
    schema: Value,
    /// A sample of `data`.
    #[schema(value_type = Value)]
    sample: Box<RawValue>,
    /// The kinds of integration that raise it.
    #[schema(value_type = Vec<String>)]
    offered_by: Vec<Kind>,
    /// The starter packs that it belongs to.
    packs: Vec<String>,
    /// Events of the present hour and the 24 before it; tests are left out.
    volume24h: u64,
}

impl Shown {
    /// What there is to see of an event type.
    pub(super) fn of(info: &TypeInfo, volume24h: u64) -> Self {
        Shown {
            name: info.name.to_string(),
            object_type: info.object_type.to_string(),
            lane: info.lane,
            title: info.title.clone(),
            description: info.description.clone(),
            own: info.own.is_some(),
            schema: info.schema(),
            sample: info.sample.clone(),
            offered_by: info.offered_by.clone(),
            packs: info.packs.clone(),
            volume24h,
        }
    }
}
