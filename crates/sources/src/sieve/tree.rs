//! Members of JSON, by paths that pass through lists.

use model::{FieldPath, Fields};
use serde_json::Value;

/// Sifts a resource and what stands in it, each by the paths of its own type.
pub(super) fn sift_resource(resource: &mut Value, fields: &Fields) {
    let kind = resource.get("resourceType").and_then(Value::as_str).map(str::to_owned);
    // A Bundle only carries: what is refused stands in its entries.
    if let Some(kind) = kind.filter(|kind| kind != "Bundle") {
        let named = NEEDED.map(|need| vec![need]);
        sift_by(resource, (&kind, &named), fields);
    }
    sift_within(resource, fields);
}

fn sift_within(value: &mut Value, fields: &Fields) {
    let inner: Vec<&mut Value> = match value {
        Value::Object(members) => members.iter_mut().map(|(_, value)| value).collect(),
        Value::Array(items) => items.iter_mut().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return,
    };
    for one in inner {
        if one.get("resourceType").is_some() { sift_resource(one, fields) } else { sift_within(one, fields) }
    }
}

/// Without them nobody could tell what it is, or that it is a test (T1).
const NEEDED: [&str; 3] = ["resourceType", "id", "meta"];

/// Sifts a value that paths call `root`.
pub(super) fn sift(value: &mut Value, root: &str, fields: &Fields) {
    sift_by(value, (root, &[]), fields);
}

/// As [`sift`]; what is `needed` is there though it is not among what is accepted.
pub(super) fn sift_by(value: &mut Value, (root, needed): (&str, &[Vec<&str>]), fields: &Fields) {
    if !fields.accept.is_empty() {
        let accepted = below(&fields.accept, root);
        let paths: Vec<&[&str]> = accepted.iter().chain(needed).map(Vec::as_slice).collect();
        keep(value, &paths);
    }
    for path in below(&fields.drop, root) {
        remove(value, &path);
    }
}

/// What paths that begin at `root` say of what is below it.
fn below<'f>(paths: &'f [FieldPath], root: &str) -> Vec<Vec<&'f str>> {
    let steps = paths.iter().map(FieldPath::steps).filter(|steps| steps[0] == "*" || steps[0] == root);
    steps.map(|steps| steps[1..].to_vec()).collect()
}

/// Keeps what a path leads to; tells whether anything is left.
fn keep(value: &mut Value, paths: &[&[&str]]) -> bool {
    if paths.iter().any(|path| path.is_empty()) {
        return true;
    }
    match value {
        Value::Object(members) => {
            members.retain(|name, inner| {
                let leading = paths.iter().filter(|path| FieldPath::names(path[0], name));
                let deeper: Vec<&[&str]> = leading.map(|path| &path[1..]).collect();
                !deeper.is_empty() && keep(inner, &deeper)
            });
            !members.is_empty()
        }
        Value::Array(items) => {
            items.retain_mut(|item| keep(item, paths));
            !items.is_empty()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Removes what a path leads to, and what that leaves empty: FHIR has no empty elements.
fn remove(value: &mut Value, path: &[&str]) {
    let Some((step, rest)) = path.split_first() else { return };
    match value {
        Value::Object(members) => {
            members.retain(|name, inner| {
                if !FieldPath::names(step, name) {
                    return true;
                }
                remove(inner, rest);
                !rest.is_empty() && !is_empty(inner)
            });
        }
        Value::Array(items) => {
            items.iter_mut().for_each(|item| remove(item, path));
            items.retain(|item| !is_empty(item));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(serde_json::Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

#[cfg(test)]
mod tests {
    use model::Kind;
    use serde_json::json;

    use super::*;

    fn fields(kind: &str, accept: &[&str], drop: &[&str]) -> Fields {
        let paths = |texts: &[&str]| {
            texts.iter().map(|text| FieldPath::of(&Kind::from(kind), text).unwrap()).collect()
        };
        Fields { accept: paths(accept), drop: paths(drop) }
    }

    #[track_caller]
    fn sifted(mut resource: Value, fields: &Fields, expected: &Value) {
        sift_resource(&mut resource, fields);
        assert_eq!(&resource, expected);
    }

    #[test]
    fn c7_dropped_members_are_gone_with_their_extensions_and_their_empty_holders() {
        let patient = json!({ "resourceType": "Patient", "id": "p", "telecom": [{ "value": "555" }],
            "birthDate": "1980-01-01", "_birthDate": { "extension": [] },
            "contact": [{ "name": { "family": "F" } }, { "name": { "family": "G" }, "gender": "female" }] });
        let drop = fields("fhir", &[], &["Patient.telecom", "Patient.birthDate", "*.contact.name"]);
        let left = json!({ "resourceType": "Patient", "id": "p", "contact": [{ "gender": "female" }] });
        sifted(patient.clone(), &drop, &left);
        let result = json!({ "resourceType": "Observation", "valueString": "free text", "valueSet": [], "status": "final" });
        sifted(
            result,
            &fields("fhir", &[], &["Observation.value[x]"]),
            &json!({ "resourceType": "Observation", "status": "final" }),
        );
        sifted(patient.clone(), &fields("fhir", &[], &["Encounter.telecom"]), &patient);
    }

    #[test]
    fn c7_what_is_not_accepted_is_not_taken_wherever_the_resource_stands() {
        let accept =
            fields("fhir", &["Observation.status", "Observation.code.coding", "Observation.contained"], &[]);
        let inner = json!({ "resourceType": "Patient", "id": "c", "name": [{ "family": "F" }] });
        let result = json!({ "resourceType": "Observation", "id": "o", "status": "final", "note": [{ "text": "x" }],
            "code": { "text": "K", "coding": [{ "code": "2823-3" }] }, "contained": [inner] });
        let left = json!({ "resourceType": "Observation", "id": "o", "status": "final",
            "code": { "coding": [{ "code": "2823-3" }] }, "contained": [{ "resourceType": "Patient", "id": "c" }] });
        let bundle = |resource: Value| json!({ "resourceType": "Bundle", "type": "batch", "entry": [{ "resource": resource }] });
        sifted(bundle(result), &accept, &bundle(left));
    }

    #[test]
    fn c7_the_data_of_events_is_sifted_by_member() {
        let mut data = json!({ "rxRef": "1", "contact": { "phone": "555", "kind": "home" }, "items": [{ "note": "x", "n": 1 }] });
        sift(&mut data, "data", &fields("events", &[], &["data.contact.phone", "data.items.note"]));
        assert_eq!(data, json!({ "rxRef": "1", "contact": { "kind": "home" }, "items": [{ "n": 1 }] }));
        sift(&mut data, "data", &fields("events", &["data.rxRef"], &[]));
        assert_eq!(data, json!({ "rxRef": "1" }));
    }
}
