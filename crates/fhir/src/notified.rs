//! What the Subscription of an outside server tells us, in the shapes of R4, R4B and R5.
//!
//! Senders differ in small things: counters come as texts and as numbers, and both are read.

use model::limits;
use serde_json::Value;

use crate::resource::Fault;

/// A notification.
#[derive(Debug, PartialEq)]
pub struct Notified {
    /// What it is for.
    pub kind: Kind,
    /// The Subscription as the sender refers to it; it names the feed.
    pub subscription: String,
    /// How many events there were since the Subscription began, as far as the sender says.
    pub since_start: Option<u64>,
    /// The events, in the order of their numbers.
    pub events: Vec<Event>,
    /// The resources that came with it.
    pub resources: Vec<Value>,
    /// `Type/id` of what was deleted.
    pub deleted: Vec<String>,
}

/// What a notification is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The sender checks that somebody listens.
    Handshake,
    /// The sender shows that it is alive.
    Heartbeat,
    /// Something happened; also what `$events` answers.
    Events,
}

/// One event of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number within the Subscription.
    pub number: Option<u64>,
    /// What it is about and what belongs to that, as references; empty where the sender tells nothing.
    pub about: Vec<String>,
}

/// Reads a notification Bundle, or the answer of `$events`.
///
/// # Errors
/// It is not one, or more than we take in.
pub fn read(bundle: &Value) -> Result<Notified, Fault> {
    let none = Vec::new();
    let entries = bundle["entry"].as_array().unwrap_or(&none);
    if bundle["resourceType"] != "Bundle" {
        return Err(fault("resourceType", "is not Bundle", "structure"));
    }
    if entries.len() > limits::BUNDLE_ENTRIES {
        return Err(fault("Bundle.entry", "has more than 10000 entries", "too-long"));
    }
    let Some((status, rest)) = entries.split_first() else {
        return Err(fault("Bundle.entry[0]", "is not the status of a Subscription", "required"));
    };
    let status = &status["resource"];
    let (kind, subscription, since_start, mut events) = match status["resourceType"].as_str() {
        Some("Parameters") => of_parameters(status),
        Some("SubscriptionStatus") => of_status(status),
        _ => return Err(fault("Bundle.entry[0].resource", "is not the status of a Subscription", "value")),
    };
    let kind = match kind {
        Some("handshake") => Kind::Handshake,
        Some("heartbeat") => Kind::Heartbeat,
        Some("event-notification" | "query-event") => Kind::Events,
        _ => return Err(fault("Bundle.entry[0].resource", "is not a notification of a known type", "value")),
    };
    let Some(subscription) = subscription else {
        return Err(fault("Bundle.entry[0].resource", "names no Subscription", "required"));
    };
    events.sort_by_key(|event| event.number);
    let deleted = rest.iter().filter(|entry| entry["request"]["method"] == "DELETE");
    Ok(Notified {
        kind,
        subscription: subscription.to_owned(),
        since_start,
        events,
        resources: rest.iter().filter_map(|entry| entry.get("resource")).cloned().collect(),
        deleted: deleted.filter_map(|entry| entry["request"]["url"].as_str()).map(str::to_owned).collect(),
    })
}

type Status<'a> = (Option<&'a str>, Option<&'a str>, Option<u64>, Vec<Event>);

/// R4: the status as Parameters.
fn of_parameters(status: &Value) -> Status<'_> {
    let find = |name: &'static str| named(&status["parameter"], name).next();
    let text = |name: &'static str| find(name).and_then(any_text);
    let events = named(&status["parameter"], "notification-event").map(|event| {
        let about = named(&event["part"], "focus").chain(named(&event["part"], "additional-context"));
        Event {
            number: named(&event["part"], "event-number").next().and_then(any_number),
            about: about.filter_map(any_text).map(str::to_owned).collect(),
        }
    });
    let since_start = find("events-since-subscription-start").and_then(any_number);
    (text("type"), text("subscription"), since_start, events.collect())
}

/// R4B and R5: the status as a resource of its own.
fn of_status(status: &Value) -> Status<'_> {
    let none = Vec::new();
    let events = status["notificationEvent"].as_array().unwrap_or(&none).iter().map(|event| {
        let context = event["additionalContext"].as_array().into_iter().flatten();
        let about = event.get("focus").into_iter().chain(context);
        Event {
            number: number(&event["eventNumber"]),
            about: about.filter_map(|about| about["reference"].as_str()).map(str::to_owned).collect(),
        }
    });
    let since_start = number(&status["eventsSinceSubscriptionStart"]);
    (status["type"].as_str(), status["subscription"]["reference"].as_str(), since_start, events.collect())
}

fn named<'a>(parameters: &'a Value, name: &'static str) -> impl Iterator<Item = &'a Value> {
    parameters.as_array().into_iter().flatten().filter(move |parameter| parameter["name"] == name)
}

/// The value of a parameter, whatever its type.
fn value(parameter: &Value) -> Option<&Value> {
    parameter.as_object()?.iter().find(|(name, _)| name.starts_with("value")).map(|(_, value)| value)
}

fn any_text(parameter: &Value) -> Option<&str> {
    let value = value(parameter)?;
    value.as_str().or_else(|| value["reference"].as_str())
}

fn any_number(parameter: &Value) -> Option<u64> {
    number(value(parameter)?)
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn fault(expression: &str, why: &'static str, code: &'static str) -> Fault {
    Fault { expression: expression.to_owned(), why, code }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_three_shapes_tell_the_same() {
        let parameters = json!({"resourceType": "Parameters", "parameter": [
            {"name": "subscription", "valueReference": {"reference": "Subscription/s"}},
            {"name": "status", "valueCode": "active"},
            {"name": "type", "valueCode": "event-notification"},
            {"name": "events-since-subscription-start", "valueString": "8"},
            {"name": "notification-event", "part": [
                {"name": "event-number", "valueString": "8"},
                {"name": "focus", "valueReference": {"reference": "Encounter/2"}}]},
            {"name": "notification-event", "part": [
                {"name": "event-number", "valueString": "7"},
                {"name": "focus", "valueReference": {"reference": "Encounter/1"}},
                {"name": "additional-context", "valueReference": {"reference": "Patient/1"}}]}
        ]});
        let status = |number: fn(u64) -> Value| {
            json!({"resourceType": "SubscriptionStatus", "type": "event-notification", "status": "active",
                "subscription": {"reference": "Subscription/s"}, "eventsSinceSubscriptionStart": number(8),
                "notificationEvent": [
                    {"eventNumber": number(7), "focus": {"reference": "Encounter/1"}, "additionalContext": [{"reference": "Patient/1"}]},
                    {"eventNumber": number(8), "focus": {"reference": "Encounter/2"}}]})
        };
        let bundle = |status: Value| {
            json!({"resourceType": "Bundle", "type": "history", "entry": [
                {"resource": status},
                {"fullUrl": "x", "resource": {"resourceType": "Encounter", "id": "1"}, "request": {"method": "PUT", "url": "Encounter/1"}},
                {"request": {"method": "DELETE", "url": "Encounter/2"}}]})
        };
        let told = read(&bundle(parameters)).unwrap();
        assert_eq!(
            (told.kind, told.since_start, told.subscription.as_str()),
            (Kind::Events, Some(8), "Subscription/s")
        );
        assert_eq!(
            told.events[0],
            Event { number: Some(7), about: vec!["Encounter/1".into(), "Patient/1".into()] }
        );
        assert_eq!(
            (told.resources.len(), told.deleted.as_slice()),
            (1, ["Encounter/2".to_owned()].as_slice())
        );
        for number in [|number: u64| json!(number.to_string()), |number: u64| json!(number)] {
            assert_eq!(read(&bundle(status(number))).unwrap(), told);
        }
    }

    #[test]
    fn what_is_no_notification_is_refused_with_its_place() {
        let with = |status: Value| json!({"resourceType": "Bundle", "entry": [{"resource": status}]});
        for (bundle, place) in [
            (json!({}), "resourceType"),
            (json!({"resourceType": "Bundle"}), "Bundle.entry[0]"),
            (with(json!({"resourceType": "Patient"})), "Bundle.entry[0].resource"),
            (
                with(json!({"resourceType": "SubscriptionStatus", "type": "query-status"})),
                "Bundle.entry[0].resource",
            ),
            (
                with(json!({"resourceType": "SubscriptionStatus", "type": "heartbeat"})),
                "Bundle.entry[0].resource",
            ),
        ] {
            assert_eq!(read(&bundle).unwrap_err().expression, place, "{bundle}");
        }
    }
}
