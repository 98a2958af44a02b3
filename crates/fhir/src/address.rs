//! Ids for resources that come without: HL7 v2 knows identifiers with their assigner, FHIR addresses by id.

use serde_json::{Map, Value, json};

use crate::identifiers::one_or_many;
use crate::resource::is_id;
use crate::{Reference, parse_reference};

/// Gives a resource an id, and its patient a reference, where it has none.
///
/// `object` and `subject` are an assigner and an identifier each. What is there already stays.
pub fn address(resource: &mut Value, object: (&str, &str), subject: Option<(&str, &str)>) {
    let Some(members) = resource.as_object_mut() else { return };
    let is_patient = members.get("resourceType").is_some_and(|kind| kind == "Patient");
    if !members.contains_key("id") {
        let (system, id) = subject.filter(|_| is_patient).unwrap_or(object);
        members.insert("id".to_owned(), id_of(system, id).into());
    }
    let Some((system, id)) = subject.filter(|_| !is_patient) else { return };
    for name in ["subject", "patient", "for"] {
        match members.get_mut(name) {
            Some(Value::Object(reference)) => point(reference, system, id),
            // Of several, those that tell nothing of themselves may be others.
            Some(Value::Array(references)) => {
                if let [Value::Object(reference)] = references.as_mut_slice() {
                    point(reference, system, id);
                }
            }
            Some(_) | None => {}
        }
    }
}

fn point(reference: &mut Map<String, Value>, system: &str, id: &str) {
    let is_other = reference.get("type").is_some_and(|kind| kind != "Patient");
    if !is_other && !reference.contains_key("reference") {
        reference.insert("reference".to_owned(), json!(format!("Patient/{}", id_of(system, id))));
    }
}

/// The id of a patient that a resource points to; its own for a Patient.
#[must_use]
pub fn patient_of(resource: &Value) -> Option<String> {
    if resource["resourceType"] == "Patient" {
        return resource["id"].as_str().map(str::to_owned);
    }
    let named = ["subject", "patient", "for"].into_iter().filter_map(|name| resource.get(name));
    named.flat_map(one_or_many).find_map(|reference| {
        let (Reference::Relative { kind, id } | Reference::Absolute { kind, id, .. }) =
            parse_reference(reference["reference"].as_str()?)
        else {
            return None;
        };
        (kind == "Patient").then_some(id)
    })
}

/// A FHIR id for an identifier and who assigned it: two hospitals' 1001 never share one (P1).
#[must_use]
pub fn id_of(system: &str, identifier: &str) -> String {
    // An id that the source chose itself is kept: its assigner is the integration's own namespace.
    if system.starts_with("urn:carehook:") && is_id(identifier) {
        return identifier.to_owned();
    }
    // FNV-1a over both, each behind its length: no secret, only the same again.
    let parts = [system, identifier];
    let bytes = parts.iter().flat_map(|part| {
        let length = part.len() as u64;
        length.to_be_bytes().into_iter().chain(part.bytes())
    });
    let hash = bytes.fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    format!("{hash:032x}")
}

const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p1_the_same_number_of_two_hospitals_is_two_ids() {
        assert_ne!(id_of("urn:a", "1001"), id_of("urn:b", "1001"));
        assert_ne!(id_of("urn:a1", "001"), id_of("urn:a", "1001"));
        assert!(is_id(&id_of("urn:a", "10 01^x")));
        assert_eq!(id_of("urn:carehook:int_1/Observation", "obs-1"), "obs-1");
    }

    #[test]
    fn what_has_an_address_keeps_it_and_what_has_none_gets_one() {
        let mut named =
            json!({ "resourceType": "Observation", "id": "o", "subject": { "reference": "Patient/p" } });
        let before = named.clone();
        address(&mut named, ("urn:a", "1"), Some(("urn:a", "2")));
        assert_eq!(named, before);
        assert_eq!(patient_of(&named).unwrap(), "p");

        let mut mapped =
            json!({ "resourceType": "Observation", "subject": { "identifier": { "value": "2" } } });
        address(&mut mapped, ("urn:a", "1"), Some(("urn:a", "2")));
        assert_eq!(mapped["id"], id_of("urn:a", "1"));
        assert_eq!(patient_of(&mapped).unwrap(), id_of("urn:a", "2"));

        let mut patient = json!({ "resourceType": "Patient" });
        address(&mut patient, ("urn:x", "9"), Some(("urn:a", "2")));
        assert_eq!(
            patient_of(&patient).unwrap(),
            id_of("urn:a", "2"),
            "references to the patient lead to it"
        );

        let mut several = json!({ "resourceType": "List", "subject": [{ "identifier": { "value": "2" } }] });
        address(&mut several, ("urn:a", "1"), Some(("urn:a", "2")));
        assert_eq!(patient_of(&several).unwrap(), id_of("urn:a", "2"));

        let mut group = json!({ "resourceType": "Observation", "subject": { "type": "Group" } });
        address(&mut group, ("urn:a", "1"), Some(("urn:a", "2")));
        assert_eq!(patient_of(&group), None);
    }
}
