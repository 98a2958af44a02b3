//! The identifier of each draft: the same in every message about the same thing.

use model::{Object, Subject};
use serde_json::{Map, Value};

use super::assemble::Draft;
use super::scope::Scope;
use crate::identifiers;

/// The identifier of each draft; reports, orders and results of one message that share a number are told apart by their code.
pub(super) fn of(scope: &Scope<'_>, drafts: &[Draft]) -> Vec<Option<Object>> {
    let mut keys: Vec<Option<Object>> = Vec::with_capacity(drafts.len());
    for (place, draft) in drafts.iter().enumerate() {
        let holder = draft.holder.and_then(|holder| Some((&drafts[holder], keys[holder].as_ref()?)));
        let whose = whose(scope, drafts, draft);
        let mut key = key(scope, draft, holder).or_else(|| unnumbered(scope, draft, whose.as_ref()));
        if draft.kind == "DiagnosticReport" {
            key = key.map(|key| scoped(scope, key, whose.as_ref()));
        }
        let is_taken = |key: &Option<Object>| {
            let mut before = drafts[..place].iter().zip(&keys);
            key.is_some() && before.any(|(other, taken)| other.kind == draft.kind && taken == key)
        };
        let code = code_of(&draft.body);
        if is_taken(&key) && matches!(draft.kind.as_str(), "DiagnosticReport" | "ServiceRequest") {
            key = key.map(|key| Object { id: format!("{}/{code}", key.id), ..key });
        }
        let base = key.clone();
        let mut number = 2;
        while is_taken(&key) && NUMBERED.contains(&draft.kind.as_str()) {
            key = base.clone().map(|key| Object { id: format!("{}/{number}", key.id), ..key });
            number += 1;
        }
        keys.push(key);
    }
    keys
}

/// What one message tells of several times is several things; of others it is the same one, told twice.
const NUMBERED: [&str; 5] =
    ["DiagnosticReport", "Observation", "ServiceRequest", "MedicationRequest", "ChargeItem"];

/// The patient that a draft came after, or the first of the message.
fn whose(scope: &Scope<'_>, drafts: &[Draft], draft: &Draft) -> Option<Subject> {
    let before = draft.patient.and_then(|place| patient(scope, &drafts[place]));
    before.or_else(|| drafts.iter().find_map(|draft| patient(scope, draft)))
}

/// A report number without an assigner is the sending facility's and counts within one patient:
/// two facilities behind one port, or two patients, never share a report (P1).
fn scoped(scope: &Scope<'_>, key: Object, subject: Option<&Subject>) -> Object {
    let namespace = &scope.site.namespace;
    let is_local = key.system == *namespace || key.system == format!("{namespace}:placer");
    if !is_local {
        return key;
    }
    let kind = if key.system == *namespace { "report" } else { "placer" };
    Object { system: local_to(scope, kind, subject), id: key.id }
}

/// A namespace of one patient at the sending facility.
fn local_to(scope: &Scope<'_>, kind: &str, subject: Option<&Subject>) -> String {
    format!("{}:{kind}{}", scope.facility, subject.map(of_patient).unwrap_or_default())
}

fn of_patient(subject: &Subject) -> String {
    format!(":{}|{}", subject.system, subject.id)
}

/// The namespace of a number that counts within one patient, without the patient; none of another number.
pub(super) fn without_patient(object: &Object, subject: Option<&Subject>) -> Option<String> {
    object.system.strip_suffix(&of_patient(subject?)).map(str::to_owned)
}

fn key(scope: &Scope<'_>, draft: &Draft, holder: Option<(&Draft, &Object)>) -> Option<Object> {
    let typed = |code: &str, name: &str| {
        let found = typed_identifier(&draft.body, code)?;
        let system = if name.is_empty() { found.system } else { format!("{}:{name}", found.system) };
        Some(Object { system, id: found.id })
    };
    match draft.kind.as_str() {
        "Patient" => patient(scope, draft).map(|subject| Object { system: subject.system, id: subject.id }),
        "Encounter" => typed("VN", "").or_else(|| first_identifier(&draft.body)),
        "DiagnosticReport" | "Appointment" => typed("FILL", "").or_else(|| typed("PLAC", "placer")),
        "Observation" => holder.map(|holder| result(draft, holder)),
        _ => None,
    }
}

/// A result is known by its code within its report; what else holds it may be told of the same code again.
fn result(draft: &Draft, (holder, key): (&Draft, &Object)) -> Object {
    let sub_id = marked(&draft.body, SUB_ID).and_then(|mark| mark["valueString"].as_str());
    let sub_id = sub_id.map(|sub_id| format!("/{sub_id}"));
    let id = format!("{}/{}{}", key.id, code_of(&draft.body), sub_id.unwrap_or_default());
    if holder.kind == "DiagnosticReport" {
        return Object { system: key.system.clone(), id };
    }
    let time = draft.body.get("effectiveDateTime").and_then(Value::as_str);
    let time = time.map(|time| format!("/{time}")).unwrap_or_default();
    Object { system: format!("{}:result", key.system), id: format!("{id}{time}") }
}

/// The identifier of what `resources.toml` has a tag for: its number, or what tells it apart.
fn unnumbered(scope: &Scope<'_>, draft: &Draft, whose: Option<&Subject>) -> Option<Object> {
    let kind = scope.maps.kind(&draft.kind)?;
    let tag = kind.tag.as_deref()?;
    let found = kind.key.iter().find_map(|way| match way.as_str() {
        "master" => identifier_object(draft.body.get("masterIdentifier")?),
        "first" => first_identifier(&draft.body),
        code => typed_identifier(&draft.body, code),
    });
    let local = local_to(scope, tag, whose);
    Some(match found {
        Some(key) if key.system == scope.site.namespace => Object { system: local, id: key.id },
        Some(key) => Object { system: format!("{}:{tag}", key.system), id: key.id },
        None => {
            let words = kind.otherwise.iter().filter_map(|name| match name.strip_prefix("urn:") {
                Some(_) => {
                    marked(&draft.body, name).and_then(|mark| mark["valueString"].as_str()).map(str::to_owned)
                }
                None => draft.body.get(name).map(word),
            });
            Object { system: local, id: words.collect::<Vec<_>>().join("/") }
        }
    })
}

/// The word that an element is known by.
fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(word).collect::<Vec<_>>().join("+"),
        Value::Object(members) => {
            let telling = ["coding", "identifier", "value", "code", "text"].iter();
            telling.filter_map(|name| members.get(*name)).map(first_word).next().unwrap_or_default()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// Of several codings the first tells.
fn first_word(value: &Value) -> String {
    value.get(0).map_or_else(|| word(value), word)
}

/// Where OBX-4 is kept.
const SUB_ID: &str = "urn:carehook:sub-id";

fn marked<'b>(body: &'b Map<String, Value>, url: &str) -> Option<&'b Value> {
    body.get("extension")?.as_array()?.iter().find(|extension| extension["url"] == url)
}

fn typed_identifier(body: &Map<String, Value>, code: &str) -> Option<Object> {
    let identifiers = body.get("identifier")?.as_array()?;
    let found = identifiers.iter().find(|identifier| identifier["type"]["coding"][0]["code"] == code)?;
    identifier_object(found)
}

pub(super) fn first_identifier(body: &Map<String, Value>) -> Option<Object> {
    identifier_object(body.get("identifier")?.get(0)?)
}

fn identifier_object(identifier: &Value) -> Option<Object> {
    let text = |name: &str| identifier.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Object { system: text("system")?, id: text("value")? })
}

fn code_of(body: &Map<String, Value>) -> String {
    let code = body.get("code");
    let found = code.and_then(|code| code["coding"][0]["code"].as_str().or_else(|| code["text"].as_str()));
    found.unwrap_or("?").to_owned()
}

/// The identity of what its sender gave no number.
pub(super) fn fallback(
    scope: &mut Scope<'_>,
    drafts: &[Draft],
    place: usize,
    subject: Option<&Subject>,
) -> Option<Object> {
    let draft = &drafts[place];
    let time_of = |draft: &Draft| {
        draft.body.get("effectiveDateTime").and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    scope.notes.flaw(format!("{}: no identifier of its own", draft.kind));
    match draft.kind.as_str() {
        // A patient without visit numbers has one visit at a time.
        "Encounter" => subject
            .map(|subject| Object { system: format!("{}:visit", subject.system), id: subject.id.clone() }),
        "DiagnosticReport" => {
            let id = format!("{}/{}", code_of(&draft.body), time_of(draft));
            Some(Object { system: local_to(scope, "unnumbered", subject), id })
        }
        "Observation" => {
            let time = draft.holder.map(|holder| time_of(&drafts[holder])).unwrap_or_default();
            let id = format!("{}/{time}/{place}", code_of(&draft.body));
            Some(Object { system: local_to(scope, "result", subject), id })
        }
        _ => None,
    }
}

/// The subject that a draft of a patient is.
pub(super) fn patient(scope: &Scope<'_>, draft: &Draft) -> Option<Subject> {
    if draft.kind != "Patient" {
        return None;
    }
    let body = Value::Object(draft.body.clone());
    identifiers::patient(&body, &scope.site.identifier_preference, &scope.site.namespace)
}

/// Drops identifiers that stand twice, as ORC and OBR repeat each other.
pub(super) fn unique(body: &mut Map<String, Value>) {
    if let Some(Value::Array(list)) = body.get_mut("identifier") {
        let mut seen: Vec<(Value, Value)> = Vec::new();
        list.retain(|identifier| {
            let key = (identifier["system"].clone(), identifier["value"].clone());
            let is_new = !seen.contains(&key);
            seen.push(key);
            is_new
        });
    }
}
