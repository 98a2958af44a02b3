//! The identifier of each draft: the same in every message about the same thing.

use model::{Object, Subject};
use serde_json::{Map, Value};

use super::assemble::Draft;
use super::scope::Scope;
use crate::identifiers;

/// The identifier of each draft; reports and results of one message that share a number are told apart by their code.
pub(super) fn of(scope: &mut Scope<'_>, drafts: &[Draft]) -> Vec<Option<Object>> {
    let mut keys: Vec<Option<Object>> = Vec::with_capacity(drafts.len());
    for (place, draft) in drafts.iter().enumerate() {
        let report = draft.report.and_then(|report| keys[report].clone());
        let mut key = key(scope, draft, report.as_ref());
        if draft.kind == "DiagnosticReport" {
            key = key.map(|key| scoped(scope, key, whose(scope, drafts, draft).as_ref()));
        }
        let is_taken = |key: &Option<Object>| {
            let mut before = drafts[..place].iter().zip(&keys);
            key.is_some() && before.any(|(other, taken)| other.kind == draft.kind && taken == key)
        };
        let code = code_of(&draft.body);
        if is_taken(&key) && draft.kind == "DiagnosticReport" {
            key = key.map(|key| Object { id: format!("{}/{code}", key.id), ..key });
        }
        let base = key.clone();
        let mut number = 2;
        while is_taken(&key) && matches!(draft.kind.as_str(), "DiagnosticReport" | "Observation") {
            key = base.clone().map(|key| Object { id: format!("{}/{number}", key.id), ..key });
            number += 1;
        }
        keys.push(key);
    }
    keys
}

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
    let of = subject.map(|subject| format!(":{}|{}", subject.system, subject.id)).unwrap_or_default();
    format!("{}:{kind}{of}", scope.facility)
}

fn key(scope: &mut Scope<'_>, draft: &Draft, report: Option<&Object>) -> Option<Object> {
    let typed = |code: &str, name: &str| {
        let found = typed_identifier(&draft.body, code)?;
        let system = if name.is_empty() { found.system } else { format!("{}:{name}", found.system) };
        Some(Object { system, id: found.id })
    };
    match draft.kind.as_str() {
        "Patient" => patient(scope, draft).map(|subject| Object { system: subject.system, id: subject.id }),
        "Encounter" => typed("VN", "").or_else(|| first_identifier(&draft.body)),
        "DiagnosticReport" | "Appointment" => typed("FILL", "").or_else(|| typed("PLAC", "placer")),
        "Observation" => {
            let report = report?;
            let sub_id = marked(&draft.body, SUB_ID).and_then(|mark| mark["valueString"].as_str());
            let sub_id = sub_id.map(|sub_id| format!("/{sub_id}"));
            let id = format!("{}/{}{}", report.id, code_of(&draft.body), sub_id.unwrap_or_default());
            Some(Object { system: report.system.clone(), id })
        }
        _ => None,
    }
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
            let time = draft.report.map(|report| time_of(&drafts[report])).unwrap_or_default();
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
