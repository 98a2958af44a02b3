//! The first entry of a notification: how the Subscription stands, and what happened.

use model::FhirVersion;
use serde_json::{Value, json};

use super::{Coding, Content, Event, Notification, profile, uuid};

/// The status, in the shape of its version.
pub(super) fn resource(of: &Notification) -> Value {
    match of.version {
        FhirVersion::R4 => parameters(of),
        FhirVersion::R4B | FhirVersion::R5 => subscription_status(of),
    }
}

/// Profile `backport-subscription-status-r4`: counters are texts there.
fn parameters(of: &Notification) -> Value {
    let mut listed = vec![
        json!({ "name": "subscription", "valueReference": { "reference": of.subscription } }),
        json!({ "name": "status", "valueCode": of.status.code() }),
        json!({ "name": "type", "valueCode": of.kind.code() }),
        json!({ "name": "events-since-subscription-start", "valueString": of.events_since_start.to_string() }),
    ];
    if let Some(topic) = topic(of) {
        listed.insert(1, json!({ "name": "topic", "valueCanonical": topic }));
    }
    let events = told(of).iter();
    listed.extend(
        events.map(|event| json!({ "name": "notification-event", "part": parts(event, of.content) })),
    );
    listed.extend(
        of.errors.iter().map(|error| json!({ "name": "error", "valueCodeableConcept": concept(error) })),
    );
    json!({
        "resourceType": "Parameters",
        "id": uuid(of.id),
        "meta": profile("backport-subscription-status-r4"),
        "parameter": listed,
    })
}

fn parts(event: &Event, content: Content) -> Vec<Value> {
    let reference = |name: &str, url: &str| json!({ "name": name, "valueReference": { "reference": url } });
    let mut parts = vec![json!({ "name": "event-number", "valueString": event.number.to_string() })];
    parts.extend(event.timestamp.map(|at| json!({ "name": "timestamp", "valueInstant": at.to_string() })));
    if content > Content::Empty {
        parts.extend(event.focus.iter().map(|focus| reference("focus", &focus.full_url)));
        parts.extend(event.context.iter().map(|entry| reference("additional-context", &entry.full_url)));
    }
    parts.extend(
        event.triggers.iter().map(|code| json!({ "name": "trigger", "valueCoding": code.to_value() })),
    );
    parts
}

/// The resource of R4B and R5. Its counters are texts in both: R5's `integer64` is one in JSON.
fn subscription_status(of: &Notification) -> Value {
    let mut status = json!({
        "resourceType": "SubscriptionStatus",
        "id": uuid(of.id),
        "status": of.status.code(),
        "type": of.kind.code(),
        "eventsSinceSubscriptionStart": of.events_since_start.to_string(),
    });
    let events: Vec<Value> = told(of).iter().map(|event| happened(event, of.content)).collect();
    if !events.is_empty() {
        status["notificationEvent"] = events.into();
    }
    status["subscription"] = json!({ "reference": of.subscription });
    if let Some(topic) = topic(of) {
        status["topic"] = topic.into();
    }
    if !of.errors.is_empty() {
        status["error"] = of.errors.iter().map(concept).collect::<Vec<_>>().into();
    }
    status
}

fn happened(event: &Event, content: Content) -> Value {
    let mut shown = json!({ "eventNumber": event.number.to_string() });
    if let Some(at) = event.timestamp {
        shown["timestamp"] = at.to_string().into();
    }
    if content == Content::Empty {
        return shown;
    }
    let reference = |url: &str| json!({ "reference": url });
    if let Some(focus) = &event.focus {
        shown["focus"] = reference(&focus.full_url);
    }
    if !event.context.is_empty() {
        let context = event.context.iter().map(|entry| reference(&entry.full_url));
        shown["additionalContext"] = context.collect::<Vec<_>>().into();
    }
    shown
}

fn topic(of: &Notification) -> Option<&str> {
    of.topic.as_deref().filter(|_| of.content > Content::Empty)
}

fn told(of: &Notification) -> &[Event] {
    if of.kind.tells_events() { &of.events } else { &[] }
}

fn concept(coding: &Coding) -> Value {
    json!({ "coding": [coding.to_value()] })
}
