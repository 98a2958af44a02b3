//! An event type with its JSON Schema and a sample.

use matching::TypeInfo;
use model::{Kind, Lane};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// An event type.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventType)]
pub(crate) struct Shown {
    #[serde(rename = "type")]
    name: &'static str,
    object_type: &'static str,
    /// The lane that nothing falls below.
    #[schema(value_type = String)]
    lane: Lane,
    title: &'static str,
    description: &'static str,
    /// The JSON Schema of `data`.
    schema: Value,
    /// A sample of `data`.
    #[schema(value_type = Value)]
    sample: &'static RawValue,
    /// The kinds of integration that raise it.
    #[schema(value_type = Vec<String>)]
    offered_by: &'static [Kind],
    /// The starter packs that it belongs to.
    packs: &'static [String],
}

impl Shown {
    /// What there is to see of an event type.
    pub(super) fn of(info: &'static TypeInfo) -> Self {
        Shown {
            name: info.name.as_str(),
            object_type: info.object_type.as_str(),
            lane: info.lane,
            title: &info.title,
            description: &info.description,
            schema: schema(info),
            sample: &info.sample,
            offered_by: &info.offered_by,
            packs: &info.packs,
        }
    }
}

fn schema(info: &TypeInfo) -> Value {
    let member = |member: &matching::Member| (member.name.clone(), json!({ "type": member.kind, }));
    let properties: Map<String, Value> = info.members.iter().map(member).collect();
    let required: Vec<&String> = info.required.iter().collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("{}/1", info.name),
        "title": info.title,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": true,
    })
}
