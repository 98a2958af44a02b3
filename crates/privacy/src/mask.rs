//! What of a body is about a person, and the body without it.

use serde_json::{Map, Value};

/// A body for people who may see its shape only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// The body with `"(masked)"` for everything that names or describes somebody.
    pub body: String,
    /// What that is.
    pub personal: Vec<PersonalField>,
}

/// A member of a body that is about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonalField {
    /// Where it stands, as a JSON pointer.
    pub pointer: String,
    /// What it is.
    pub kind: PersonalKind,
}

/// In which way a member is about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonalKind {
    /// It names somebody to whoever knows the assigner.
    Identifier,
    /// It says something about somebody.
    Content,
    /// It stands for somebody, to this recipient only; it is not masked.
    Pseudonym,
}

/// The shape of a native body, of a `CloudEvents` event or of a notification Bundle. What is none of these is masked
/// as a whole.
#[must_use]
pub fn mask(body: &[u8]) -> Masked {
    let Ok(Value::Object(mut members)) = serde_json::from_slice::<Value>(body) else {
        let personal = vec![PersonalField { pointer: String::new(), kind: PersonalKind::Content }];
        return Masked { body: MASK.to_owned(), personal };
    };
    let mut personal = Vec::new();
    if members.contains_key("resourceType") {
        entries(members.get_mut("entry"), &mut personal);
        return Masked { body: Value::Object(members).to_string(), personal };
    }
    if members.contains_key("specversion") {
        attributes(&mut members, &mut personal);
    }
    for name in ["subject", "object"] {
        if let Some(Value::Object(about)) = members.get_mut(name) {
            identifiers(about, &format!("/{name}"), &mut personal);
        }
    }
    if let Some(data) = members.get_mut("data") {
        contents(data, "/data".to_owned(), &mut personal);
    }
    Masked { body: Value::Object(members).to_string(), personal }
}

/// What the leaf at a JSON pointer says of people; none if nothing.
pub type Tells<'t> = dyn Fn(&str) -> Option<PersonalKind> + 't;

/// The shape of any JSON, by what each leaf says of people; no JSON is masked as a whole.
#[must_use]
pub fn mask_by(body: &[u8], tells: &Tells<'_>) -> Masked {
    let mut personal = Vec::new();
    match serde_json::from_slice::<Value>(body) {
        Ok(mut value) => {
            leaves(&mut value, String::new(), (tells, &mut personal));
            Masked { body: value.to_string(), personal }
        }
        Err(_) => mask(body),
    }
}

/// A Bundle says of people what stands behind its first entry, and whom that refers to.
fn entries(entries: Option<&mut Value>, personal: &mut Vec<PersonalField>) {
    let Some(Value::Array(entries)) = entries else { return };
    for (place, entry) in entries.iter_mut().enumerate() {
        let at = format!("/entry/{place}");
        if place == 0 { references(entry, at, personal) } else { contents(entry, at, personal) }
    }
}

/// References to anything but the Subscription itself.
fn references(value: &mut Value, at: String, personal: &mut Vec<PersonalField>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let at = format!("{at}/{name}");
                let is_other = value.as_str().is_some_and(|url| !url.contains("Subscription/"));
                if name == "reference" && is_other {
                    personal.push(PersonalField { pointer: at, kind: PersonalKind::Identifier });
                    *value = MASK.into();
                } else {
                    references(value, at, personal);
                }
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter_mut().enumerate() {
                references(item, format!("{at}/{place}"), personal);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `CloudEvents` names people and things by attributes: whole identifiers with the profile `full`, else stand-ins.
fn attributes(members: &mut Map<String, Value>, personal: &mut Vec<PersonalField>) {
    let is_full = members.get("profile").is_some_and(|profile| profile == "full");
    for (name, kind) in [
        ("subject", if is_full { PersonalKind::Identifier } else { PersonalKind::Pseudonym }),
        ("subjectsystem", PersonalKind::Identifier),
        ("object", PersonalKind::Pseudonym),
    ] {
        let Some(value) = members.get_mut(name).filter(|value| !value.is_null()) else { continue };
        personal.push(PersonalField { pointer: format!("/{name}"), kind });
        if kind == PersonalKind::Identifier {
            *value = MASK.into();
        }
    }
}

fn identifiers(about: &mut Map<String, Value>, at: &str, personal: &mut Vec<PersonalField>) {
    for (name, value) in about.iter_mut().filter(|(_, value)| !value.is_null()) {
        let kind = match name.as_str() {
            "type" => continue,
            "pseudonym" => PersonalKind::Pseudonym,
            _ => PersonalKind::Identifier,
        };
        personal.push(PersonalField { pointer: format!("{at}/{name}"), kind });
        if kind == PersonalKind::Identifier {
            *value = MASK.into();
        }
    }
}

fn contents(value: &mut Value, at: String, personal: &mut Vec<PersonalField>) {
    leaves(value, at, (&|_| Some(PersonalKind::Content), personal));
}

fn leaves(value: &mut Value, at: String, (tells, personal): (&Tells<'_>, &mut Vec<PersonalField>)) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                leaves(value, at, (tells, personal));
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter_mut().enumerate() {
                leaves(item, format!("{at}/{place}"), (tells, personal));
            }
        }
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let Some(kind) = tells(&at) else { return };
            personal.push(PersonalField { pointer: at, kind });
            if kind != PersonalKind::Pseudonym {
                *value = MASK.into();
            }
        }
    }
}

const MASK: &str = "(masked)";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_personal_is_left_and_every_place_is_named() {
        let body = json!({
            "id": "evt_1", "type": "lab.result.critical", "profile": "full",
            "subject": { "type": "patient", "system": "urn:hosp:mrn", "id": "MRN-1001" },
            "object": { "type": "lab_report", "pseudonym": "psn_1" },
            "data": { "value": { "value": 6.9, "unit": "mmol/L" }, "codes": ["a", null] },
        });
        let Masked { body, personal } = mask(body.to_string().as_bytes());
        for secret in ["MRN", "urn:hosp", "6.9", "mmol"] {
            assert!(!body.contains(secret), "{secret} in {body}");
        }
        assert!(body.contains("lab.result.critical") && body.contains("psn_1"));
        let pointers: Vec<&str> = personal.iter().map(|field| field.pointer.as_str()).collect();
        let expected = [
            "/subject/system",
            "/subject/id",
            "/object/pseudonym",
            "/data/value/value",
            "/data/value/unit",
            "/data/codes/0",
        ];
        assert_eq!(pointers, expected);
        assert_eq!(personal[2].kind, PersonalKind::Pseudonym);
    }

    #[test]
    fn of_a_cloud_event_the_attributes_that_name_somebody_are_masked() {
        let event = |profile: &str, subject: &str| {
            let body = json!({ "specversion": "1.0", "profile": profile, "subject": subject, "object": "psn_2",
                "subjectsystem": "urn:hosp:mrn", "data": { "value": 6.9 } });
            mask(body.to_string().as_bytes())
        };
        let full = event("full", "MRN-1001");
        assert!(!["MRN", "urn:hosp", "6.9"].iter().any(|secret| full.body.contains(secret)), "{}", full.body);
        assert!(full.body.contains("psn_2") && full.personal.len() == 4);
        assert!(event("reference", "psn_1").body.contains("psn_1"));
    }

    #[test]
    fn any_json_is_masked_leaf_by_leaf_as_it_is_said() {
        let body = json!({ "kind": "lab", "who": { "a/b": "psn_1", "n": 6.9, "none": null }, "all": [true] });
        let tells = |pointer: &str| match pointer {
            "/kind" => None,
            "/who/a~1b" => Some(PersonalKind::Pseudonym),
            _ => Some(PersonalKind::Content),
        };
        let masked = mask_by(body.to_string().as_bytes(), &tells);
        let shown =
            json!({ "kind": "lab", "who": { "a/b": "psn_1", "n": MASK, "none": null }, "all": [MASK] });
        assert_eq!(masked.body, shown.to_string());
        let pointers: Vec<&str> = masked.personal.iter().map(|field| field.pointer.as_str()).collect();
        assert_eq!(pointers, ["/who/a~1b", "/who/n", "/all/0"]);
    }

    #[test]
    fn what_is_not_understood_is_not_shown() {
        assert_eq!(mask(b"MSH|^~\\&|MRN-1001").body, "(masked)");
        assert_eq!(mask_by(b"MSH|^~\\&|MRN-1001", &|_| None).body, "(masked)");
    }

    #[test]
    fn of_a_bundle_the_resources_and_references_are_masked() {
        let body = r#"{"resourceType":"Bundle","type":"history","entry":[
            {"resource":{"resourceType":"Parameters","parameter":[
                {"name":"subscription","valueReference":{"reference":"https://h.example/fhir/int_1/Subscription/1"}},
                {"name":"notification-event","part":[{"name":"event-number","valueString":"2"},
                    {"name":"focus","valueReference":{"reference":"https://h.example/fhir/int_1/Patient/MRN-7"}}]}]}},
            {"fullUrl":"https://h.example/fhir/int_1/Patient/MRN-7","resource":{"id":"MRN-7","gender":"female"}}]}"#;
        let masked = mask(body.as_bytes());
        for secret in ["MRN-7", "female"] {
            assert!(!masked.body.contains(secret), "{}", masked.body);
        }
        assert!(masked.body.contains("/Subscription/1") && masked.body.contains(r#""valueString":"2""#));
        assert_eq!(masked.personal.len(), 4);
    }
}
