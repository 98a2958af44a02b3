//! Encounters and appointments: what only the whole message tells of them.

use jiff::ToSpan as _;
use model::Subject;
use serde_json::{Map, Value, json};

use super::finish::reference;
use super::scope::Scope;

/// The status of a visit, by the event (P3), and its diagnoses.
pub(super) fn encounter(scope: &Scope<'_>, body: &mut Map<String, Value>, diagnoses: Vec<Value>) {
    let is_emergency = body.get("class").is_some_and(|class| class["code"] == "EMER");
    let status = match scope.event.as_str() {
        // P3: an emergency registration is an arrival.
        "A04" if is_emergency => Some("in-progress"),
        event => scope.maps.code("EncounterStatus", event).map(|concept| concept.code),
    };
    if let Some(status) = status {
        body.insert("status".to_owned(), status.into());
    }
    if !diagnoses.is_empty() {
        let entries = diagnoses.into_iter().map(|condition| json!({ "condition": condition }));
        body.insert("diagnosis".to_owned(), entries.collect());
    }
}

/// Completes an appointment.
pub(super) fn appointment(scope: &Scope<'_>, body: &mut Map<String, Value>, subject: Option<&Subject>) {
    // S15 to S17 and S26 say what happened; otherwise SCH-25 does where it can.
    let by_event = match scope.event.as_str() {
        // Left open by the official table: a discontinued series (S16) does not take place any more.
        "S15" | "S16" => Some("cancelled"),
        "S17" => Some("entered-in-error"),
        "S26" => Some("noshow"),
        _ => None,
    };
    match by_event {
        Some(status) => drop(body.insert("status".to_owned(), status.into())),
        None => drop(body.entry("status").or_insert_with(|| "booked".into())),
    }
    if let Some(end) = end_of(body) {
        body.entry("end").or_insert_with(|| end.into());
    }
    let patient = subject.map(|subject| reference("Patient", &subject.system, &subject.id));
    let participants = body.entry("participant").or_insert_with(|| Value::Array(Vec::new()));
    if let (Value::Array(list), Some(patient)) = (participants, patient) {
        list.insert(0, json!({ "actor": patient, "status": "accepted" }));
    }
}

/// The end that start and duration give, at the offset of the start.
fn end_of(body: &Map<String, Value>) -> Option<String> {
    let start = body.get("start")?.as_str()?;
    let minutes = body.get("minutesDuration")?.as_i64().filter(|minutes| (1..=525_600).contains(minutes))?;
    let pieces = jiff::fmt::temporal::DateTimeParser::new().parse_pieces(start).ok()?;
    let offset = pieces.to_numeric_offset()?;
    let end = start.parse::<jiff::Timestamp>().ok()?.checked_add(minutes.minutes()).ok()?;
    let text = end.display_with_offset(offset).to_string();
    Some(text)
}
