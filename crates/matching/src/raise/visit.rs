//! Encounters and appointments, by the table of rules.

use serde_json::{Value, json};

use super::data::{self, Members};
use super::rules::{self, Rule};
use super::{Input, Interaction, Outcome, Raised, Silence};

/// What an Encounter raises. A08 never starts or ends one (P3).
pub(super) fn encounter(input: &Input<'_>) -> Outcome {
    if input.interaction == Interaction::Delete {
        return Outcome::one(
            encounter_event("encounter.cancelled", Some("admission"), input).replacing(input),
        );
    }
    if input.event_code == Some("A08") {
        return updated(input);
    }
    if input.previous == Some(input.resource) {
        return Outcome::silent(Silence::Unchanged);
    }
    let Some(rule) = Rule::find(input) else { return Outcome::silent(nothing(input)) };
    let event = |kind: &str| {
        let event = encounter_event(kind, rule.what.as_deref(), input);
        if kind == "encounter.cancelled" { event.replacing(input) } else { event }
    };
    let raised: Vec<Raised> = rule.all().map(event).collect();
    let silent = if raised.is_empty() { vec![Silence::Unchanged] } else { Vec::new() };
    Outcome { raised, silent }
}

/// What an Appointment raises.
pub(super) fn appointment(input: &Input<'_>) -> Outcome {
    if input.interaction == Interaction::Delete {
        return Outcome::one(appointment_event("appointment.cancelled", input));
    }
    if input.previous == Some(input.resource) {
        return Outcome::silent(Silence::Unchanged);
    }
    let Some(rule) = Rule::find(input) else { return Outcome::silent(nothing(input)) };
    match rule.raises() {
        Some(kind) => Outcome::one(appointment_event(kind, input)),
        None => Outcome::silent(Silence::Unchanged),
    }
}

fn nothing(input: &Input<'_>) -> Silence {
    match input.previous {
        Some(previous) if super::changed_fields(previous, input.resource).is_empty() => Silence::Unchanged,
        _ => Silence::NoRule,
    }
}

/// An update of a visit that nobody knows says that messages were lost.
fn updated(input: &Input<'_>) -> Outcome {
    let has_number = input.resource.get("identifier").is_some();
    if input.previous.is_some() || !has_number {
        return Outcome::silent(Silence::NoRule);
    }
    let data = json!({ "reason": "unknown_encounter", "messageType": "ADT^A08" });
    Outcome::one(Raised::new("source.data_quality", input, data))
}

fn encounter_event(kind: &str, what: Option<&str>, input: &Input<'_>) -> Raised {
    let resource = input.resource;
    let period = resource.get("period").or_else(|| resource.get("actualPeriod")).unwrap_or(&Value::Null);
    let hospitalization = resource.get("hospitalization").or_else(|| resource.get("admission"));
    let disposition = hospitalization.and_then(|stay| data::code(stay.get("dischargeDisposition")));
    let class = rules::class(resource);
    let members = Members::default()
        .with("encounterRef", object_id(input))
        .with("what", what.map(Value::from))
        .with("class", Some(class).filter(|class| !class.is_empty()).map(Value::from))
        .with("status", data::element(resource, "status"))
        .with("location", data::place(resource))
        .with("from", from(kind, input))
        .with("startedAt", data::time(period, "start"))
        .with("endedAt", data::time(period, "end"))
        .with("disposition", disposition)
        .with("at", if kind == "encounter.deceased" { data::time(period, "end") } else { None });
    let happened = match kind {
        "encounter.admitted" => data::text(period, "start").and_then(fhir::instant),
        "encounter.discharged" => data::text(period, "end").and_then(fhir::instant),
        _ => None,
    };
    Raised { time: happened, ..Raised::new(kind, input, members.into_value()) }
}

/// Where a patient comes from: what was known before, else the prior location of the message.
fn from(kind: &str, input: &Input<'_>) -> Option<Value> {
    match kind {
        "encounter.transferred" => {
            let told = || {
                let list = input.resource.get("location")?.as_array()?;
                let left = list.iter().find(|entry| data::text(entry, "status") == Some("completed"))?;
                data::place(&json!({ "location": [{ "location": left.get("location")? }] }))
            };
            told().or_else(|| data::place(input.previous?))
        }
        "encounter.class_changed" => Some(json!({ "class": rules::class(input.previous?) })),
        _ => None,
    }
}

fn appointment_event(kind: &str, input: &Input<'_>) -> Raised {
    let resource = input.resource;
    let service = resource.get("serviceType").and_then(|list| list.get(0));
    // R5 wraps the concept of a service.
    let service = service.map(|service| service.get("concept").unwrap_or(service));
    let reason = resource.get("cancelationReason").or_else(|| resource.get("cancellationReason"));
    let moved = input.previous.filter(|_| kind == "appointment.rescheduled");
    let members = Members::default()
        .with("appointmentRef", object_id(input))
        .with("status", data::element(resource, "status"))
        .with("start", data::time(resource, "start"))
        .with("end", data::time(resource, "end"))
        .with("from", moved.map(times))
        .with("to", moved.map(|_| times(resource)))
        .with("service", data::code(service))
        .with("reason", data::code(reason))
        .with("practitionerRef", actor(resource, "Practitioner", data::reference))
        .with("location", actor(resource, "Location", display));
    Raised::new(kind, input, members.into_value())
}

fn times(appointment: &Value) -> Value {
    let members = Members::default().with("start", data::time(appointment, "start"));
    members.with("end", data::time(appointment, "end")).into_value()
}

fn actor(appointment: &Value, kind: &str, say: fn(Option<&Value>) -> Option<Value>) -> Option<Value> {
    let participants = appointment.get("participant")?.as_array()?;
    let is_kind = |actor: &&Value| {
        let literal = data::text(actor, "reference").unwrap_or_default();
        data::text(actor, "type") == Some(kind) || literal.contains(&format!("{kind}/"))
    };
    say(participants.iter().filter_map(|participant| participant.get("actor")).find(is_kind))
}

fn display(reference: Option<&Value>) -> Option<Value> {
    data::element(reference?, "display").or_else(|| data::reference(reference))
}

fn object_id(input: &Input<'_>) -> Option<Value> {
    fhir::identifiers::object(input.resource, input.namespace).map(|object| object.id.into())
}
