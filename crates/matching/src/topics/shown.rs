//! A topic as a resource, in the shape of each version.

use model::{AbsentTest, FhirVersion, QueryCriteria};
use serde_json::{Map, Value, json};

use super::{Topic, TopicResource, basic};
use crate::{Catalogue, TypeInfo};

/// The resource of a topic: `SubscriptionTopic` in R4B and R5, a `Basic` in R4.
#[must_use]
pub fn resource(version: FhirVersion, topic: &Topic) -> Value {
    match version {
        FhirVersion::R4 => basic::resource(topic),
        FhirVersion::R4B | FhirVersion::R5 => whole(version, topic),
    }
}

/// A `SubscriptionTopic`.
pub(super) fn whole(version: FhirVersion, topic: &Topic) -> Value {
    let mut shown = json!({
        "resourceType": "SubscriptionTopic",
        "id": topic.id(),
        "url": topic.url,
        "version": topic.version,
        "title": topic.title,
        "derivedFrom": topic.also,
        "status": "active",
        "date": topic.trigger.as_ref().map(|published| published.made),
        "description": topic.description,
        "resourceTrigger": resource_triggers(topic),
        "eventTrigger": event_triggers(topic),
        "canFilterBy": filters(version, topic),
        "notificationShape": topic.resources.iter().map(shape).collect::<Vec<_>>(),
    });
    // FHIR has neither nulls nor empty lists.
    if let Some(members) = shown.as_object_mut() {
        members.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()));
    }
    shown
}

fn resource_triggers(topic: &Topic) -> Vec<Value> {
    let is_of_codes = topic.trigger.as_ref().is_some_and(|published| !published.event_codes.is_empty());
    let asked = topic.resources.iter().filter(|_| !is_of_codes);
    asked.map(|one| resource_trigger(topic, one)).collect()
}

fn resource_trigger(topic: &Topic, about: &TopicResource) -> Value {
    let mut trigger = json!({
        "description": topic.description,
        "resource": definition(&about.kind),
        "supportedInteraction": about.interactions,
    });
    if let Some(query) = &about.query {
        trigger["queryCriteria"] = query_criteria(query);
    }
    if let Some(condition) = &about.fhirpath {
        trigger["fhirPathCriteria"] = condition.as_str().into();
    }
    trigger
}

fn query_criteria(query: &QueryCriteria) -> Value {
    let absent = |rule: Option<AbsentTest>| json!(rule.unwrap_or(AbsentTest::TestFails));
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    if let Some(text) = &query.previous {
        put("previous", text.as_str().into());
    }
    put("resultForCreate", absent(query.result_for_create));
    if let Some(text) = &query.current {
        put("current", text.as_str().into());
    }
    put("resultForDelete", absent(query.result_for_delete));
    put("requireBoth", query.require_both.into());
    Value::Object(members)
}

/// What happens besides changes: events of v2 for a trigger that fires by them, and the event types of
/// the catalogue that the topic stands for whoever raises them.
fn event_triggers(topic: &Topic) -> Vec<Value> {
    let kind = topic.resources.first().map_or("Basic", |one| one.kind.as_str());
    let one = |title: &str, (system, code): (&str, &str)| {
        json!({
            "description": title,
            "event": { "coding": [{ "system": system, "code": code }] },
            "resource": definition(kind),
        })
    };
    if let Some(published) = &topic.trigger {
        let codes = published.event_codes.iter();
        return codes.map(|code| one(&topic.description, (fhir::feed::V2_EVENTS, code))).collect();
    }
    let stands_for =
        |info: &&TypeInfo| topic.events.iter().any(|pattern| pattern.matches(info.name.as_str()));
    let types = Catalogue::embedded().types().filter(stands_for);
    types.map(|info| one(&info.title, (fhir::basic::EVENT_TYPES, info.name.as_str()))).collect()
}

/// What is not listed here is not offered.
fn filters(version: FhirVersion, topic: &Topic) -> Vec<Value> {
    let of = |about: &TopicResource| -> Vec<Value> {
        about.filters.iter().map(|filter| can_filter(version, &about.kind, filter)).collect()
    };
    topic.resources.iter().flat_map(of).collect()
}

fn can_filter(version: FhirVersion, kind: &str, filter: &str) -> Value {
    let comparators: &[&str] = match filter {
        "value-quantity" | "date" => &["eq", "ne", "gt", "lt", "ge", "le"],
        _ => &[],
    };
    let modifiers: &[&str] = match filter {
        "class" | "type" | "status" | "category" | "code" | "event" | "facility" | "format"
        | "security-label" | "setting" | "designationType" => &["not"],
        "patient" | "subject" => &["identifier"],
        _ => &[],
    };
    let mut shown = json!({ "resource": kind, "filterParameter": filter });
    match version {
        FhirVersion::R5 => {
            put_list(&mut shown, "comparator", comparators);
            put_list(&mut shown, "modifier", modifiers);
        }
        // R4B has one list for both, and no code for an identifier.
        FhirVersion::R4 | FhirVersion::R4B => {
            let known = comparators.iter().chain(modifiers).filter(|one| **one != "identifier");
            let known: Vec<&str> = known.map(|one| if *one == "not" { "ne" } else { one }).collect();
            put_list(&mut shown, "modifier", &known);
        }
    }
    shown
}

fn shape(about: &TopicResource) -> Value {
    let mut shape = json!({ "resource": definition(&about.kind) });
    if !about.include.is_empty() {
        shape["include"] = about.include.clone().into();
    }
    shape
}

fn put_list(shown: &mut Value, name: &str, items: &[&str]) {
    if !items.is_empty() {
        shown[name] = items.to_vec().into();
    }
}

fn definition(kind: &str) -> String {
    format!("http://hl7.org/fhir/StructureDefinition/{kind}")
}
