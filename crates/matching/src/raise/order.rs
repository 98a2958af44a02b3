//! Orders, prescriptions, dispenses, vaccinations and allergies, by the table of rules.

use serde_json::{Value, json};

use super::data::{self, Members};
use super::rules::Rule;
use super::{Input, Interaction, Outcome, Raised, Silence, changed_fields, person};

/// What an order or a referral raises.
pub(super) fn service(input: &Input<'_>) -> Outcome {
    by_rule(input, service_members)
}

/// What a prescription raises, and what it says of a patient's medication.
///
/// A request for a refill (RDE^O25) asks for something and changes nothing yet.
pub(super) fn prescription(input: &Input<'_>) -> Outcome {
    let mut outcome = by_rule(input, prescription_members);
    if input.event_code != Some("O25") {
        let medication = person::medication(input);
        outcome.raised.extend(medication.raised);
    }
    if !outcome.raised.is_empty() {
        outcome.silent.clear();
    }
    outcome
}

/// What a dispense says of its prescription.
pub(super) fn dispense(input: &Input<'_>) -> Outcome {
    by_rule(input, dispense_members)
}

/// What was given; what is taken back is told by its status.
pub(super) fn administration(input: &Input<'_>) -> Outcome {
    by_rule(input, administration_members)
}

/// What a vaccination raises; one that is taken back is told by its status.
pub(super) fn immunization(input: &Input<'_>) -> Outcome {
    by_rule(input, immunization_members)
}

/// What an allergy raises; one that is taken back is told by its status.
pub(super) fn allergy(input: &Input<'_>) -> Outcome {
    by_rule(input, allergy_members)
}

/// Asks the table; a resource that is deleted is one entered in error, as it was last.
pub(super) fn by_rule(input: &Input<'_>, members: fn(&Input<'_>) -> Members) -> Outcome {
    if input.interaction == Interaction::Delete {
        let before = input.previous.unwrap_or(input.resource);
        let mut taken_back = before.clone();
        taken_back["status"] = "entered-in-error".into();
        let over = Input {
            resource: &taken_back,
            previous: Some(before),
            interaction: Interaction::Update,
            ..*input
        };
        return by_rule(&over, members);
    }
    if input.previous.is_some_and(|previous| changed_fields(previous, input.resource).is_empty()) {
        return Outcome::silent(Silence::Unchanged);
    }
    let Some(rule) = Rule::find(input) else { return Outcome::silent(Silence::NoRule) };
    let event = |kind: &str| {
        let event = Raised::new(kind, input, members(input).into_value());
        if rule.replaces { event.replacing(input) } else { event }
    };
    let raised: Vec<Raised> = rule.all().map(event).collect();
    let silent = if raised.is_empty() { vec![Silence::Unchanged] } else { Vec::new() };
    Outcome { raised, silent }
}

fn service_members(input: &Input<'_>) -> Members {
    let resource = input.resource;
    let code = data::code(resource.get("code").map(|code| code.get("concept").unwrap_or(code)));
    let reasons = resource.get("reasonCode").and_then(|list| list.get(0));
    Members::default()
        .with("orderRef", own_ref(input))
        .with("codes", code.clone().map(|code| json!([code])))
        .with("specialty", data::code(resource.get("performerType")).or(code))
        .with("status", data::element(resource, "status"))
        .with("priority", data::element(resource, "priority"))
        .with("reason", data::code(reasons))
        .with("requesterRef", data::reference(resource.get("requester")))
        .with("authoredOn", data::time(resource, "authoredOn"))
        .with("encounterRef", data::reference(resource.get("encounter")))
}

fn prescription_members(input: &Input<'_>) -> Members {
    let resource = input.resource;
    let fields = input.previous.map(|previous| json!({ "fields": changed_fields(previous, resource) }));
    let from = input.previous.and_then(|previous| data::element(previous, "status"));
    Members::default()
        .with("rxRef", own_ref(input))
        .with("medication", data::code(person::medicine(resource)))
        .with("intent", data::element(resource, "intent"))
        .with("status", data::element(resource, "status"))
        .with("from", from.filter(|from| Some(from) != resource.get("status")))
        .with("to", data::element(resource, "status"))
        .with("change", fields)
        .with("reason", data::code(resource.get("statusReason")))
        .with("kind", (input.event_code == Some("O25")).then(|| "renewal".into()))
        .with("authoredOn", data::time(resource, "authoredOn"))
}

/// The prescription is the sender's number for it; the dispense stands for one that has none.
fn dispense_members(input: &Input<'_>) -> Members {
    let resource = input.resource;
    let of = data::reference(resource.get("authorizingPrescription").and_then(|list| list.get(0)));
    let reason = resource.get("statusReasonCodeableConcept").or_else(|| resource.get("notPerformedReason"));
    Members::default()
        .with("rxRef", of.or_else(|| own_ref(input)))
        .with("dispenseRef", own_ref(input))
        .with("medication", data::code(person::medicine(resource)))
        .with("quantity", data::element(resource, "quantity"))
        .with("dispensedAt", data::time(resource, "whenHandedOver"))
        .with("status", data::element(resource, "status"))
        .with("reason", data::code(reason))
}

fn administration_members(input: &Input<'_>) -> Members {
    let resource = input.resource;
    let began = resource.get("effectivePeriod").or_else(|| resource.get("occurencePeriod"));
    let at = data::time(resource, "effectiveDateTime").or_else(|| data::time(resource, "occurenceDateTime"));
    Members::default()
        .with("administrationRef", own_ref(input))
        .with("rxRef", data::reference(resource.get("request")))
        .with("code", data::code(person::medicine(resource)))
        .with("at", at.or_else(|| data::time(began?, "start")))
        .with("dose", resource.get("dosage").and_then(|dosage| data::element(dosage, "dose")))
        .with("status", data::element(resource, "status"))
}

fn immunization_members(input: &Input<'_>) -> Members {
    let resource = input.resource;
    Members::default()
        .with("code", data::code(resource.get("vaccineCode")))
        .with("occurredAt", data::time(resource, "occurrenceDateTime"))
        .with("status", data::element(resource, "status"))
        .with("lotNumber", data::element(resource, "lotNumber"))
        .with("primarySource", data::element(resource, "primarySource"))
}

fn allergy_members(input: &Input<'_>) -> Members {
    let resource = input.resource;
    Members::default()
        .with("code", data::code(resource.get("code")))
        .with("criticality", data::element(resource, "criticality"))
        .with("category", data::element(resource, "category"))
        .with("clinicalStatus", data::code(resource.get("clinicalStatus")))
        .with("verificationStatus", data::code(resource.get("verificationStatus")))
}

pub(super) fn own_ref(input: &Input<'_>) -> Option<Value> {
    fhir::identifiers::object(input.resource, input.namespace).map(|object| object.id.into())
}
