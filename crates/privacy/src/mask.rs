//! What of a native body is about a person, and the body without it.

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

/// The shape of a native body. What is no native body is masked as a whole.
#[must_use]
pub fn mask(body: &[u8]) -> Masked {
    let Ok(Value::Object(mut members)) = serde_json::from_slice::<Value>(body) else {
        let personal = vec![PersonalField { pointer: String::new(), kind: PersonalKind::Content }];
        return Masked { body: MASK.to_owned(), personal };
    };
    let mut personal = Vec::new();
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
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                contents(value, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), personal);
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter_mut().enumerate() {
                contents(item, format!("{at}/{place}"), personal);
            }
        }
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            personal.push(PersonalField { pointer: at, kind: PersonalKind::Content });
            *value = MASK.into();
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
    fn what_is_not_understood_is_not_shown() {
        assert_eq!(mask(b"MSH|^~\\&|MRN-1001").body, "(masked)");
    }
}
