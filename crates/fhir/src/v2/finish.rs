//! Drafts to resources: what only the whole message tells.

use jiff::ToSpan as _;
use model::{Object, Subject};
use serde_json::{Map, Value, json};

use super::assemble::Draft;
use super::keys::{self, first_identifier};
use super::scope::Scope;
use super::tables::MessageMap;
use super::target::compact;
use super::{Mapped, Refusal, Resource, number};
use crate::identifiers;

/// Where the code of OBX-11 or OBR-25 is kept as it came.
pub(super) const RESULT_CODE: &str = "urn:carehook:result-status";
/// Where a result names its report.
pub const REPORT: &str = "urn:carehook:report";

/// Makes resources of drafts and fills the answer.
pub(super) fn finish(scope: &mut Scope<'_>, plan: &MessageMap, mut drafts: Vec<Draft>, mapped: &mut Mapped) {
    for draft in &mut drafts {
        let mut body = Value::Object(std::mem::take(&mut draft.body));
        compact(&mut body);
        if let Value::Object(members) = body {
            draft.body = members;
        }
        keys::unique(&mut draft.body);
    }
    let patients: Vec<Option<Subject>> = drafts.iter().map(|draft| keys::patient(scope, draft)).collect();
    mapped.subject = patients.iter().flatten().next().cloned();
    let whole = Whole { patients, first: mapped.subject.clone(), keys: keys::of(scope, &drafts) };
    mapped.merged_from = drafts.iter().find_map(|draft| merged_from(scope, draft));
    let resources: Vec<Resource> =
        (0..drafts.len()).filter_map(|place| resource(scope, &drafts, place, &whole, mapped.test)).collect();
    mapped.refused = refusal(plan, &resources, mapped.subject.is_some());
    if mapped.refused.is_none() {
        mapped.resources = resources;
    }
}

/// What resources of one message say about each other.
struct Whole {
    patients: Vec<Option<Subject>>,
    first: Option<Subject>,
    keys: Vec<Option<Object>>,
}

impl Whole {
    fn subject(&self, draft: &Draft) -> Option<&Subject> {
        draft.patient.and_then(|place| self.patients[place].as_ref()).or(self.first.as_ref())
    }
}

fn refusal(plan: &MessageMap, resources: &[Resource], has_subject: bool) -> Option<Refusal> {
    let is_there = resources.iter().any(|resource| resource.kind() == plan.needs);
    match plan.needs.as_str() {
        "Patient" if !has_subject => Some(Refusal::NoPatient),
        "DiagnosticReport" if !is_there => Some(Refusal::NoReport),
        "Appointment" if !is_there => Some(Refusal::NoAppointment),
        _ => None,
    }
}

fn merged_from(scope: &Scope<'_>, draft: &Draft) -> Option<Subject> {
    let identifier = draft.body.get("link")?.get(0)?.get("other")?.get("identifier")?.clone();
    let body = json!({ "identifier": [identifier] });
    identifiers::patient(&body, &scope.site.identifier_preference, &scope.site.namespace)
}

fn resource(
    scope: &mut Scope<'_>,
    drafts: &[Draft],
    place: usize,
    whole: &Whole,
    is_test: bool,
) -> Option<Resource> {
    let draft = &drafts[place];
    if draft.kind == "Stay" {
        return None;
    }
    let subject = if draft.kind == "Patient" { whole.patients[place].as_ref() } else { whole.subject(draft) };
    let object = whole.keys[place].clone().or_else(|| keys::fallback(scope, drafts, place, subject))?;
    let mut body = Map::new();
    body.insert("resourceType".to_owned(), draft.kind.as_str().into());
    if is_test {
        let tag = json!({ "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST" });
        body.insert("meta".to_owned(), json!({ "tag": [tag] }));
    }
    body.extend(draft.body.clone());
    mark(&mut body, super::super::identifiers::OWN_IDENTIFIER, "valueIdentifier", identifier_of(&object));
    if draft.kind != "Patient" && draft.kind != "Appointment" {
        refer(
            &mut body,
            "subject",
            subject.map(|subject| reference("Patient", &subject.system, &subject.id)),
        );
    }
    let stay = draft.stay.and_then(|stay| first_identifier(&drafts[stay].body));
    match draft.kind.as_str() {
        "Encounter" => encounter(scope, &mut body),
        "DiagnosticReport" => report(&mut body, draft, &results_of(drafts, place, whole), stay.as_ref()),
        "Observation" => {
            let report = draft.report.map(|report| (&drafts[report], whole.keys[report].as_ref()));
            observation(scope, &mut body, draft, report);
            refer(&mut body, "encounter", stay.map(|stay| reference("Encounter", &stay.system, &stay.id)));
        }
        "Appointment" => appointment(scope, &mut body, subject),
        _ => {}
    }
    let deletions = draft.deletions.clone();
    Some(Resource { body: Value::Object(body), object, subject: subject.cloned(), deletions })
}

fn results_of(drafts: &[Draft], report: usize, whole: &Whole) -> Vec<Value> {
    let results = drafts.iter().zip(&whole.keys).filter(|(draft, _)| draft.report == Some(report));
    let results = results.filter(|(draft, _)| draft.kind == "Observation");
    results
        .filter_map(|(_, key)| key.as_ref())
        .map(|key| reference("Observation", &key.system, &key.id))
        .collect()
}

fn encounter(scope: &Scope<'_>, body: &mut Map<String, Value>) {
    let is_emergency = body.get("class").is_some_and(|class| class["code"] == "EMER");
    let status = match scope.event.as_str() {
        // P3: an emergency registration is an arrival.
        "A04" if is_emergency => Some("in-progress"),
        event => scope.maps.code("EncounterStatus", event).map(|concept| concept.code),
    };
    if let Some(status) = status {
        body.insert("status".to_owned(), status.into());
    }
}

fn report(body: &mut Map<String, Value>, draft: &Draft, results: &[Value], stay: Option<&Object>) {
    body.entry("status").or_insert_with(|| "unknown".into());
    body.entry("code").or_insert_with(|| json!({ "text": "unknown" }));
    body.entry("category").or_insert_with(|| json!([laboratory_section()]));
    mark(body, RESULT_CODE, "valueCode", draft.result_code.as_str().into());
    if !results.is_empty() {
        body.insert("result".to_owned(), results.to_vec().into());
    }
    refer(body, "encounter", stay.map(|stay| reference("Encounter", &stay.system, &stay.id)));
}

fn laboratory_section() -> Value {
    json!({ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "LAB", "display": "Laboratory" }] })
}

fn observation(
    scope: &mut Scope<'_>,
    body: &mut Map<String, Value>,
    draft: &Draft,
    report: Option<(&Draft, Option<&Object>)>,
) {
    let of_report = |name: &str| report.and_then(|(report, _)| report.body.get(name)).cloned();
    if !body.contains_key("status") {
        let inherited = of_report("status").and_then(|status| status.as_str().map(str::to_owned));
        let status = match inherited.as_deref() {
            None => "unknown",
            Some("partial") => "preliminary",
            Some(status) => status,
        };
        body.insert("status".to_owned(), status.into());
    }
    body.entry("code").or_insert_with(|| json!({ "text": "unknown" }));
    body.entry("category").or_insert_with(|| json!([{ "coding": [category(scope, &draft.body)] }]));
    for name in ["effectiveDateTime", "effectivePeriod", "issued"] {
        let is_told = name != "issued" && body.keys().any(|known| known.starts_with("effective"));
        if let Some(value) = of_report(name).filter(|_| !is_told) {
            body.entry(name).or_insert(value);
        }
    }
    match draft.result_code.as_str() {
        "X" => absent(body, "not-performed"),
        "N" => absent(body, "not-asked"),
        _ => {}
    }
    keep_odd_value(scope, body, draft);
    bound_range(body);
    mark(body, RESULT_CODE, "valueCode", draft.result_code.as_str().into());
    if let Some((_, Some(key))) = report {
        mark(body, REPORT, "valueReference", reference("DiagnosticReport", &key.system, &key.id));
    }
}

fn category(scope: &Scope<'_>, body: &Map<String, Value>) -> Value {
    let codings = body.get("code").and_then(|code| code["coding"].as_array());
    let mut loinc = codings.into_iter().flatten().filter(|coding| coding["system"] == "http://loinc.org");
    let is_vital =
        loinc.any(|coding| scope.maps.code("VitalSigns", coding["code"].as_str().unwrap_or("")).is_some());
    let code = if is_vital { "vital-signs" } else { "laboratory" };
    json!({ "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": code })
}

fn absent(body: &mut Map<String, Value>, code: &str) {
    let coding =
        json!({ "system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": code });
    body.entry("dataAbsentReason").or_insert_with(|| json!({ "coding": [coding] }));
}

/// A value that its declared type cannot hold stays as text: `haemolysed` where a number was due.
fn keep_odd_value(scope: &mut Scope<'_>, body: &mut Map<String, Value>, draft: &Draft) {
    let is_hollow = body.get("valueQuantity").is_some_and(|quantity| quantity.get("value").is_none());
    if is_hollow {
        body.remove("valueQuantity");
    }
    let is_attached = body.get("extension").is_some_and(|list| {
        list.as_array().into_iter().flatten().any(|extension| extension.get("valueAttachment").is_some())
    });
    let has_value = is_attached || body.keys().any(|name| name.starts_with("value"));
    if !has_value && !draft.value_text.is_empty() {
        scope.notes.flaw("OBX-5: not of the type that OBX-2 says".to_owned());
        body.insert("valueString".to_owned(), draft.value_text.as_str().into());
    }
}

/// Low and high of OBX-7 where its text can be read, in the unit of the value.
fn bound_range(body: &mut Map<String, Value>) {
    let unit = body.get("valueQuantity").and_then(Value::as_object).cloned().unwrap_or_default();
    let Some(Value::Object(range)) = body.get_mut("referenceRange").and_then(|list| list.get_mut(0)) else {
        return;
    };
    let Some((low, high)) = range.get("text").and_then(Value::as_str).and_then(number::bounds) else {
        return;
    };
    for (name, bound) in [("low", low), ("high", high)] {
        if let Some(bound) = bound {
            let mut quantity = Map::new();
            quantity.insert("value".to_owned(), bound.into());
            let shared = unit.iter().filter(|(name, _)| matches!(name.as_str(), "unit" | "system" | "code"));
            quantity.extend(shared.map(|(name, value)| (name.clone(), value.clone())));
            range.insert(name.to_owned(), quantity.into());
        }
    }
}

fn appointment(scope: &Scope<'_>, body: &mut Map<String, Value>, subject: Option<&Subject>) {
    // S15 and S26 say what happened; otherwise SCH-25 does where it can.
    let by_event = match scope.event.as_str() {
        "S15" => Some("cancelled"),
        "S26" => Some("noshow"),
        _ => None,
    };
    match by_event {
        Some(status) => drop(body.insert("status".to_owned(), status.into())),
        None => drop(body.entry("status").or_insert_with(|| "booked".into())),
    }
    if let Some(end) = end_of(body) {
        body.entry("end").or_insert_with(|| end.into());
    }
    let patient = subject.map(|subject| reference("Patient", &subject.system, &subject.id));
    let participants = body.entry("participant").or_insert_with(|| Value::Array(Vec::new()));
    if let (Value::Array(list), Some(patient)) = (participants, patient) {
        list.insert(0, json!({ "actor": patient, "status": "accepted" }));
    }
}

/// The end that start and duration give, at the offset of the start.
fn end_of(body: &Map<String, Value>) -> Option<String> {
    let start = body.get("start")?.as_str()?;
    let minutes = body.get("minutesDuration")?.as_i64().filter(|minutes| (1..=525_600).contains(minutes))?;
    let pieces = jiff::fmt::temporal::DateTimeParser::new().parse_pieces(start).ok()?;
    let offset = pieces.to_numeric_offset()?;
    let end = start.parse::<jiff::Timestamp>().ok()?.checked_add(minutes.minutes()).ok()?;
    let text = end.display_with_offset(offset).to_string();
    Some(text)
}

fn mark(body: &mut Map<String, Value>, url: &str, member: &str, value: Value) {
    if value.as_str() == Some("") {
        return;
    }
    let extensions = body.entry("extension").or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(list) = extensions {
        list.push(json!({ "url": url, member: value }));
    }
}

fn refer(body: &mut Map<String, Value>, name: &str, reference: Option<Value>) {
    if let Some(reference) = reference {
        body.insert(name.to_owned(), reference);
    }
}

fn identifier_of(object: &Object) -> Value {
    json!({ "system": object.system, "value": object.id })
}

fn reference(kind: &str, system: &str, value: &str) -> Value {
    json!({ "type": kind, "identifier": { "system": system, "value": value } })
}
