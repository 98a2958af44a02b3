//! A topic as a resource, in the shape of each version.

use matching::{Catalogue, Topic, TopicResource};
use model::FhirVersion;
use serde_json::{Value, json};

/// The resource of a topic.
pub(super) fn resource(version: FhirVersion, topic: &Topic) -> Value {
    match version {
        FhirVersion::R4 => basic(topic),
        FhirVersion::R4B | FhirVersion::R5 => whole(version, topic),
    }
}

fn whole(version: FhirVersion, topic: &Topic) -> Value {
    let mut shown = json!({
        "resourceType": "SubscriptionTopic",
        "id": topic.id(),
        "url": topic.url,
        "version": "1",
        "title": topic.title,
    });
    if !topic.also.is_empty() {
        shown["derivedFrom"] = topic.also.clone().into();
    }
    shown["status"] = "active".into();
    shown["description"] = topic.description.as_str().into();
    let triggers: Vec<Value> = topic.resources.iter().map(|one| trigger(topic, one)).collect();
    shown["resourceTrigger"] = triggers.into();
    shown["eventTrigger"] = event_triggers(topic).into();
    let filters = topic
        .resources
        .iter()
        .flat_map(|one| one.filters.iter().map(|filter| can_filter(version, one, filter)));
    let filters: Vec<Value> = filters.collect();
    if !filters.is_empty() {
        shown["canFilterBy"] = filters.into();
    }
    let shapes = topic.resources.iter().map(|one| {
        let mut shape = json!({ "resource": definition(&one.kind) });
        if !one.include.is_empty() {
            shape["include"] = one.include.clone().into();
        }
        shape
    });
    shown["notificationShape"] = shapes.collect::<Vec<_>>().into();
    shown
}

fn trigger(topic: &Topic, about: &TopicResource) -> Value {
    let mut trigger = json!({
        "description": topic.description,
        "resource": definition(&about.kind),
        "supportedInteraction": about.interactions,
    });
    if let Some(condition) = &about.fhirpath {
        trigger["fhirPathCriteria"] = condition.as_str().into();
    }
    trigger
}

/// The event types of the catalogue that the topic stands for.
fn event_triggers(topic: &Topic) -> Vec<Value> {
    let kind = topic.resources.first().map_or("Basic", |one| one.kind.as_str());
    let types = Catalogue::embedded()
        .types()
        .filter(|info| topic.events.iter().any(|pattern| pattern.matches(info.name.as_str())));
    let trigger = |info: &matching::TypeInfo| {
        json!({
            "description": info.title,
            "event": { "coding": [{ "system": fhir::basic::EVENT_TYPES, "code": info.name.as_str() }] },
            "resource": definition(kind),
        })
    };
    types.map(trigger).collect()
}

/// What is not listed here is not offered.
fn can_filter(version: FhirVersion, about: &TopicResource, filter: &str) -> Value {
    let comparators: &[&str] = match filter {
        "value-quantity" | "date" => &["eq", "ne", "gt", "lt", "ge", "le"],
        _ => &[],
    };
    let modifiers: &[&str] = match filter {
        "class" | "type" | "status" | "category" | "code" => &["not"],
        "patient" | "subject" => &["identifier"],
        _ => &[],
    };
    let mut shown = json!({ "resource": about.kind, "filterParameter": filter });
    let both: Vec<&str> = comparators.iter().chain(modifiers).copied().collect();
    match version {
        FhirVersion::R5 => {
            put_list(&mut shown, "comparator", comparators);
            put_list(&mut shown, "modifier", modifiers);
        }
        // R4B has one list for both, and no code for an identifier.
        FhirVersion::R4 | FhirVersion::R4B => {
            let known: Vec<&str> = both.into_iter().filter(|one| *one != "identifier").collect();
            let known: Vec<&str> =
                known.into_iter().map(|one| if one == "not" { "ne" } else { one }).collect();
            put_list(&mut shown, "modifier", &known);
        }
    }
    shown
}

fn put_list(shown: &mut Value, name: &str, items: &[&str]) {
    if !items.is_empty() {
        shown[name] = items.to_vec().into();
    }
}

/// R4 has no topics: a Basic with what R5 would say, as extensions.
fn basic(topic: &Topic) -> Value {
    let whole = whole(FhirVersion::R5, topic);
    let simple = |name: &str, kind: &str| json!({ "url": cross(name), kind: whole[name].clone() });
    let mut extensions = vec![
        simple("url", "valueUri"),
        simple("version", "valueString"),
        simple("title", "valueString"),
        simple("status", "valueCode"),
        simple("description", "valueMarkdown"),
    ];
    for name in ["resourceTrigger", "canFilterBy", "notificationShape"] {
        let parts = whole[name].as_array().into_iter().flatten();
        extensions.extend(parts.map(|part| json!({ "url": cross(name), "extension": nested(part) })));
    }
    json!({
        "resourceType": "Basic",
        "id": topic.id(),
        "extension": extensions,
        "code": { "coding": [{ "system": "http://hl7.org/fhir/fhir-types", "code": "SubscriptionTopic" }] },
    })
}

fn nested(part: &Value) -> Vec<Value> {
    let one = |name: &str, value: &Value| {
        let kind = match name {
            "description" => "valueMarkdown",
            "resource" => "valueUri",
            "supportedInteraction" | "comparator" | "modifier" => "valueCode",
            _ => "valueString",
        };
        json!({ "url": name, kind: value })
    };
    let members = part.as_object().into_iter().flatten();
    let each = |(name, value): (&String, &Value)| match value.as_array() {
        Some(items) => items.iter().map(|item| one(name, item)).collect(),
        None => vec![one(name, value)],
    };
    members.flat_map(each).collect()
}

fn cross(name: &str) -> String {
    format!("http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.{name}")
}

fn definition(kind: &str) -> String {
    format!("http://hl7.org/fhir/StructureDefinition/{kind}")
}
