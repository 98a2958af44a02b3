//! R4 has no topics: a `Basic` with what R4B and R5 would say, as cross-version extensions.
//!
//! Source: the Subscriptions R5 Backport guide for topics on `Basic` (code
//! `http://hl7.org/fhir/fhir-types#SubscriptionTopic`). Its examples, and the servers that read them,
//! take simple elements from 5.0 and nested ones from 4.3.

use model::FhirVersion;
use serde_json::{Value, json};

use super::Topic;
use super::shown::whole;

/// The `Basic` of a topic.
pub(super) fn resource(topic: &Topic) -> Value {
    let whole = whole(FhirVersion::R4B, topic);
    let simple = |name: &str, kind: &str| {
        let value = whole.get(name)?;
        Some(json!({ "url": url("5.0", name), kind: value }))
    };
    let said = [
        simple("url", "valueUri"),
        simple("version", "valueString"),
        simple("title", "valueString"),
        simple("date", "valueDateTime"),
        simple("description", "valueMarkdown"),
    ];
    let mut extensions: Vec<Value> = said.into_iter().flatten().collect();
    for name in ["resourceTrigger", "eventTrigger", "canFilterBy", "notificationShape"] {
        let parts = whole[name].as_array().into_iter().flatten();
        extensions.extend(parts.map(|part| json!({ "url": url("4.3", name), "extension": nested(part) })));
    }
    json!({
        "resourceType": "Basic",
        "id": topic.id(),
        "extension": extensions,
        "modifierExtension": [{ "url": url("5.0", "status"), "valueCode": whole["status"] }],
        "code": { "coding": [{ "system": "http://hl7.org/fhir/fhir-types", "code": "SubscriptionTopic" }] },
    })
}

fn nested(part: &Value) -> Vec<Value> {
    let members = part.as_object().into_iter().flatten();
    let each = |(name, value): (&String, &Value)| match value.as_array() {
        Some(items) => items.iter().map(|item| member(name, item)).collect(),
        None => vec![member(name, value)],
    };
    members.flat_map(each).collect()
}

fn member(name: &str, value: &Value) -> Value {
    let kind = match name {
        "queryCriteria" => return json!({ "url": name, "extension": nested(value) }),
        "description" => "valueMarkdown",
        "resource" => "valueUri",
        "event" => "valueCodeableConcept",
        "supportedInteraction" | "resultForCreate" | "resultForDelete" | "modifier" => "valueCode",
        "requireBoth" => "valueBoolean",
        _ => "valueString",
    };
    json!({ "url": name, kind: value })
}

fn url(version: &str, name: &str) -> String {
    format!("http://hl7.org/fhir/{version}/StructureDefinition/extension-SubscriptionTopic.{name}")
}
