//! A resource over its previous version: what is left out stays, `""` deletes.

use serde_json::{Map, Value};

use super::Resource;
use super::rows::Row;
use super::tables::Maps;
use super::target::add_missing;

/// What a message asks to delete.
#[derive(Debug, Clone, PartialEq)]
pub struct Deletion {
    /// The element.
    pub element: String,
    /// Members that tell which entry of a list is meant; absent means the whole element.
    pub only: Option<Value>,
}

impl Deletion {
    pub(super) fn of(row: &Row) -> Self {
        let only = row.with.as_ref().filter(|_| row.to.repeats()).map(|with| Value::Object(with.clone()));
        Deletion { element: row.to.element().to_owned(), only }
    }
}

/// The resource as it is now.
pub(super) fn over(resource: &Resource, previous: Option<&Value>) -> Value {
    let kind = Maps::embedded().kind(resource.kind());
    let is_told_in_parts = kind.is_some_and(|kind| kind.parts);
    let mut now = match (is_told_in_parts, previous.and_then(Value::as_object)) {
        (true, Some(previous)) => previous.clone(),
        _ => Map::new(),
    };
    for deletion in &resource.deletions {
        delete(&mut now, deletion);
    }
    for (name, value) in resource.body.as_object().into_iter().flatten() {
        merge(&mut now, name, value);
    }
    add_missing(&mut now, kind.map(|kind| &kind.missing));
    // What never was has no clinical status (invariants ait-2 and con-5).
    if now.get("verificationStatus").is_some_and(|status| status["coding"][0]["code"] == "entered-in-error") {
        now.remove("clinicalStatus");
    }
    // An observation that only became final (OBX-11 U) keeps the value that it had.
    if let (Some(previous), Some("U")) =
        (previous, resource.body.get("status").and_then(|_| result_code(resource)))
    {
        keep_value(&mut now, previous);
    }
    Value::Object(now)
}

fn result_code(resource: &Resource) -> Option<&str> {
    let extensions = resource.body.get("extension")?.as_array()?;
    let found = extensions.iter().find(|extension| extension["url"] == super::result::RESULT_CODE)?;
    found["valueCode"].as_str()
}

fn keep_value(now: &mut Map<String, Value>, previous: &Value) {
    let has_value = now.keys().any(|name| name.starts_with("value"));
    let kept = previous.as_object().into_iter().flatten();
    let kept = kept
        .filter(|(name, _)| name.starts_with("value") || *name == "interpretation" || *name == "component");
    if !has_value {
        for (name, value) in kept {
            now.entry(name.as_str()).or_insert_with(|| value.clone());
        }
    }
}

fn delete(now: &mut Map<String, Value>, deletion: &Deletion) {
    let Some(only) = &deletion.only else {
        now.remove(&deletion.element);
        return;
    };
    if let Some(Value::Array(list)) = now.get_mut(&deletion.element) {
        list.retain(|entry| !has_members(entry, only));
        if list.is_empty() {
            now.remove(&deletion.element);
        }
    }
}

fn has_members(entry: &Value, members: &Value) -> bool {
    let Some(members) = members.as_object() else { return false };
    members.iter().all(|(name, value)| entry.get(name) == Some(value))
}

/// Replaces an element; lists that several fields feed keep the entries nobody spoke of.
fn merge(now: &mut Map<String, Value>, name: &str, value: &Value) {
    let key = match name {
        "telecom" => Some("use"),
        "identifier" => Some("system"),
        "extension" => Some("url"),
        _ => None,
    };
    let kept: Vec<Value> = match (key, now.get(name), value) {
        (Some(key), Some(Value::Array(before)), Value::Array(said)) => {
            let is_said = |entry: &&Value| said.iter().any(|other| other.get(key) == entry.get(key));
            before.iter().filter(|entry| !is_said(entry)).cloned().collect()
        }
        _ => Vec::new(),
    };
    let mut value = value.clone();
    if let Value::Array(list) = &mut value {
        list.extend(kept);
    }
    now.insert(name.to_owned(), value);
}
