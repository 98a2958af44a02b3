//! Patients, and what hangs on them without a state of its own.

use model::Subject;
use serde_json::{Value, json};

use super::data::{self, Members};
use super::rules::Rule;
use super::{Input, Interaction, Outcome, Raised, Silence, changed_fields};

/// What a Patient raises: from v2 by the table of rules, for other messages only bring the patient along.
pub(super) fn patient(input: &Input<'_>) -> Outcome {
    let fields = input.previous.map(|previous| changed_fields(previous, input.resource));
    let kind = match (input.event_code, input.interaction) {
        (Some(_), _) => match Rule::find(input).and_then(Rule::raises) {
            Some("patient.merged") => return merged(input, Merge::Into),
            Some(kind) => kind,
            None => return Outcome::silent(unmoved(input, fields.as_deref())),
        },
        (None, Interaction::Delete) => "patient.deactivated",
        (None, Interaction::Create | Interaction::Update) => match &fields {
            None => "patient.created",
            Some(fields) if fields.is_empty() => return Outcome::silent(Silence::Unchanged),
            Some(fields) if fields.iter().any(|name| name == "link") => match linked(input.resource) {
                Some(merge) => return merged(input, merge),
                None => "patient.updated",
            },
            Some(_)
                if input.resource["active"] == false
                    && input.previous.is_some_and(|was| was["active"] != false) =>
            {
                "patient.deactivated"
            }
            Some(_) => "patient.updated",
        },
    };
    let joined = if input.event_code == Some("A47") { renumbered(input) } else { None };
    let change = fields.filter(|_| kind == "patient.updated").map(|fields| json!({ "fields": fields }));
    let members = Members::default().with("patientRef", own_ref(input)).with("change", change);
    Outcome::one(Raised { merged: joined, ..Raised::new(kind, input, members.into_value()) })
}

/// A patient whose number changed (A47): the number of before and that of now are one person.
fn renumbered(input: &Input<'_>) -> Option<(Subject, Subject)> {
    other_record(input, "replaces").zip(fhir::identifiers::patient(input.resource, &[], input.namespace))
}

/// Why a message tells nothing of its patient.
fn unmoved(input: &Input<'_>, fields: Option<&[String]>) -> Silence {
    let tells = matches!(input.event_code, Some("A08" | "A28" | "A31" | "A41"));
    if tells && fields.is_none_or(<[String]>::is_empty) { Silence::Unchanged } else { Silence::NoRule }
}

/// Which side of a merge a record is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Merge {
    /// It stays.
    Into,
    /// It is given up.
    From,
}

fn linked(patient: &Value) -> Option<Merge> {
    let links = patient.get("link")?.as_array()?;
    links.iter().find_map(|link| match data::text(link, "type")? {
        "replaces" => Some(Merge::Into),
        "replaced-by" => Some(Merge::From),
        _ => None,
    })
}

/// The record that a patient's newest link of a kind names; it stands last.
fn other_record(input: &Input<'_>, wanted: &str) -> Option<Subject> {
    let links = input.resource.get("link").and_then(Value::as_array).into_iter().flatten();
    let other = links.rev().find(|link| link["type"] == wanted)?.get("other")?;
    let resource = json!({ "resourceType": "Basic", "subject": other });
    fhir::identifiers::subject(&resource, &[], input.namespace)
}

fn merged(input: &Input<'_>, merge: Merge) -> Outcome {
    let own = fhir::identifiers::patient(input.resource, &[], input.namespace);
    let other = other_record(input, if merge == Merge::Into { "replaces" } else { "replaced-by" });
    let (from, into) = if merge == Merge::Into { (other, own) } else { (own, other) };
    let told = |subject: &Option<Subject>| {
        subject.as_ref().map(|subject| json!({ "system": subject.system, "id": subject.id }))
    };
    let members = Members::default().with("mergedFrom", told(&from)).with("mergedInto", told(&into));
    let event = Raised::new("patient.merged", input, members.into_value());
    Outcome::one(Raised { merged: from.zip(into), ..event })
}

/// What a prescription or a statement of medication says of a patient's medication.
pub(super) fn medication(input: &Input<'_>) -> Outcome {
    let is_over = |resource: &Value| {
        matches!(
            data::text(resource, "status"),
            Some("stopped" | "cancelled" | "completed" | "entered-in-error")
        )
    };
    let change = match (input.interaction, input.previous) {
        (Interaction::Delete, _) => "stop",
        (_, None) if is_over(input.resource) => return Outcome::silent(Silence::NoRule),
        (_, None) => "start",
        (_, Some(before)) if is_over(input.resource) && !is_over(before) => "stop",
        (_, Some(before)) if before.get("dosageInstruction") != input.resource.get("dosageInstruction") => {
            "dose"
        }
        _ => return Outcome::silent(Silence::Unchanged),
    };
    let members = Members::default()
        .with("medicationRef", own_ref(input))
        .with("code", data::code(medicine(input.resource)))
        .with("change", Some(change.into()))
        .with("status", data::element(input.resource, "status"));
    Outcome::one(Raised::new("medication.changed", input, members.into_value()))
}

/// What is prescribed, given or stated; R5 wraps the concept.
pub(super) fn medicine(resource: &Value) -> Option<&Value> {
    let wrapped = || resource.get("medication").and_then(|medication| medication.get("concept"));
    resource.get("medicationCodeableConcept").or_else(wrapped)
}

fn own_ref(input: &Input<'_>) -> Option<Value> {
    fhir::identifiers::object(input.resource, input.namespace).map(|object| object.id.into())
}
