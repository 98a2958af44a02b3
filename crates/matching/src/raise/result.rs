//! Laboratory results and vital signs.

use fhir::flags::{Severity, worst};
use model::{Lane, Object, Status, Timestamp};
use serde_json::Value;

use super::data::{self, Members};
use super::{Input, Interaction, Outcome, Raised, Silence};

/// What an Observation raises: at most one event, of its highest class.
pub(super) fn observation(input: &Input<'_>) -> Outcome {
    match Category::of(input.resource) {
        Category::Laboratory => laboratory(input),
        Category::Vital => vital(input),
        Category::Other => Outcome::silent(Silence::NoRule),
    }
}

/// What a `DiagnosticReport` raises: once that it has results, and again when it advances.
pub(super) fn report(input: &Input<'_>) -> Outcome {
    let status = status_of(input);
    let before = before(input);
    let kind = if is_imaging(input.resource) { "imaging.result.available" } else { "lab.result.available" };
    match (status, before) {
        (Some(Status::Registered), _) => Outcome::silent(Silence::NotYet),
        (Some(Status::Cancelled), Some(Status::Cancelled)) => Outcome::silent(Silence::Unchanged),
        // What was never told needs no retraction; its results speak for themselves.
        (Some(Status::Cancelled), _) if input.told().is_none() || kind != "lab.result.available" => {
            Outcome::silent(Silence::NoRule)
        }
        (Some(Status::Cancelled), _) => {
            Outcome::one(report_event("lab.result.cancelled", input, status).replacing(input))
        }
        (Some(now), Some(before)) if now < before => Outcome::silent(Silence::Stale),
        (Some(now), Some(before)) if now == before && !has_changed(input) => {
            Outcome::silent(Silence::Unchanged)
        }
        (Some(Status::Corrected), Some(_)) => {
            Outcome::one(report_event(kind, input, status).replacing(input))
        }
        _ => Outcome::one(report_event(kind, input, status)),
    }
}

/// What a result is about.
enum Category {
    Laboratory,
    Vital,
    Other,
}

impl Category {
    /// An Observation without a category is taken for a laboratory result: nobody misses a critical one.
    fn of(observation: &Value) -> Category {
        let categories = observation.get("category").and_then(Value::as_array);
        let codings =
            categories.into_iter().flatten().filter_map(|category| category["coding"].as_array()).flatten();
        let codes: Vec<&str> = codings.filter_map(|coding| coding["code"].as_str()).collect();
        match codes.as_slice() {
            [] => Category::Laboratory,
            codes if codes.iter().any(|code| matches!(*code, "laboratory" | "LAB")) => Category::Laboratory,
            codes if codes.contains(&"vital-signs") => Category::Vital,
            _ => Category::Other,
        }
    }
}

fn vital(input: &Input<'_>) -> Outcome {
    let status = status_of(input);
    match status {
        Some(Status::Registered) => return Outcome::silent(Silence::NotYet),
        Some(Status::Cancelled) => return Outcome::silent(Silence::NoRule),
        _ if status < before(input) => return Outcome::silent(Silence::Stale),
        _ if input.previous.is_some() && !has_changed(input) => return Outcome::silent(Silence::Unchanged),
        _ => {}
    }
    let members = result_members(input).with("recordedAt", collected(input.resource));
    let event = Raised::new("vital.recorded", input, members.into_value());
    Outcome::one(Raised { status, time: happened(input.resource), ..event })
}

fn laboratory(input: &Input<'_>) -> Outcome {
    let status = status_of(input);
    let before = before(input);
    let is_new = input.previous.is_none() && input.told().is_none();
    match (status, before) {
        (Some(Status::Cancelled), Some(Status::Cancelled)) => Outcome::silent(Silence::Unchanged),
        (Some(Status::Cancelled), _) => {
            Outcome::one(replacing_report(event("lab.result.cancelled", input, status), input))
        }
        (Some(Status::Registered), before) if before.is_none_or(|before| before == Status::Registered) => {
            Outcome::silent(Silence::NotYet)
        }
        // What was retracted may come back as a result; what was final does not become preliminary.
        (Some(now), Some(before)) if is_stale(now, before) => Outcome::silent(Silence::Stale),
        _ if !is_new && !has_changed(input) => Outcome::silent(Silence::Unchanged),
        (now, before) if now == Some(Status::Corrected) || before >= Some(Status::Final) => {
            corrected(input, status)
        }
        _ => first_or_advanced(input, status),
    }
}

fn is_stale(now: Status, before: Status) -> bool {
    match before {
        Status::Cancelled => now < Status::Final,
        // Some laboratories call a result final again after a correction.
        Status::Corrected => now < Status::Final,
        Status::Registered | Status::Preliminary | Status::Final => now < before,
    }
}

/// A result that was not final before: its class, or that a former class no longer holds.
fn first_or_advanced(input: &Input<'_>, status: Option<Status>) -> Outcome {
    let told = input.told().map(|prior| class_of(prior.last_type.as_str()));
    let now = worst(input.resource);
    match now {
        // A flag that a preliminary result raised is taken back as urgently as it was told.
        _ if told.is_some_and(|told| now < told) => {
            Outcome::one(event("lab.result.corrected", input, status).replacing(input))
        }
        Severity::Normal => Outcome::silent(Silence::Normal),
        Severity::Abnormal => Outcome::one(event("lab.result.abnormal", input, status).replacing(input)),
        Severity::Critical => Outcome::one(event("lab.result.critical", input, status).replacing(input)),
    }
}

/// A result that was final, or says that it is a correction (N5).
fn corrected(input: &Input<'_>, status: Option<Status>) -> Outcome {
    let was =
        input.previous.map(worst).or_else(|| input.told().map(|prior| class_of(prior.last_type.as_str())));
    let now = worst(input.resource);
    let is_newly_critical = now == Severity::Critical && was != Some(Severity::Critical);
    let kind = if is_newly_critical { "lab.result.critical" } else { "lab.result.corrected" };
    let mut event = replacing_report(event(kind, input, status), input);
    event.lane = event.lane.min(lane_of(now)).min(was.map_or(Lane::Routine, lane_of));
    if let (Some(previous), Value::Object(data)) = (input.previous, &mut event.data) {
        data.extend(data::value(previous).map(|value| ("previousValue".to_owned(), value)));
    }
    Outcome::one(event)
}

/// Replaces the last event of the result or, where its value raised none, that of its report (N5).
fn replacing_report(event: Raised, input: &Input<'_>) -> Raised {
    let mut event = event.replacing(input);
    if !event.replaces_previous {
        event.replaces_report = data::report_of(input.resource);
    }
    event
}

fn class_of(event_type: &str) -> Severity {
    match event_type {
        "lab.result.critical" => Severity::Critical,
        "lab.result.abnormal" => Severity::Abnormal,
        _ => Severity::Normal,
    }
}

fn lane_of(severity: Severity) -> Lane {
    match severity {
        Severity::Critical => Lane::Critical,
        Severity::Abnormal => Lane::Urgent,
        Severity::Normal => Lane::Routine,
    }
}

/// The status of the resource as ours; nothing where it is unknown, which fires like a first result.
fn status_of(input: &Input<'_>) -> Option<Status> {
    if input.interaction == Interaction::Delete {
        return Some(Status::Cancelled);
    }
    status(input.resource)
}

fn status(resource: &Value) -> Option<Status> {
    match data::text(resource, "status")? {
        "registered" => Some(Status::Registered),
        "preliminary" | "partial" | "modified" => Some(Status::Preliminary),
        "final" => Some(Status::Final),
        "amended" | "corrected" | "appended" => Some(Status::Corrected),
        "cancelled" | "entered-in-error" => Some(Status::Cancelled),
        _ => None,
    }
}

/// The highest status so far; what a deletion ends does not count against it.
fn before(input: &Input<'_>) -> Option<Status> {
    input.previous.and_then(status).max(input.prior.and_then(|prior| prior.status))
}

/// Whether a result says something else than before.
fn has_changed(input: &Input<'_>) -> bool {
    input.previous.is_none_or(|previous| says_otherwise(previous, input.resource))
}

/// Whether a result says something else: value, flags, or why there is none.
pub(super) fn says_otherwise(before: &Value, now: &Value) -> bool {
    let is_said = |name: &str| {
        name.starts_with("value")
            || matches!(name, "interpretation" | "component" | "dataAbsentReason" | "conclusion" | "result")
    };
    let told = |resource: &Value| -> Vec<(String, Value)> {
        let members = resource.as_object().into_iter().flatten().filter(|(name, _)| is_said(name));
        let mut members: Vec<_> = members.map(|(name, value)| (name.clone(), value.clone())).collect();
        members.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        members
    };
    let is_named_otherwise = || before.get("code") != now.get("code") && !shares_code(before, now);
    told(before) != told(now) || is_named_otherwise()
}

/// A code that a table of the site put beside that of the sender is the same test.
fn shares_code(before: &Value, now: &Value) -> bool {
    let codings = |resource: &Value| resource["code"]["coding"].as_array().cloned().unwrap_or_default();
    let is_same =
        |one: &Value, other: &Value| one["code"] == other["code"] && one["system"] == other["system"];
    let before = codings(before);
    codings(now).iter().any(|one| before.iter().any(|other| is_same(one, other)))
}

fn event(kind: &str, input: &Input<'_>, status: Option<Status>) -> Raised {
    let report = data::report_of(input.resource);
    let report_ref = report.as_ref().map(|report| report.id.as_str().into());
    let object = fhir::identifiers::object(input.resource, input.namespace);
    let members = result_members(input)
        .with("collectedAt", collected(input.resource))
        .with("issuedAt", data::time(input.resource, "issued"))
        .with("reportRef", report_ref)
        .with("observationRef", object.map(|object| Value::from(object.id)))
        .with("encounterRef", data::reference(input.resource.get("encounter")));
    Raised {
        status,
        time: happened(input.resource),
        report: report.as_ref().map(report_key),
        ..Raised::new(kind, input, members.into_value())
    }
}

fn result_members(input: &Input<'_>) -> Members {
    let resource = input.resource;
    let status = match input.interaction {
        Interaction::Delete => Some("entered-in-error".into()),
        Interaction::Create | Interaction::Update => data::element(resource, "status"),
    };
    Members::default()
        .with("code", data::code(resource.get("code")))
        .with("value", data::value(resource))
        .with("components", data::components(resource))
        .with("interpretation", data::flags(resource))
        .with("derived", data::is_derived(resource).then(|| true.into()))
        .with("referenceRange", data::range(resource))
        .with("dataAbsentReason", data::code(resource.get("dataAbsentReason")))
        .with("status", status)
}

fn report_event(kind: &str, input: &Input<'_>, status: Option<Status>) -> Raised {
    let resource = input.resource;
    let object = fhir::identifiers::object(resource, input.namespace);
    let results = resource.get("result").and_then(Value::as_array);
    let results = results.map(|list| list.iter().filter_map(|one| data::reference(Some(one))).collect());
    let members = Members::default()
        .with("reportRef", object.as_ref().map(|object| object.id.as_str().into()))
        .with("code", data::code(resource.get("code")))
        .with("status", data::element(resource, "status"))
        .with("collectedAt", collected(resource))
        .with("issuedAt", data::time(resource, "issued"))
        .with("conclusion", data::element(resource, "conclusion"))
        .with("resultRefs", results.map(Value::Array))
        .with("encounterRef", data::reference(resource.get("encounter")));
    Raised {
        status,
        time: data::text(resource, "issued").and_then(fhir::instant).or_else(|| happened(resource)),
        report: object.as_ref().map(report_key),
        ..Raised::new(kind, input, members.into_value())
    }
}

fn is_imaging(report: &Value) -> bool {
    const IMAGING: [&str; 9] = ["RAD", "IMG", "CT", "NMR", "NMS", "RUS", "RX", "VUS", "imaging"];
    let categories = report.get("category").and_then(Value::as_array).into_iter().flatten();
    let mut codings = categories.filter_map(|category| category["coding"].as_array()).flatten();
    codings.any(|coding| coding["code"].as_str().is_some_and(|code| IMAGING.contains(&code)))
}

pub(super) fn report_key(report: &Object) -> String {
    format!("{}|{}", report.system, report.id)
}

fn collected(resource: &Value) -> Option<Value> {
    let period = || data::time(resource.get("effectivePeriod")?, "start");
    let instant = || data::time(resource, "effectiveInstant");
    data::time(resource, "effectiveDateTime").or_else(instant).or_else(period)
}

fn happened(resource: &Value) -> Option<Timestamp> {
    collected(resource)?.as_str().and_then(fhir::instant)
}
