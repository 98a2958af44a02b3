//! Documents and notes are told when they are final (N4).

use model::Object;
use serde_json::Value;

use super::data::{self, Members};
use super::{Input, Interaction, Outcome, Raised, Silence};

/// What a `DocumentReference` raises.
pub(super) fn document(input: &Input<'_>) -> Outcome {
    let status = data::text(input.resource, "status");
    // The event is about the document that takes its place, and reaches whoever got this one.
    let is_replaced_by_another =
        status == Some("superseded") && matches!(input.event_code, Some("T09" | "T10"));
    let was_final = input.previous.is_some_and(is_final);
    let is_final = is_final(input.resource) && input.interaction != Interaction::Delete;
    let is_draft_again = status == Some("current") && input.interaction != Interaction::Delete;
    match (was_final, is_final) {
        _ if is_replaced_by_another => Outcome::silent(Silence::Unchanged),
        // N5: a status never moves back.
        (true, false) if is_draft_again => Outcome::silent(Silence::Stale),
        (true, false) => Outcome::one(event("document.cancelled", input).replacing(input)),
        (true, true) if input.previous == Some(input.resource) => Outcome::silent(Silence::Unchanged),
        (true, true) => Outcome::one(event("document.updated", input).replacing(input)),
        (false, true) => appeared(input),
        (false, false) => Outcome::silent(Silence::NotYet),
    }
}

fn is_final(document: &Value) -> bool {
    data::text(document, "status") == Some("current")
        && !matches!(data::text(document, "docStatus"), Some("preliminary" | "entered-in-error"))
}

/// A final document that was none before: a new one, or one that changes another (MDM T05, T06, T09, T10).
fn appeared(input: &Input<'_>) -> Outcome {
    let related = input.resource.get("relatesTo").and_then(|list| list.get(0));
    let relation = related.and_then(|related| data::text(related, "code"));
    if let (Some("replaces" | "appends"), true) = (relation, input.event_code.is_some()) {
        let replaced = related.filter(|_| relation == Some("replaces")).and_then(target);
        return Outcome::one(Raised { replaces_report: replaced, ..event("document.updated", input) });
    }
    let mut raised = vec![event("document.available", input)];
    if is_discharge_summary(input.resource) {
        raised.push(event("document.discharge_summary.available", input));
    }
    Outcome { raised, silent: Vec::new() }
}

fn target(related: &Value) -> Option<Object> {
    let identifier = related.get("target")?.get("identifier")?;
    Some(Object {
        system: data::text(identifier, "system")?.to_owned(),
        id: data::text(identifier, "value")?.to_owned(),
    })
}

fn is_discharge_summary(document: &Value) -> bool {
    let mut codings = document["type"]["coding"].as_array().into_iter().flatten();
    codings.any(|coding| coding["system"] == "http://loinc.org" && coding["code"] == "18842-5")
}

fn event(kind: &str, input: &Input<'_>) -> Raised {
    let own = fhir::identifiers::object(input.resource, input.namespace);
    let related = input.resource.get("relatesTo").and_then(|list| list.get(0));
    let related = related.and_then(|related| data::reference(related.get("target")));
    let members = Members::default()
        .with("documentRef", own.map(|object| object.id.into()))
        .with("code", data::code(input.resource.get("type")))
        .with("status", data::element(input.resource, "docStatus"))
        .with("relatedRef", related)
        .with("createdAt", data::time(input.resource, "date"));
    Raised::new(kind, input, members.into_value())
}
