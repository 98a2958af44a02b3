//! Documents: what only the whole message tells of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::Object;
use serde_json::{Map, Value, json};

use super::Resource;
use super::keys;
use super::scope::Scope;

/// Puts the lines of a text together as one attachment, and names a document it relates to as it is known.
pub(super) fn complete(scope: &Scope<'_>, body: &mut Map<String, Value>, own: &Object) {
    if let Some(Value::Array(content)) = body.get_mut("content") {
        let lines: Vec<String> = content.iter().filter_map(text_of).map(str::to_owned).collect();
        content.retain(|entry| text_of(entry).is_none());
        if !lines.is_empty() {
            let data = STANDARD.encode(lines.join("\n"));
            content.insert(
                0,
                json!({ "attachment": { "contentType": "text/plain; charset=utf-8", "data": data } }),
            );
        }
    }
    // TXA, ORC and OBR repeat the order that a document is about.
    if let Some(Value::Array(related)) =
        body.get_mut("context").and_then(|context| context.get_mut("related"))
    {
        let mut seen: Vec<Value> = Vec::new();
        related.retain(|one| {
            let is_new = !seen.contains(one);
            seen.extend(is_new.then(|| one.clone()));
            is_new
        });
    }
    for related in body.get_mut("relatesTo").and_then(Value::as_array_mut).into_iter().flatten() {
        let target = &mut related["target"];
        target["type"] = "DocumentReference".into();
        // The parent of a numbered document is numbered by the same hand.
        let is_local = target["identifier"]["system"].as_str() == Some(scope.site.namespace.as_str());
        let system = if is_local { own.system.clone() } else { tagged(&target["identifier"]) };
        target["identifier"] = json!({ "system": system, "value": target["identifier"]["value"] });
    }
}

fn tagged(identifier: &Value) -> String {
    format!("{}:document", identifier["system"].as_str().unwrap_or_default())
}

/// Where the text of an entry of `content` stands once the lines are together.
pub(super) fn joined(path: &str) -> Option<&'static str> {
    (path.starts_with("content[") && path.ends_with("].attachment.text"))
        .then_some("content[0].attachment.data")
}

fn text_of(entry: &Value) -> Option<&str> {
    entry["attachment"]["text"].as_str()
}

/// The document that another one replaces: it is superseded from now on.
pub(super) fn replaced(made: &Resource) -> Option<Resource> {
    let related = made.body.get("relatesTo")?.get(0).filter(|related| related["code"] == "replaces")?;
    let identifier = &related["target"]["identifier"];
    let text = |name: &str| identifier[name].as_str().map(str::to_owned);
    let object = Object { system: text("system")?, id: text("value")? };
    let mut body = Map::new();
    for name in ["resourceType", "meta", "subject"] {
        body.extend(made.body.get(name).map(|value| (name.to_owned(), value.clone())));
    }
    let own = json!({ "url": crate::identifiers::OWN_IDENTIFIER, "valueIdentifier": identifier });
    body.insert("extension".to_owned(), json!([own]));
    body.insert("status".to_owned(), "superseded".into());
    let local_to = keys::without_patient(&object, made.subject.as_ref());
    let (subject, deletions) = (made.subject.clone(), Vec::new());
    Some(Resource { body: body.into(), object, subject, local_to, deletions })
}
