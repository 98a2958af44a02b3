//! Laboratory results, findings of imaging and of anything else, and vital signs.

use fhir::flags::{Severity, severity, worst};
use model::{Lane, Status, Timestamp};
use serde_json::Value;

use super::data::{self, Members};
use super::report::report_key;
use super::standing::{before, has_changed, is_stale, said, status_of, was_taken_back};
use super::{Input, Outcome, Raised, Silence};

/// What an Observation raises: one event, of its highest class; a vital sign one more where it is critical.
pub(super) fn observation(input: &Input<'_>) -> Outcome {
    match Category::of(input.resource) {
        Category::Laboratory => graded(input, &LABORATORY),
        Category::Imaging => graded(input, &IMAGING),
        Category::Vital => vital(input),
        // Nobody asked to hear of every examination; of one that is flagged critical everybody must (N1).
        Category::Other if FINDING.is_untold(input) => Outcome::silent(Silence::NoRule),
        Category::Other => graded(input, &FINDING),
    }
}

/// What a result is about.
enum Category {
    Laboratory,
    Imaging,
    Vital,
    Other,
}

impl Category {
    /// An Observation without a category, or with one that nobody knows, is taken for a laboratory result:
    /// nobody misses a critical one.
    fn of(observation: &Value) -> Category {
        let categories = observation.get("category").and_then(Value::as_array);
        let codings =
            categories.into_iter().flatten().filter_map(|category| category["coding"].as_array()).flatten();
        let codes: Vec<&str> = codings.filter_map(|coding| coding["code"].as_str()).collect();
        let is_one_of = |known: &[&str]| codes.iter().any(|code| known.contains(code));
        match () {
            () if is_one_of(&["laboratory", "LAB"]) => Category::Laboratory,
            () if is_one_of(&["vital-signs"]) => Category::Vital,
            () if is_one_of(&["imaging"]) => Category::Imaging,
            () if is_one_of(&OTHERS) => Category::Other,
            () => Category::Laboratory,
        }
    }
}

/// The categories of FHIR that are of no laboratory; those of imaging and of vital signs are told apart.
const OTHERS: [&str; 6] = ["social-history", "procedure", "survey", "exam", "therapy", "activity"];

/// The types of results that flags grade.
struct Graded {
    critical: &'static str,
    /// None where the report tells of whatever is not critical.
    abnormal: Option<&'static str>,
    corrected: &'static str,
    cancelled: &'static str,
}

const LABORATORY: Graded = Graded {
    critical: "lab.result.critical",
    abnormal: Some("lab.result.abnormal"),
    corrected: "lab.result.corrected",
    cancelled: "lab.result.cancelled",
};

/// What is corrected or taken back is told by its status, in the place of what was told.
const IMAGING: Graded = Graded {
    critical: "imaging.result.critical",
    abnormal: None,
    corrected: "imaging.result.available",
    cancelled: "imaging.result.available",
};

/// What was seen, asked or done: told where somebody may come to harm, and how that ends.
const FINDING: Graded = Graded {
    critical: "observation.critical",
    abnormal: None,
    corrected: "observation.corrected",
    cancelled: "observation.cancelled",
};

impl Graded {
    /// Whether nothing is told of a result but by its report: it is not critical, and nothing was told of it.
    fn is_untold(&self, input: &Input<'_>) -> bool {
        self.abnormal.is_none() && input.told().is_none() && worst(input.resource) != Severity::Critical
    }
}

/// A vital sign is recorded whatever its flag, and told beside that where the flag is critical (N1); one that is
/// corrected or taken back is told by its status, to whoever heard either (N5).
fn vital(input: &Input<'_>) -> Outcome {
    let (status, before) = (status_of(input), before(input));
    match (status, before) {
        (Some(Status::Registered), before) if before.is_none_or(|before| before == Status::Registered) => {
            return Outcome::silent(Silence::NotYet);
        }
        (Some(Status::Cancelled), Some(Status::Cancelled)) => return Outcome::silent(Silence::Unchanged),
        // What was never told needs no retraction.
        (Some(Status::Cancelled), _) if input.told().is_none() => return Outcome::silent(Silence::NoRule),
        (Some(Status::Cancelled), _) => {}
        (Some(now), Some(before)) if is_stale(now, before) => return Outcome::silent(Silence::Stale),
        _ if input.previous.is_some() && !has_changed(input) => return Outcome::silent(Silence::Unchanged),
        _ => {}
    }
    let members = result_members(input).with("recordedAt", collected(input.resource));
    let recorded = Raised::new("vital.recorded", input, members.into_value());
    let recorded = Raised { status, time: happened(input.resource), ..recorded }.replacing(input);
    let stands = status != Some(Status::Cancelled);
    let is_critical = stands && worst(input.resource) == Severity::Critical;
    let critical = is_critical.then(|| event(FINDING.critical, input, status).replacing(input));
    Outcome { raised: std::iter::once(recorded).chain(critical).collect(), silent: Vec::new() }
}

fn graded(input: &Input<'_>, types: &Graded) -> Outcome {
    let (status, before) = (status_of(input), before(input));
    let is_new = input.previous.is_none() && input.told().is_none();
    match (status, before) {
        (Some(Status::Cancelled), Some(Status::Cancelled)) => Outcome::silent(Silence::Unchanged),
        (Some(Status::Registered), before) if before.is_none_or(|before| before == Status::Registered) => {
            Outcome::silent(Silence::NotYet)
        }
        // What was retracted may come back as a result; what was final does not become preliminary.
        (Some(now), Some(before)) if is_stale(now, before) => Outcome::silent(Silence::Stale),
        _ if types.is_untold(input) => Outcome::silent(Silence::Normal),
        (Some(Status::Cancelled), _) => {
            Outcome::one(replacing_report(event(types.cancelled, input, status), input))
        }
        _ if !is_new && !has_changed(input) => Outcome::silent(Silence::Unchanged),
        (now, before) if now == Some(Status::Corrected) || before >= Some(Status::Final) => {
            corrected(input, status, types)
        }
        _ => first_or_advanced(input, status, types),
    }
}

/// A result that was not final before: its class, or that a former class no longer holds.
fn first_or_advanced(input: &Input<'_>, status: Option<Status>, types: &Graded) -> Outcome {
    let told = input.told().map(|prior| class_of(prior.last_type.as_str()));
    let now = worst(input.resource);
    let kind = match now {
        // A flag that a preliminary result raised is taken back as urgently as it was told.
        _ if told.is_some_and(|told| now < told) => Some(types.corrected),
        Severity::Normal => None,
        Severity::Abnormal => types.abnormal,
        Severity::Critical => Some(types.critical),
    };
    match kind {
        Some(kind) => Outcome::one(event(kind, input, status).replacing(input)),
        None => Outcome::silent(Silence::Normal),
    }
}

/// A result that was final, or says that it is a correction (N5). One that was taken back stood for nothing.
fn corrected(input: &Input<'_>, status: Option<Status>, types: &Graded) -> Outcome {
    let stood = input.previous.filter(|_| !was_taken_back(input));
    let was = stood.map(worst).or_else(|| input.told().map(|prior| class_of(prior.last_type.as_str())));
    let now = worst(input.resource);
    let is_newly_critical = now == Severity::Critical && was != Some(Severity::Critical);
    let kind = if is_newly_critical { types.critical } else { types.corrected };
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
        "lab.result.critical" | "imaging.result.critical" | "observation.critical" => Severity::Critical,
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

fn event(kind: &str, input: &Input<'_>, status: Option<Status>) -> Raised {
    let report = data::report_of(input.resource);
    let report_ref = report.as_ref().map(|report| report.id.as_str().into());
    let object = fhir::identifiers::object(input.resource, input.namespace);
    let members = result_members(input)
        .with("collectedAt", collected(input.resource))
        .with("issuedAt", data::time(input.resource, "issued"))
        .with("reportRef", report_ref)
        .with("observationRef", object.map(|object| Value::from(object.id)))
        .with("encounterRef", data::reference(input.resource.get("encounter")))
        .with("flag", critical_flag(input.resource).filter(|_| kind.starts_with("imaging.")));
    Raised {
        status,
        time: happened(input.resource),
        report: report.as_ref().map(report_key),
        ..Raised::new(kind, input, members.into_value())
    }
}

fn result_members(input: &Input<'_>) -> Members {
    let resource = input.resource;
    Members::default()
        .with("code", data::code(resource.get("code")))
        .with("value", data::value(resource))
        .with("components", data::components(resource))
        .with("interpretation", data::flags(resource))
        .with("derived", data::is_derived(resource).then(|| true.into()))
        .with("referenceRange", data::range(resource))
        .with("dataAbsentReason", data::code(resource.get("dataAbsentReason")))
        .with("status", said(input))
}

/// The flag that says that somebody may come to harm.
pub(super) fn critical_flag(resource: &Value) -> Option<Value> {
    let mut codes = fhir::flags::codes(resource);
    codes.find(|code| severity(code) == Severity::Critical).map(Value::from)
}

pub(super) fn collected(resource: &Value) -> Option<Value> {
    let period = || data::time(resource.get("effectivePeriod")?, "start");
    let instant = || data::time(resource, "effectiveInstant");
    data::time(resource, "effectiveDateTime").or_else(instant).or_else(period)
}

pub(super) fn happened(resource: &Value) -> Option<Timestamp> {
    collected(resource)?.as_str().and_then(fhir::instant)
}
