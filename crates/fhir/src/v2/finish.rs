//! Drafts to resources: what only the whole message tells.

use model::{Object, Subject};
use serde_json::{Map, Value, json};

use super::assemble::Draft;
use super::keys::{self, first_identifier};
use super::plan::MessageMap;
use super::scope::Scope;
use super::target::{add_missing, compact};
use super::{Mapped, Refusal, Resource, document, place, result, visit};
use crate::identifiers;

/// Makes resources of drafts and fills the answer.
pub(super) fn finish(scope: &mut Scope<'_>, plan: &MessageMap, mut drafts: Vec<Draft>, mapped: &mut Mapped) {
    for draft in &mut drafts {
        let mut body = std::mem::take(&mut draft.body);
        add_missing(&mut body, Some(&draft.under));
        let mut body = Value::Object(body);
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
    let mut resources = Vec::with_capacity(drafts.len());
    for place in 0..drafts.len() {
        let Some(made) = resource(scope, &drafts, place, (&whole, mapped.test)) else { continue };
        resources.extend(document::replaced(&made));
        scope.notes.trace(|tracer| tracer.made.push((place, resources.len())));
        resources.push(made);
    }
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

    /// References to the resources of a type that belong to a draft in some way.
    fn of<'w>(
        &'w self,
        drafts: &'w [Draft],
        kind: &'static str,
        belongs: impl Fn(&Draft) -> bool + 'w,
    ) -> impl Iterator<Item = Value> + 'w {
        let found =
            drafts.iter().zip(&self.keys).filter(move |(draft, _)| draft.kind == kind && belongs(draft));
        let keyed = found.filter_map(|(_, key)| key.as_ref());
        keyed.map(move |key| reference(kind, &key.system, &key.id))
    }

    fn visit(&self, drafts: &[Draft], draft: &Draft) -> Option<Value> {
        let place = draft.stay?;
        let key = match drafts[place].kind.as_str() {
            "Encounter" => self.keys[place].clone(),
            _ => first_identifier(&drafts[place].body),
        };
        key.map(|key| reference("Encounter", &key.system, &key.id))
    }
}

fn refusal(plan: &MessageMap, resources: &[Resource], has_subject: bool) -> Option<Refusal> {
    let is_there = |kinds: &str| match kinds {
        "Patient" => has_subject,
        kinds => resources.iter().any(|resource| kinds.split('|').any(|kind| kind == resource.kind())),
    };
    let missing = plan.needs().find(|(kinds, _)| !is_there(kinds));
    missing.map(|(_, segment)| Refusal { segment: segment.to_owned() })
}

fn merged_from(scope: &Scope<'_>, draft: &Draft) -> Option<Subject> {
    let identifier = draft.body.get("link")?.get(0)?.get("other")?.get("identifier")?.clone();
    let body = json!({ "identifier": [identifier] });
    identifiers::patient(&body, &scope.site.identifier_preference, &scope.site.namespace)
}

fn resource(
    scope: &mut Scope<'_>,
    drafts: &[Draft],
    at: usize,
    (whole, is_test): (&Whole, bool),
) -> Option<Resource> {
    let draft = &drafts[at];
    let kind = scope.maps.kind(&draft.kind)?;
    let subject = if draft.kind == "Patient" { whole.patients[at].as_ref() } else { whole.subject(draft) };
    let object = whole.keys[at].clone().or_else(|| keys::fallback(scope, drafts, at, subject))?;
    let mut body = Map::new();
    body.insert("resourceType".to_owned(), draft.kind.as_str().into());
    body.extend(meta(draft, is_test).map(|meta| ("meta".to_owned(), meta)));
    body.extend(draft.body.clone().into_iter().filter(|(name, _)| name != "meta"));
    scope.notes.trace(|tracer| tracer.write_to(at));
    place::localise(scope, &mut body);
    mark(&mut body, identifiers::OWN_IDENTIFIER, "valueIdentifier", identifier_of(&object));
    if let (Some(name), Some(subject)) = (&kind.patient, subject) {
        body.insert(name.clone(), reference("Patient", &subject.system, &subject.id));
    }
    if let (Some(target), Some(visit)) = (&kind.encounter, whole.visit(drafts, draft)) {
        target.put(&mut body, visit, None);
    }
    if let Some(name) = kind.holds.as_ref().filter(|name| !name.is_empty()) {
        let results: Vec<Value> = whole.of(drafts, "Observation", |other| other.holder == Some(at)).collect();
        if !results.is_empty() {
            body.insert(name.clone(), results.into());
        }
    }
    match draft.kind.as_str() {
        "Encounter" => {
            let diagnoses = whole.of(drafts, "Condition", |other| other.stay == Some(at));
            visit::encounter(scope, &mut body, diagnoses.collect());
        }
        "DiagnosticReport" => result::report(&mut body, draft),
        "Observation" => {
            let holder = draft.holder.map(|holder| (&drafts[holder], whole.keys[holder].as_ref()));
            result::observation(scope, &mut body, draft, holder);
        }
        "Appointment" => visit::appointment(scope, &mut body, subject),
        "DocumentReference" => document::complete(scope, &mut body, &object),
        _ => {}
    }
    let (subject, deletions) = (subject.cloned(), draft.deletions.clone());
    let local_to = keys::without_patient(&object, subject.as_ref());
    Some(Resource { body: Value::Object(body), object, subject, local_to, deletions })
}

/// What is said of the record itself: the labels of the sender, and that it is a test (T1).
fn meta(draft: &Draft, is_test: bool) -> Option<Value> {
    let labels = draft.body.get("meta").cloned();
    if !is_test {
        return labels;
    }
    let mut meta = labels.unwrap_or_else(|| json!({}));
    meta["tag"] =
        json!([{ "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST" }]);
    Some(meta)
}

/// Keeps what FHIR has no element for.
pub(super) fn mark(body: &mut Map<String, Value>, url: &str, member: &str, value: Value) {
    if value.as_str() == Some("") {
        return;
    }
    let extensions = body.entry("extension").or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(list) = extensions {
        list.push(json!({ "url": url, member: value }));
    }
}

fn identifier_of(object: &Object) -> Value {
    json!({ "system": object.system, "value": object.id })
}

/// A reference by identifier.
pub(super) fn reference(kind: &str, system: &str, value: &str) -> Value {
    json!({ "type": kind, "identifier": { "system": system, "value": value } })
}
