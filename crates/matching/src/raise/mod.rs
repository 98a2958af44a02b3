//! From FHIR resources, mapped or received, to events.
//!
//! Reading order: results (`result`), their reports (`report`) and how both stand
//! (`standing`), visits and appointments by a table of rules (`visit`, `rules`), orders, prescriptions and the like by the
//! same table (`order`, `purpose`), documents (`document`) and lists of them (`list`), patients (`person`),
//! what feeds are told besides (`feed`), and what their data says (`data`). All of it is pure: what was known before comes with the input.

pub(crate) mod data; // Members of events.
mod care; // Care teams, plans, goals, tasks and consents.
mod answers; // Answers to questionnaires.
mod document; // Documents and notes.
mod feed; // What feeds are told besides.
mod list; // Submission sets and folders.
mod order; // Orders, prescriptions, vaccinations, allergies.
mod person; // Patients.
mod provider; // Providers and their free times.
mod purpose; // What an order is for.
mod report; // Reports.
mod result; // Observations.
mod rules; // The table.
mod standing; // How a result stands.
mod visit; // Encounters and appointments.

use model::{EventType, Lane, Object, Status, Subject, Timestamp};
use serde_json::Value;

use crate::Catalogue;

pub use feed::feed;
pub use model::Interaction;

/// A resource and what is known around it.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The resource as it is now; for a deletion, as it was last.
    pub resource: &'a Value,
    /// What was done to it.
    pub interaction: Interaction,
    /// The version before, where it is known.
    pub previous: Option<&'a Value>,
    /// What was raised about this object before.
    pub prior: Option<&'a Prior>,
    /// The v2 trigger event, MSH-9.2 (never EVN-1, P2); absent at the FHIR door.
    pub event_code: Option<&'a str>,
    /// The namespace of identifiers without an assigner (P1).
    pub namespace: &'a str,
}

/// What was raised about an object before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prior {
    /// The status that its last event told.
    pub status: Option<Status>,
    /// The most urgent lane that an event about it had.
    pub lane: Lane,
    /// The last type that was raised about it; empty when there was none.
    pub last_type: EventType,
}

/// What a resource raises.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The events, in order.
    pub raised: Vec<Raised>,
    /// Why nothing fired where something could have; codes, never content.
    pub silent: Vec<Silence>,
}

/// One event to be.
#[derive(Debug, Clone)]
pub struct Raised {
    /// What happened.
    pub event_type: EventType,
    /// What it happened to.
    pub object_type: EventType,
    /// How urgent it is.
    pub lane: Lane,
    /// The state of the object, for results.
    pub status: Option<Status>,
    /// When it happened, as the resource says.
    pub time: Option<Timestamp>,
    /// Who it is about, where that is another than the subject of the resource.
    pub subject: Option<Subject>,
    /// The identifier of the object.
    pub object: Option<Object>,
    /// The report that the event is, or is part of; for [`crate::supersede`].
    pub report: Option<String>,
    /// What it says.
    pub data: Value,
    /// Whether it corrects or retracts the last event about the same object (N5).
    pub replaces_previous: bool,
    /// The report whose last event told what this corrects: the object itself was within its range then.
    pub replaces_report: Option<Object>,
    /// Who was merged: the subject that is given up, and the one that stays.
    pub merged: Option<(Subject, Subject)>,
}

/// Why nothing fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// A preliminary state after a final one (N5). The version before stays the current one.
    Stale,
    /// Nothing that matters has changed.
    Unchanged,
    /// No rule knows this resource in this state.
    NoRule,
    /// Not a result yet.
    NotYet,
    /// A result within its range; its report tells of it.
    Normal,
    /// A deletion of what was never known: nobody was told of it, and nobody knows who it is about.
    NeverKnown,
}

/// How a version that is older than what is known stands to it (N5): its type and two codes of statuses, no content.
#[must_use]
pub fn staleness(input: &Input<'_>) -> String {
    let kind = input.resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
    let before = input.previous.map_or("a later one", standing::named);
    format!("stale {kind}: {} after {before}", standing::named(input.resource))
}

impl Silence {
    /// Its name in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Silence::Stale => "stale",
            Silence::Unchanged => "unchanged",
            Silence::NoRule => "norule",
            Silence::NotYet => "notyet",
            Silence::Normal => "normal",
            Silence::NeverKnown => "neverknown",
        }
    }
}

/// What a resource raises.
#[must_use]
pub fn raise(input: &Input<'_>) -> Outcome {
    let is_unknown = input.prior.is_none() && input.previous.is_none();
    if input.interaction == Interaction::Delete && is_unknown && is_bare(input.resource) {
        return Outcome::silent(Silence::NeverKnown);
    }
    let resource_type = input.resource.get("resourceType").and_then(Value::as_str);
    match resource_type.unwrap_or_default() {
        "Observation" => result::observation(input),
        "DiagnosticReport" => report::report(input),
        "Encounter" => visit::encounter(input),
        "Appointment" => visit::appointment(input),
        "Patient" => person::patient(input),
        "ServiceRequest" => order::service(input),
        "MedicationRequest" => order::prescription(input),
        "MedicationStatement" => person::medication(input),
        "MedicationDispense" => order::dispense(input),
        "MedicationAdministration" => order::administration(input),
        "Immunization" => order::immunization(input),
        "AllergyIntolerance" => order::allergy(input),
        "DocumentReference" => document::document(input),
        "CareTeam" => care::team(input),
        "CarePlan" => care::plan(input),
        "Goal" => care::goal(input),
        "Task" => care::task(input),
        "Consent" => care::consent(input),
        "QuestionnaireResponse" => answers::answers(input),
        "Practitioner" | "PractitionerRole" => provider::provider(input),
        "Schedule" | "Slot" => provider::times(input),
        "List" => list::list(input),
        _ => Outcome::silent(Silence::NoRule),
    }
}

/// A deletion by address names the type and the id, and nothing else.
fn is_bare(resource: &Value) -> bool {
    let members = resource.as_object().into_iter().flat_map(serde_json::Map::keys);
    members.into_iter().all(|name| matches!(name.as_str(), "resourceType" | "id"))
}

impl Outcome {
    fn silent(why: Silence) -> Self {
        Outcome { raised: Vec::new(), silent: vec![why] }
    }

    fn one(raised: Raised) -> Self {
        Outcome { raised: vec![raised], silent: Vec::new() }
    }
}

impl Raised {
    /// An event of a catalogued type about the resource, in the lane of its type.
    fn new(event_type: &str, input: &Input<'_>, data: Value) -> Self {
        let info = Catalogue::embedded().find(event_type);
        Raised {
            event_type: event_type.into(),
            object_type: info.map_or_else(|| "observation".into(), |info| info.object_type.clone()),
            lane: info.map_or(Lane::Routine, |info| info.lane),
            status: None,
            time: None,
            subject: None,
            object: fhir::identifiers::object(input.resource, input.namespace),
            report: None,
            data,
            replaces_previous: false,
            replaces_report: None,
            merged: None,
        }
    }

    /// Corrects or retracts: at least in the lane of what was told before (N5).
    fn replacing(mut self, input: &Input<'_>) -> Self {
        if let Some(prior) = input.told() {
            self.lane = self.lane.min(prior.lane);
            self.replaces_previous = true;
            if let Value::Object(data) = &mut self.data {
                data.insert("previousType".to_owned(), prior.last_type.as_str().into());
            }
        }
        self
    }
}

impl<'a> Input<'a> {
    /// What was told of the object before, if anything was.
    fn told(&self) -> Option<&'a Prior> {
        self.prior.filter(|prior| !prior.last_type.as_str().is_empty())
    }
}

/// Whether a resource says something else than before: of a result its value, flags, or why there
/// is none; of anything else whatever is no bookkeeping.
pub(crate) fn is_news(before: &Value, now: &Value) -> bool {
    match now.get("resourceType").and_then(Value::as_str) {
        Some("Observation" | "DiagnosticReport") => standing::says_otherwise(before, now),
        Some(_) | None => !changed_fields(before, now).is_empty(),
    }
}

/// The report that a result is, or is part of, as [`Raised::report`] names it.
#[must_use]
pub fn report_key(resource: &Value) -> Option<String> {
    data::report_of(resource).as_ref().map(report::report_key)
}

/// The elements that differ, bookkeeping aside.
fn changed_fields(before: &Value, now: &Value) -> Vec<String> {
    const BOOKKEEPING: [&str; 4] = ["meta", "text", "id", "resourceType"];
    let empty = serde_json::Map::new();
    let (before, now) = (before.as_object().unwrap_or(&empty), now.as_object().unwrap_or(&empty));
    let gone = before.keys().filter(|name| !now.contains_key(*name));
    let other = now.iter().filter(|(name, value)| before.get(*name) != Some(value)).map(|(name, _)| name);
    let mut fields: Vec<String> =
        other.chain(gone).filter(|name| !BOOKKEEPING.contains(&name.as_str())).cloned().collect();
    fields.sort_unstable();
    fields
}

#[cfg(test)]
mod corrections;
#[cfg(test)]
mod families;
#[cfg(test)]
mod journeys;
#[cfg(test)]
mod tests;
