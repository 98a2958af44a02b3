//! Whom an event is about, by an identifier: `patient.identifier` of IHE's topics. It is written as a chain into
//! the Patient, and decided by what is known of the subject and by what the reference says itself.

use fhir::search::{Criteria, Match};
use model::Subject;
use serde_json::{Value, json};

use crate::written::Part;

/// The name of the filter.
pub(crate) const IDENTIFIER: &str = "patient.identifier";

/// The identifiers that are asked for, one of which must be the patient's.
#[derive(Debug)]
pub(crate) struct Asked(Criteria);

impl Asked {
    /// Reads `patient.identifier=system|value,…`.
    pub(crate) fn read(part: Part<'_>) -> Result<Asked, String> {
        let (left, values) = part.0.split_once('=').ok_or_else(|| format!("{IDENTIFIER}: there is no ="))?;
        if left.contains(':') {
            return Err(format!("{IDENTIFIER} takes no modifier; write system|value"));
        }
        let criteria = Criteria::parse("Patient", &format!("identifier={values}"));
        criteria.map(Asked).map_err(|fault| fault.to_string())
    }

    /// Whether a resource is about such a patient.
    pub(crate) fn hold(&self, resource: &Value, subject: Option<&Subject>) -> bool {
        let known = subject.filter(|subject| subject.kind == "patient");
        let known = known.map(|subject| json!({ "system": subject.system, "value": subject.id }));
        let named = ["subject", "patient", "for"].into_iter().filter_map(|name| resource.get(name));
        let named = named.flat_map(|one| one.as_array().map_or(std::slice::from_ref(one), Vec::as_slice));
        let said = named.filter_map(|reference| reference.get("identifier")).cloned();
        let identifiers: Vec<Value> = known.into_iter().chain(said).collect();
        let patient = json!({ "resourceType": "Patient", "identifier": identifiers });
        self.0.matches(&patient) == Match::Yes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p1_a_patient_is_asked_for_by_an_identifier_with_its_assigner() {
        let asked = Asked::read(Part("patient.identifier=urn:a|1001")).unwrap();
        let subject =
            |system: &str| Subject { kind: "patient".into(), system: system.into(), id: "1001".into() };
        let list = json!({ "resourceType": "List", "subject": { "reference": "Patient/p" } });
        assert!(asked.hold(&list, Some(&subject("urn:a"))));
        assert!(!asked.hold(&list, Some(&subject("urn:b"))));
        assert!(!asked.hold(&list, None));
        let named = json!({ "subject": [{ "identifier": { "system": "urn:a", "value": "1001" } }] });
        assert!(asked.hold(&named, None), "what the reference says itself");
        assert!(Asked::read(Part("patient.identifier:not=urn:a|1")).is_err());
        assert!(Asked::read(Part("patient.identifier=|")).is_err());
    }
}
