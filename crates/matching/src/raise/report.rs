//! Reports of laboratories and of imaging.

use fhir::flags::{Severity, worst};
use model::{Object, Status};
use serde_json::Value;

use super::data::{self, Members};
use super::result::{collected, critical_flag, happened};
use super::standing::{before, has_changed, is_stale, said, status_of, was_taken_back};
use super::{Input, Outcome, Raised, Silence};

/// What a `DiagnosticReport` raises: once that it has results, and again when it advances.
///
/// One with a critical conclusion is told as such, and once however it advances (N4).
pub(super) fn report(input: &Input<'_>) -> Outcome {
    let (status, before) = (status_of(input), before(input));
    let is_imaging = fhir::is_imaging(input.resource.get("category"));
    let available = if is_imaging { "imaging.result.available" } else { "lab.result.available" };
    let critical = if is_imaging { "imaging.result.critical" } else { "lab.result.critical" };
    let is_critical = worst(input.resource) == Severity::Critical;
    let was_critical = input.told().is_some_and(|prior| prior.last_type.as_str() == critical);
    match (status, before) {
        (Some(Status::Registered), _) => Outcome::silent(Silence::NotYet),
        (Some(Status::Cancelled), Some(Status::Cancelled)) => Outcome::silent(Silence::Unchanged),
        // What was never told needs no retraction; its results speak for themselves.
        (Some(Status::Cancelled), _) if input.told().is_none() => Outcome::silent(Silence::NoRule),
        // A report of imaging that is taken back is told by its status.
        (Some(Status::Cancelled), _) => {
            let kind = if is_imaging { available } else { "lab.result.cancelled" };
            Outcome::one(event(kind, input, status).replacing(input))
        }
        (Some(now), Some(before)) if is_stale(now, before) => Outcome::silent(Silence::Stale),
        (Some(now), Some(before)) if now <= before && !has_changed(input) => {
            Outcome::silent(Silence::Unchanged)
        }
        _ if is_critical && was_critical && !has_changed(input) => Outcome::silent(Silence::Unchanged),
        _ => {
            let event = event(if is_critical { critical } else { available }, input, status);
            let is_correction = status == Some(Status::Corrected) && before.is_some();
            let replaces = is_correction || was_critical || was_taken_back(input);
            Outcome::one(if replaces { event.replacing(input) } else { event })
        }
    }
}

pub(super) fn report_key(report: &Object) -> String {
    format!("{}|{}", report.system, report.id)
}

fn event(kind: &str, input: &Input<'_>, status: Option<Status>) -> Raised {
    let resource = input.resource;
    let object = fhir::identifiers::object(resource, input.namespace);
    let results = resource.get("result").and_then(Value::as_array);
    let results = results.map(|list| list.iter().filter_map(|one| data::reference(Some(one))).collect());
    let members = Members::default()
        .with("reportRef", object.as_ref().map(|object| object.id.as_str().into()))
        .with("code", data::code(resource.get("code")))
        .with("status", said(input))
        .with("collectedAt", collected(resource))
        .with("issuedAt", data::time(resource, "issued"))
        .with("conclusion", data::element(resource, "conclusion"))
        .with("flag", critical_flag(resource).filter(|_| kind == "imaging.result.critical"))
        .with("resultRefs", results.map(Value::Array))
        .with("encounterRef", data::reference(resource.get("encounter")));
    Raised {
        status,
        time: data::text(resource, "issued").and_then(fhir::instant).or_else(|| happened(resource)),
        report: object.as_ref().map(report_key),
        ..Raised::new(kind, input, members.into_value())
    }
}
