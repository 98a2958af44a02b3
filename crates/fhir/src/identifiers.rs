//! Who a resource is about, and which identifier is its own.

use model::{Object, Subject};
use serde_json::Value;

/// The patient that a Patient resource is: the identifier of the preferred type, with its assigner (P1).
///
/// Without a preference the medical record number, then the first identifier,
/// then the resource id within `namespace`.
#[must_use]
pub fn patient(patient: &Value, preference: &[String], namespace: &str) -> Option<Subject> {
    let identifiers = || patient.get("identifier").and_then(Value::as_array).into_iter().flatten();
    let of_type = |wanted: &str| {
        identifiers().find(|identifier| {
            let codings = identifier["type"]["coding"].as_array().into_iter().flatten();
            codings.into_iter().any(|coding| coding["code"] == wanted) && identifier.get("value").is_some()
        })
    };
    let preferred = preference.iter().find_map(|wanted| of_type(wanted));
    let found =
        preferred.or_else(|| of_type("MR")).or_else(|| identifiers().find(|i| i.get("value").is_some()));
    let by_id = || Some((namespace.to_owned(), patient.get("id")?.as_str()?.to_owned()));
    let (system, id) = found.and_then(|identifier| system_and_value(identifier, namespace)).or_else(by_id)?;
    Some(subject_of("patient", system, id))
}

/// Who a resource is about: itself for a Patient, else its subject, patient or patient participant.
#[must_use]
pub fn subject(resource: &Value, preference: &[String], namespace: &str) -> Option<Subject> {
    if resource.get("resourceType").and_then(Value::as_str) == Some("Patient") {
        return patient(resource, preference, namespace);
    }
    references(resource).find_map(|reference| referred(reference, namespace))
}

/// What may say who a resource is about, in the order in which it is asked.
fn references(resource: &Value) -> impl Iterator<Item = &Value> {
    let participants = resource.get("participant").and_then(Value::as_array).into_iter().flatten();
    let actors =
        participants.filter_map(|participant| participant.get("actor")).filter(|actor| is_patient(actor));
    let named = ["subject", "patient", "for", "beneficiary", "individual"].into_iter();
    // A list in R5, where a List is about several.
    let named = named.filter_map(|name| resource.get(name)).flat_map(one_or_many);
    let named = named.filter(|reference| is_reference(reference));
    named.chain(actors)
}

/// The identifier of a resource that is its own: the same in every message and request about it.
///
/// The one marked for the purpose by the v2 mapping, else the resource id within
/// `namespace` (which is how the FHIR door addresses it), else the first identifier.
#[must_use]
pub fn object(resource: &Value, namespace: &str) -> Option<Object> {
    let own = own_identifier(resource);
    let kind = resource.get("resourceType").and_then(Value::as_str)?;
    let by_id = || {
        let id = resource.get("id")?.as_str()?;
        Some((format!("{namespace}/{kind}"), id.to_owned()))
    };
    let first = || system_and_value(resource.get("identifier")?.as_array()?.first()?, namespace);
    let (system, id) = own.or_else(by_id).or_else(first)?;
    Some(Object { system, id })
}

/// The id of the Patient that tells who a resource is about, where nothing but a relative reference does.
///
/// An identifier of the reference goes before: a number without an assigner is no id (P1).
#[must_use]
pub fn patient_id(resource: &Value) -> Option<String> {
    let decisive = references(resource).find(|reference| referred(reference, "").is_some())?;
    if decisive.get("identifier").is_some_and(|identifier| system_and_value(identifier, "").is_some()) {
        return None;
    }
    let text = decisive.get("reference")?.as_str()?;
    let crate::Reference::Relative { kind, id } = crate::reference::parse(text) else { return None };
    (kind == "Patient").then_some(id)
}

/// The subject that a Patient is to whoever knows nothing but its id.
#[must_use]
pub fn patient_by_id(id: &str, namespace: &str) -> Subject {
    subject_of("patient", namespace.to_owned(), id.to_owned())
}

/// Where the v2 mapping marks the identifier of a resource.
pub(crate) const OWN_IDENTIFIER: &str = "urn:carehook:own";

fn own_identifier(resource: &Value) -> Option<(String, String)> {
    let extensions = resource.get("extension")?.as_array()?;
    let own = extensions.iter().find(|extension| extension["url"] == OWN_IDENTIFIER)?;
    let identifier = &own["valueIdentifier"];
    Some((identifier["system"].as_str()?.to_owned(), identifier["value"].as_str()?.to_owned()))
}

fn referred(reference: &Value, namespace: &str) -> Option<Subject> {
    let kind = if is_patient(reference) { "patient" } else { "other" };
    let logical = reference.get("identifier").and_then(|identifier| system_and_value(identifier, namespace));
    let literal = || literal(reference.get("reference")?.as_str()?, namespace);
    let (system, id) = logical.or_else(literal)?;
    let kind = match reference.get("type").and_then(Value::as_str) {
        Some(named) if kind == "other" => named.to_ascii_lowercase(),
        _ if kind == "other" => "patient".to_owned(),
        _ => kind.to_owned(),
    };
    Some(subject_of(&kind, system, id))
}

/// `Patient/1`, an absolute URL, or `Patient?identifier=system|value`.
fn literal(reference: &str, namespace: &str) -> Option<(String, String)> {
    match crate::reference::parse(reference) {
        crate::Reference::Relative { id, .. } => Some((namespace.to_owned(), id)),
        crate::Reference::Absolute { base, id, .. } => Some((base, id)),
        crate::Reference::Conditional { system, value, .. } => {
            Some((system.unwrap_or_else(|| namespace.to_owned()), value))
        }
        // Another entry of a Bundle, which the next Bundle may call the same: nobody by itself (P1).
        crate::Reference::Urn(_) | crate::Reference::Contained(_) | crate::Reference::Other => None,
    }
}

fn system_and_value(identifier: &Value, namespace: &str) -> Option<(String, String)> {
    let value = identifier.get("value")?.as_str().filter(|value| !value.is_empty())?;
    let system = identifier.get("system").and_then(Value::as_str).unwrap_or(namespace);
    Some((system.to_owned(), value.to_owned()))
}

/// The references of an element that is one or a list.
pub(crate) fn one_or_many(element: &Value) -> &[Value] {
    element.as_array().map_or(std::slice::from_ref(element), Vec::as_slice)
}

fn is_reference(value: &Value) -> bool {
    value.get("reference").is_some() || value.get("identifier").is_some()
}

fn is_patient(reference: &Value) -> bool {
    let literal = reference.get("reference").and_then(Value::as_str).unwrap_or_default();
    let is_named = reference.get("type").and_then(Value::as_str) == Some("Patient");
    is_named
        || literal.starts_with("Patient/")
        || literal.starts_with("Patient?")
        || literal.contains("/Patient/")
}

fn subject_of(kind: &str, system: String, id: String) -> Subject {
    Subject { kind: kind.to_owned(), system, id }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(found: Option<Subject>, expected: Option<(&str, &str)>) {
        let found = found.as_ref().map(|subject| (subject.system.as_str(), subject.id.as_str()));
        assert_eq!(found, expected);
    }

    #[test]
    fn p1_a_patient_is_an_identifier_with_its_assigner() {
        let typed = |code: &str, value: &str| json!({"type": {"coding": [{"code": code}]}, "system": "urn:a", "value": value});
        let both =
            json!({"resourceType": "Patient", "id": "7", "identifier": [typed("SS", "1"), typed("MR", "2")]});
        check(patient(&both, &[], "urn:site"), Some(("urn:a", "2")));
        check(patient(&both, &["SS".to_owned()], "urn:site"), Some(("urn:a", "1")));
        check(patient(&json!({"identifier": [{"value": "3"}]}), &[], "urn:site"), Some(("urn:site", "3")));
        check(patient(&json!({"id": "7"}), &[], "urn:site"), Some(("urn:site", "7")));
        check(patient(&json!({}), &[], "urn:site"), None);
    }

    #[test]
    fn the_subject_of_a_resource_is_found_in_every_notation() {
        let of = |value: Value| subject(&value, &[], "urn:site");
        check(of(json!({"subject": {"reference": "Patient/p1"}})), Some(("urn:site", "p1")));
        check(
            of(json!({"subject": {"identifier": {"system": "urn:a", "value": "1"}}})),
            Some(("urn:a", "1")),
        );
        check(of(json!({"patient": {"reference": "Patient?identifier=urn:a|1"}})), Some(("urn:a", "1")));
        check(
            of(json!({"subject": {"reference": "https://ehr.example/fhir/Patient/p1"}})),
            Some(("https://ehr.example/fhir", "p1")),
        );
        let actors = json!({"participant": [{"actor": {"reference": "Practitioner/2"}}, {"actor": {"reference": "Patient/p1"}}]});
        check(of(actors), Some(("urn:site", "p1")));
        check(
            of(json!({"resourceType": "Task", "for": {"reference": "Patient/p1"}})),
            Some(("urn:site", "p1")),
        );
        check(of(json!({"subject": [{"reference": "Patient/p1"}]})), Some(("urn:site", "p1")));
        check(of(json!({"subject": {"reference": "#contained"}})), None);
        check(of(json!({"subject": {"reference": "urn:uuid:1"}})), None);
    }

    #[test]
    fn p1_only_a_relative_reference_is_looked_up() {
        let of = |value: Value| patient_id(&value);
        assert_eq!(of(json!({"subject": {"reference": "Patient/p1"}})).as_deref(), Some("p1"));
        let actors = json!({"participant": [{"actor": {"reference": "Patient/p1"}}]});
        assert_eq!(of(actors).as_deref(), Some("p1"));
        let named = json!({"subject": {"reference": "Patient/p1", "identifier": {"value": "1001"}}});
        assert_eq!(of(named), None, "the number tells who it is");
        assert_eq!(of(json!({"subject": {"reference": "https://ehr.example/fhir/Patient/p1"}})), None);
        assert_eq!(of(json!({"subject": {"reference": "Group/g1"}})), None);
    }
}
