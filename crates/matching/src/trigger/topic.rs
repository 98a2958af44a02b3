//! A trigger as a FHIR `SubscriptionTopic`: R5, R4B, and R4, where a topic is a `Basic`.
//!
//! Sources: FHIR R5 and R4B `SubscriptionTopic`; the Subscriptions R5 Backport guide for topics on
//! `Basic` (code `http://hl7.org/fhir/fhir-types#SubscriptionTopic`, cross-version extensions).

use model::{AbsentTest, FhirVersion, Interaction, QueryCriteria, Trigger, TriggerId};
use serde_json::{Map, Value, json};

use super::bound;

/// The canonical URL of the topic of a trigger. It names the installation's trigger and nothing else.
#[must_use]
pub fn canonical(id: TriggerId) -> String {
    format!("urn:carehook:SubscriptionTopic:{id}")
}

/// The topic of a trigger, as a resource of a FHIR version.
#[must_use]
pub fn topic(trigger: &Trigger, version: FhirVersion) -> Value {
    match version {
        FhirVersion::R5 | FhirVersion::R4B => subscription_topic(trigger),
        FhirVersion::R4 => basic(trigger),
    }
}

fn subscription_topic(trigger: &Trigger) -> Value {
    let mut topic = json!({
        "resourceType": "SubscriptionTopic",
        "id": id(trigger),
        "url": canonical(trigger.id),
        "title": trigger.name,
        "status": status(trigger),
        "date": trigger.created_at,
        "description": description(trigger),
    });
    let (name, list) = if trigger.criteria.event_codes.is_empty() {
        ("resourceTrigger", vec![resource_trigger(trigger)])
    } else {
        (
            "eventTrigger",
            trigger.criteria.event_codes.iter().map(|code| event_trigger(trigger, code)).collect(),
        )
    };
    if let Some(members) = topic.as_object_mut() {
        members.insert(name.to_owned(), Value::Array(list));
        members.insert("canFilterBy".to_owned(), json!(filters(trigger)));
        members.insert("notificationShape".to_owned(), json!([{ "resource": resource(trigger) }]));
    }
    topic
}

fn resource_trigger(trigger: &Trigger) -> Value {
    let mut members = Map::new();
    members.insert("description".to_owned(), trigger.name.clone().into());
    members.insert("resource".to_owned(), resource(trigger).into());
    members.insert("supportedInteraction".to_owned(), json!(trigger.interactions));
    if let Some(query) = &trigger.criteria.query {
        members.insert("queryCriteria".to_owned(), query_criteria(query));
    }
    if let Some(text) = condition(trigger) {
        members.insert("fhirPathCriteria".to_owned(), text.into());
    }
    Value::Object(members)
}

fn event_trigger(trigger: &Trigger, code: &str) -> Value {
    json!({
        "description": trigger.name,
        "event": { "coding": [{ "system": V2_EVENTS, "code": code }] },
        "resource": resource(trigger),
    })
}

fn query_criteria(query: &QueryCriteria) -> Value {
    let absent = |rule: Option<AbsentTest>| rule.unwrap_or(AbsentTest::TestFails);
    let mut members = Map::new();
    if let Some(text) = &query.previous {
        members.insert("previous".to_owned(), text.as_str().into());
    }
    members.insert("resultForCreate".to_owned(), json!(absent(query.result_for_create)));
    if let Some(text) = &query.current {
        members.insert("current".to_owned(), text.as_str().into());
    }
    members.insert("resultForDelete".to_owned(), json!(absent(query.result_for_delete)));
    members.insert("requireBoth".to_owned(), query.require_both.into());
    Value::Object(members)
}

/// What a Subscription may be narrowed by: whose it is, and the code where the type has one.
fn filters(trigger: &Trigger) -> Vec<Value> {
    let known = fhir::search::parameters(&trigger.resource_type);
    let offered =
        known.filter(|name| matches!(*name, "patient" | "code" | "category" | "status" | "encounter"));
    offered.map(|name| json!({ "resource": resource(trigger), "filterParameter": name })).collect()
}

fn basic(trigger: &Trigger) -> Value {
    let mut extensions = vec![
        extension("url", ("valueUri", canonical(trigger.id).into())),
        extension("title", ("valueString", trigger.name.as_str().into())),
        extension("date", ("valueDateTime", json!(trigger.created_at))),
        extension("description", ("valueMarkdown", description(trigger).into())),
    ];
    if trigger.criteria.event_codes.is_empty() {
        extensions.push(json!({ "url": url(4, "resourceTrigger"), "extension": trigger_parts(trigger) }));
    }
    for code in &trigger.criteria.event_codes {
        let event = json!({ "coding": [{ "system": V2_EVENTS, "code": code }] });
        let parts = [
            part("description", ("valueMarkdown", trigger.name.as_str().into())),
            part("event", ("valueCodeableConcept", event)),
            part("resource", ("valueUri", resource(trigger).into())),
        ];
        extensions.push(json!({ "url": url(4, "eventTrigger"), "extension": parts }));
    }
    for filter in filters(trigger) {
        let parts = [
            part("resource", ("valueUri", filter["resource"].clone())),
            part("filterParameter", ("valueString", filter["filterParameter"].clone())),
        ];
        extensions.push(json!({ "url": url(4, "canFilterBy"), "extension": parts }));
    }
    let shape = [part("resource", ("valueUri", resource(trigger).into()))];
    extensions.push(json!({ "url": url(4, "notificationShape"), "extension": shape }));
    json!({
        "resourceType": "Basic",
        "id": id(trigger),
        "extension": extensions,
        "modifierExtension": [extension("status", ("valueCode", status(trigger).into()))],
        "code": { "coding": [{ "system": "http://hl7.org/fhir/fhir-types", "code": "SubscriptionTopic" }] },
    })
}

fn trigger_parts(trigger: &Trigger) -> Vec<Value> {
    let mut parts = vec![
        part("description", ("valueMarkdown", trigger.name.as_str().into())),
        part("resource", ("valueUri", resource(trigger).into())),
    ];
    parts.extend(
        trigger.interactions.iter().map(|one| part("supportedInteraction", ("valueCode", json!(one)))),
    );
    if let Some(query) = &trigger.criteria.query {
        let members = query_criteria(query);
        let of = |name: &'static str, kind: &'static str| {
            let value = members.get(name)?.clone();
            Some(part(name, (kind, value)))
        };
        let inner = [
            of("previous", "valueString"),
            of("resultForCreate", "valueCode"),
            of("current", "valueString"),
            of("resultForDelete", "valueCode"),
            of("requireBoth", "valueBoolean"),
        ];
        let inner: Vec<Value> = inner.into_iter().flatten().collect();
        parts.push(json!({ "url": "queryCriteria", "extension": inner }));
    }
    if let Some(text) = condition(trigger) {
        parts.push(part("fhirPathCriteria", ("valueString", text.into())));
    }
    parts
}

fn extension(name: &str, (kind, value): (&str, Value)) -> Value {
    let mut members = Map::new();
    members.insert("url".to_owned(), url(5, name).into());
    members.insert(kind.to_owned(), value);
    Value::Object(members)
}

fn part(name: &str, (kind, value): (&str, Value)) -> Value {
    let mut members = Map::new();
    members.insert("url".to_owned(), name.into());
    members.insert(kind.to_owned(), value);
    Value::Object(members)
}

/// The guide's own examples take simple elements from 5.0 and the triggers from 4.3, and servers read those.
fn url(of: u8, name: &str) -> String {
    let version = if of == 5 { "5.0" } else { "4.3" };
    format!("http://hl7.org/fhir/{version}/StructureDefinition/extension-SubscriptionTopic.{name}")
}

/// The condition as one expression, where one says it.
fn condition(trigger: &Trigger) -> Option<String> {
    let bound = trigger.criteria.threshold.as_ref().map(bound::expression);
    trigger.criteria.fhir_path.clone().or(bound)
}

fn description(trigger: &Trigger) -> String {
    let deletes = trigger.interactions.contains(&Interaction::Delete);
    let whose = if deletes { "What is deleted is told too. " } else { "" };
    format!("Raises {}. {whose}A secondary notification, not a primary alarm.", trigger.event_type)
}

fn resource(trigger: &Trigger) -> String {
    format!("http://hl7.org/fhir/StructureDefinition/{}", trigger.resource_type)
}

fn status(trigger: &Trigger) -> &'static str {
    if trigger.active { "active" } else { "retired" }
}

/// A FHIR id has no `_`.
fn id(trigger: &Trigger) -> String {
    trigger.id.to_string().replace('_', "-")
}

const V2_EVENTS: &str = "http://terminology.hl7.org/CodeSystem/v2-0003";
