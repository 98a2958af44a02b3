//! What the event of a trigger says.

use model::Timestamp;
use serde_json::{Map, Value, json};

use super::{Change, Ready};
use crate::TypeInfo;
use crate::raise::data::{self, Members};

/// The `data` of an event that a trigger raises: what the resource says in short, and which trigger it was.
#[must_use]
pub fn data(ready: &Ready, change: &Change<'_>, info: &TypeInfo, object: Option<&str>) -> Value {
    let resource = change.resource;
    let status = if change.present().is_none() { Some("entered-in-error".into()) } else { None };
    let mut members = Members::default();
    if let Some(reference) = &info.required {
        members = members.with(reference, object.map(Value::from));
    }
    let members = members
        .with("code", data::code(resource.get("code")))
        .with("value", data::value(resource))
        .with("components", data::components(resource))
        .with("interpretation", data::flags(resource))
        .with("referenceRange", data::range(resource))
        .with("status", status.or_else(|| data::element(resource, "status")))
        .with("measuredAt", happened(resource).map(|at| at.to_string().into()))
        .with("resourceType", data::element(resource, "resourceType"));
    let members = match &ready.trigger.criteria.threshold {
        Some(bound) => members.with("direction", Some(bound.comparator.direction().into())).with(
            "threshold",
            Some(json!({ "comparator": bound.comparator, "value": bound.value, "unit": bound.unit })),
        ),
        None => members,
    };
    let Value::Object(mut data) = members.into_value() else { return Value::Null };
    enrich(&mut data, ready, change);
    Value::Object(data)
}

/// The `data` of an event that a trigger raises of an event: the object's reference, the type that it looked
/// at and which trigger it was. Whatever else is to be told, the trigger adds by name.
#[must_use]
pub fn data_of_event(ready: &Ready, change: &Change<'_>, info: &TypeInfo) -> Value {
    let event = change.resource;
    let mut members = Members::default();
    if let Some(reference) = &info.required {
        let said = event.get("data").and_then(|data| data.get(reference)).filter(|said| said.is_string());
        let object = || event.get("object")?.get("id").cloned();
        members = members.with(reference, said.cloned().or_else(object));
    }
    let members = members.with("onEventType", event.get("type").cloned());
    let Value::Object(mut data) = members.into_value() else { return Value::Null };
    enrich(&mut data, ready, change);
    Value::Object(data)
}

/// When what a resource tells happened, as it says.
#[must_use]
pub fn happened(resource: &Value) -> Option<Timestamp> {
    let period = |name: &str| resource.get(name)?.get("start")?.as_str();
    let member = |name: &str| resource.get(name)?.as_str();
    let said = member("effectiveDateTime")
        .or_else(|| member("effectiveInstant"))
        .or_else(|| period("effectivePeriod"))
        .or_else(|| member("issued"))
        .or_else(|| member("authoredOn"))
        .or_else(|| member("recordedDate"))
        .or_else(|| member("date"));
    said.and_then(fhir::instant)
}

/// Which trigger it was, and what it adds. The condition may name people: it stays in the configuration. What it
/// should add and nobody can tell is named beside it with the reason (P5).
fn enrich(data: &mut Map<String, Value>, ready: &Ready, change: &Change<'_>) {
    let mut rule = json!({ "id": ready.trigger.id, "name": ready.trigger.name });
    let mut added = Map::new();
    for (name, value) in ready.enrichment(change) {
        match value {
            Ok(value) => drop(added.insert(name.to_owned(), value)),
            Err(reason) => rule["undecided"][name] = reason.into(),
        }
    }
    data.insert("rule".to_owned(), rule);
    data.extend(added);
}
