//! The first entry, read into what the three shapes have in common.

use model::FhirVersion;
use serde_json::Value;

use super::super::Kind;
use super::{Flaws, entry, is_instant};

/// What a status says.
#[derive(Default)]
pub(super) struct Read {
    pub(super) kind: Option<Kind>,
    pub(super) has_topic: bool,
    pub(super) total: Option<u64>,
    pub(super) events: Vec<ReadEvent>,
}

/// One event of it.
#[derive(Default)]
pub(super) struct ReadEvent {
    pub(super) number: Option<u64>,
    pub(super) focus: Vec<String>,
    pub(super) context: Vec<String>,
}

pub(super) fn type_of(version: FhirVersion) -> &'static str {
    if version == FhirVersion::R4 { "Parameters" } else { "SubscriptionStatus" }
}

/// What a status is for.
pub(super) fn kind(status: &Value, version: FhirVersion) -> Option<Kind> {
    let of_parameters = || named(&status["parameter"], "type").next().map(|found| &found["valueCode"]);
    let code = if version == FhirVersion::R4 { of_parameters()? } else { &status["type"] };
    let all =
        [Kind::Handshake, Kind::Heartbeat, Kind::EventNotification, Kind::QueryStatus, Kind::QueryEvent];
    all.into_iter().find(|kind| *code == kind.code())
}

/// Reads a status and tells what is wrong with it by itself.
pub(super) fn read(status: &Value, version: FhirVersion, (place, flaws): (usize, &mut Flaws)) -> Read {
    let at = format!("{}.resource", entry(place));
    let mut read = match version {
        FhirVersion::R4 => parameters(status, (&at, &mut *flaws)),
        FhirVersion::R4B | FhirVersion::R5 => subscription_status(status, version, (&at, &mut *flaws)),
    };
    read.kind = kind(status, version);
    flaws.unless(read.kind.is_some(), ("profile", &at), "type is one of the five");
    flaws.unless(read.total.is_some(), ("profile", &at), "the counter of events is a text of digits");
    let needs_events = matches!(read.kind, Some(Kind::EventNotification | Kind::QueryEvent));
    flaws.unless(!needs_events || !read.events.is_empty(), ("sst-1", &at), "what tells of events has one");
    read
}

const STATUSES: [&str; 4] = ["requested", "active", "error", "off"];

fn parameters(status: &Value, (at, flaws): (&str, &mut Flaws)) -> Read {
    let profile =
        "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4";
    let all = &status["parameter"];
    let one = |name: &'static str| {
        let mut found = named(all, name);
        (found.next(), found.next().is_none())
    };
    let mut ask = |name: &'static str, member: &str, least: usize| {
        let (found, is_single) = one(name);
        let has_type = found.is_none_or(|found| found.get(member).is_some());
        flaws.unless(
            is_single && (found.is_some() || least == 0) && has_type,
            ("profile", at),
            "a parameter of the status",
        );
        found.and_then(|found| found.get(member)).cloned().unwrap_or_default()
    };
    let subscription = ask("subscription", "valueReference", 1);
    let topic = ask("topic", "valueCanonical", 0);
    let code = ask("status", "valueCode", 1);
    ask("type", "valueCode", 1);
    let total = ask("events-since-subscription-start", "valueString", 1);
    flaws.unless(status["meta"]["profile"][0] == profile, ("profile", at), "names the guide's profile");
    flaws.unless(subscription["reference"].is_string(), ("profile", at), "refers to its Subscription");
    flaws.unless(
        code.as_str().is_some_and(|code| STATUSES.contains(&code)),
        ("sst-2", at),
        "status is a code",
    );
    let errors_fit =
        named(all, "error").all(|error| error["valueCodeableConcept"]["coding"][0]["code"].is_string());
    flaws.unless(errors_fit, ("profile", at), "an error is coded");
    let events =
        named(all, "notification-event").map(|event| event_of_parts(&event["part"], (at, &mut *flaws)));
    Read { kind: None, has_topic: topic.is_string(), total: digits(&total), events: events.collect() }
}

fn event_of_parts(parts: &Value, (at, flaws): (&str, &mut Flaws)) -> ReadEvent {
    let numbers: Vec<u64> =
        named(parts, "event-number").filter_map(|part| digits(&part["valueString"])).collect();
    let has_time = named(parts, "timestamp").all(|part| is_instant(&part["valueInstant"]));
    flaws.unless(has_time, ("profile", at), "the time of an event is an instant");
    let is_coded = named(parts, "trigger").all(|part| part["valueCoding"]["code"].is_string());
    flaws.unless(is_coded, ("profile", at), "a trigger is a coding");
    let references =
        |name: &'static str| named(parts, name).map(|part| reference(&part["valueReference"])).collect();
    let number = numbers.first().copied().filter(|_| numbers.len() == 1);
    ReadEvent { number, focus: references("focus"), context: references("additional-context") }
}

fn subscription_status(status: &Value, version: FhirVersion, (at, flaws): (&str, &mut Flaws)) -> Read {
    const KNOWN: [&str; 11] = [
        "resourceType",
        "id",
        "meta",
        "implicitRules",
        "status",
        "type",
        "eventsSinceSubscriptionStart",
        "notificationEvent",
        "subscription",
        "topic",
        "error",
    ];
    let members = status.as_object();
    let is_known = members.is_some_and(|members| members.keys().all(|name| KNOWN.contains(&name.as_str())));
    flaws.unless(is_known, ("profile", at), "has the elements of SubscriptionStatus");
    let code = status["status"].as_str().unwrap_or_default();
    let is_code = STATUSES.contains(&code) || (version == FhirVersion::R5 && code == "entered-in-error");
    flaws.unless(is_code, ("sst-2", at), "status is a code");
    flaws.unless(
        status["subscription"]["reference"].is_string(),
        ("profile", at),
        "refers to its Subscription",
    );
    let mut errors = status["error"].as_array().into_iter().flatten();
    let is_coded = errors.all(|error| error["coding"][0]["code"].is_string());
    flaws.unless(is_coded, ("profile", at), "an error is coded");
    let listed = status["notificationEvent"].as_array().into_iter().flatten();
    let events = listed.map(|event| {
        let has_time = event.get("timestamp").is_none_or(is_instant);
        flaws.unless(has_time, ("profile", at), "the time of an event is an instant");
        let context = event["additionalContext"].as_array().into_iter().flatten();
        ReadEvent {
            number: digits(&event["eventNumber"]),
            focus: event.get("focus").map(reference).into_iter().collect(),
            context: context.map(reference).collect(),
        }
    });
    let events = events.collect();
    let total = digits(&status["eventsSinceSubscriptionStart"]);
    Read { kind: None, has_topic: status.get("topic").is_some(), total, events }
}

/// The members of a list that have this name.
fn named<'v>(list: &'v Value, name: &'static str) -> impl Iterator<Item = &'v Value> {
    list.as_array().into_iter().flatten().filter(move |one| one["name"] == name)
}

fn reference(value: &Value) -> String {
    value["reference"].as_str().unwrap_or_default().to_owned()
}

/// A counter: a text of digits in every version, never a number.
fn digits(value: &Value) -> Option<u64> {
    value.as_str()?.parse().ok()
}
