//! Light checks of one resource: enough that nothing downstream is surprised.

use serde_json::{Map, Value};

use crate::types::is_resource_type;

/// What is wrong with a resource, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{expression}: {why}")]
pub struct Fault {
    /// The place, as a `FHIRPath`.
    pub expression: String,
    /// What is wrong; never content.
    pub why: &'static str,
    /// The issue type of FHIR.
    pub code: &'static str,
}

/// Checks the type, the id, required elements of the common resources, and that nothing is empty.
///
/// # Errors
/// The first fault.
pub fn check(resource: &Value) -> Result<(), Fault> {
    let fault = |expression: String, why, code| Err(Fault { expression, why, code });
    let Some(members) = resource.as_object() else {
        return fault("$this".to_owned(), "a resource is a JSON object", "structure");
    };
    let Some(kind) = members.get("resourceType").and_then(Value::as_str) else {
        return fault("resourceType".to_owned(), "is missing", "required");
    };
    if !is_resource_type(kind) {
        return fault("resourceType".to_owned(), "is not a type of FHIR R4, R4B or R5", "not-supported");
    }
    if members.get("id").is_some_and(|id| !id.as_str().is_some_and(is_id)) {
        return fault(format!("{kind}.id"), "is 1 to 64 letters, digits, - and .", "value");
    }
    for name in required(kind) {
        if !members.contains_key(*name) {
            return fault(format!("{kind}.{name}"), "is missing", "required");
        }
    }
    if let Some(statuses) = statuses(kind)
        && let Some(status) = members.get("status")
        && !status.as_str().is_some_and(|status| statuses.contains(&status))
    {
        return fault(format!("{kind}.status"), "is not one of its codes", "code-invalid");
    }
    if narrative_bytes(members) > NARRATIVE_BYTES {
        return fault(format!("{kind}.text"), "is longer than 256 KiB", "too-long");
    }
    check_filled(kind, members)
}

/// Whether a text is a FHIR id.
#[must_use]
pub fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
}

const NARRATIVE_BYTES: usize = 256 << 10;

/// Elements that FHIR requires and rules rely on. `Encounter.class` has two shapes in R4 and R5.
fn required(kind: &str) -> &'static [&'static str] {
    match kind {
        "Observation" | "DiagnosticReport" => &["status", "code"],
        "Encounter" => &["status"],
        "Appointment" => &["status", "participant"],
        _ => &[],
    }
}

fn statuses(kind: &str) -> Option<&'static [&'static str]> {
    match kind {
        "Observation" => Some(&[
            "registered",
            "preliminary",
            "final",
            "amended",
            "corrected",
            "cancelled",
            "entered-in-error",
            "unknown",
        ]),
        "DiagnosticReport" => Some(&[
            "registered",
            "partial",
            "preliminary",
            "modified",
            "final",
            "amended",
            "corrected",
            "appended",
            "cancelled",
            "entered-in-error",
            "unknown",
        ]),
        "Encounter" => Some(&[
            "planned",
            "arrived",
            "triaged",
            "in-progress",
            "onleave",
            "on-hold",
            "discharged",
            "finished",
            "completed",
            "cancelled",
            "discontinued",
            "entered-in-error",
            "unknown",
        ]),
        "Appointment" => Some(&[
            "proposed",
            "pending",
            "booked",
            "arrived",
            "fulfilled",
            "cancelled",
            "noshow",
            "entered-in-error",
            "checked-in",
            "waitlist",
        ]),
        _ => None,
    }
}

fn narrative_bytes(members: &Map<String, Value>) -> usize {
    let narrative = members.get("text").and_then(|text| text.get("div")).and_then(Value::as_str);
    narrative.map_or(0, str::len)
}

/// FHIR has no empty lists, objects or texts. Depth is bounded by the JSON check before.
fn check_filled(place: &str, members: &Map<String, Value>) -> Result<(), Fault> {
    for (name, value) in members {
        let place = format!("{place}.{name}");
        match value {
            Value::Array(list) if list.is_empty() => return Err(empty(place, "is an empty list")),
            Value::Array(list) => {
                for (at, entry) in list.iter().enumerate() {
                    check_entry(&format!("{place}[{at}]"), entry)?;
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                check_entry(&place, value)?;
            }
        }
    }
    Ok(())
}

fn check_entry(place: &str, value: &Value) -> Result<(), Fault> {
    match value {
        Value::Object(members) if members.is_empty() => Err(empty(place.to_owned(), "is an empty object")),
        Value::Object(members) => check_filled(place, members),
        Value::String(text) if text.is_empty() => Err(empty(place.to_owned(), "is an empty text")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Ok(()),
    }
}

fn empty(expression: String, why: &'static str) -> Fault {
    Fault { expression, why, code: "structure" }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(resource: Value, expected: Result<(), &str>) {
        assert_eq!(
            super::check(&resource).map_err(|fault| fault.expression),
            expected.map_err(str::to_owned)
        );
    }

    #[test]
    fn a_resource_is_checked_as_far_as_rules_rely_on_it() {
        check(json!({"resourceType": "Patient", "id": "p-1"}), Ok(()));
        check(json!({"resourceType": "Observation", "status": "final", "code": {"text": "K"}}), Ok(()));
        check(json!([]), Err("$this"));
        check(json!({"id": "1"}), Err("resourceType"));
        check(json!({"resourceType": "Pateint"}), Err("resourceType"));
        check(json!({"resourceType": "Patient", "id": "a b"}), Err("Patient.id"));
        check(json!({"resourceType": "Patient", "id": 1}), Err("Patient.id"));
        check(json!({"resourceType": "Observation", "status": "final"}), Err("Observation.code"));
        check(
            json!({"resourceType": "Observation", "status": "done", "code": {"text": "K"}}),
            Err("Observation.status"),
        );
        check(json!({"resourceType": "Patient", "name": []}), Err("Patient.name"));
        check(json!({"resourceType": "Patient", "name": [{}]}), Err("Patient.name[0]"));
        check(json!({"resourceType": "Patient", "name": [{"family": ""}]}), Err("Patient.name[0].family"));
        check(
            json!({"resourceType": "Patient", "text": {"div": "x".repeat(NARRATIVE_BYTES + 1)}}),
            Err("Patient.text"),
        );
    }
}
