//! Submission sets and folders of IHE's document sharing, which FHIR has as Lists (MHD, ITI TF-3: 4.2.3).

use std::collections::HashSet;

use model::Timestamp;
use serde_json::{Value, json};

use super::data::{self, Members};
use super::standing::said;
use super::{Input, Interaction, Outcome, Raised, Silence, changed_fields};

/// What a List raises; one that is neither a submission set nor a folder raises nothing.
pub(super) fn list(input: &Input<'_>) -> Outcome {
    let Some(kind) = Kind::find(input) else { return Outcome::silent(Silence::NoRule) };
    let stands = input.interaction != Interaction::Delete && !is_void(input.resource);
    match (has_stood(input), stands) {
        (false, true) => Outcome::one(kind.event("created", input).replacing(input)),
        (true, false) => Outcome::one(kind.event("cancelled", input).replacing(input)),
        // Nobody was told of what was an error from its beginning, and everybody of what became one.
        (false, false) if input.told().is_none() => Outcome::silent(Silence::NoRule),
        (false, false) => Outcome::silent(Silence::Unchanged),
        (true, true) if is_unchanged(input) => Outcome::silent(Silence::Unchanged),
        (true, true) => kind.changed(input),
    }
}

/// What a List of IHE is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    SubmissionSet,
    Folder,
}

impl Kind {
    /// By its code; what is deleted by its address has the code that it had.
    fn find(input: &Input<'_>) -> Option<Kind> {
        let known = || input.previous.and_then(Kind::of).or_else(|| Kind::told(input));
        Kind::of(input.resource).or_else(|| known().filter(|_| input.interaction == Interaction::Delete))
    }

    fn of(list: &Value) -> Option<Kind> {
        let mut codings = list["code"]["coding"].as_array().into_iter().flatten();
        codings.find_map(|coding| {
            let system = coding["system"].as_str()?;
            let system = system.strip_prefix("https://").or_else(|| system.strip_prefix("http://"))?;
            match coding["code"].as_str()? {
                _ if !SYSTEMS.contains(&system) => None,
                "submissionset" => Some(Kind::SubmissionSet),
                "folder" => Some(Kind::Folder),
                _ => None,
            }
        })
    }

    /// What was told of it, where no version before is at hand.
    fn told(input: &Input<'_>) -> Option<Kind> {
        let told = input.told()?.last_type.as_str();
        [Kind::SubmissionSet, Kind::Folder].into_iter().find(|kind| told.starts_with(kind.family()))
    }

    fn family(self) -> &'static str {
        match self {
            Kind::SubmissionSet => "document.submission_set.",
            Kind::Folder => "document.folder.",
        }
    }

    /// A submission set is put in once, and another version corrects it (N5); a folder lives.
    fn changed(self, input: &Input<'_>) -> Outcome {
        match self {
            Kind::SubmissionSet => Outcome::one(self.event("updated", input).replacing(input)),
            Kind::Folder => folder(input),
        }
    }

    fn event(self, action: &str, input: &Input<'_>) -> Raised {
        let resource = if input.interaction == Interaction::Delete { input.previous } else { None };
        let resource = resource.unwrap_or(input.resource);
        let own = fhir::identifiers::object(input.resource, input.namespace).map(|object| object.id.into());
        let fields = input.previous.filter(|_| action == "updated");
        let fields = fields.map(|previous| json!({ "fields": changed_fields(previous, input.resource) }));
        let members = match self {
            Kind::SubmissionSet => Members::default().with("submissionSetRef", own),
            Kind::Folder => Members::default().with("folderRef", own),
        };
        let members = members
            .with("code", designation(resource))
            .with("status", said(input))
            .with("at", data::time(resource, "date"))
            .with("sourceRef", data::reference(resource.get("source")))
            .with("documentRefs", (action == "created").then(|| refs(items(resource))))
            .with("documentCount", Some(items(resource).count().into()))
            .with("change", fields);
        let time = (action == "created").then(|| happened(resource)).flatten();
        Raised { time, ..Raised::new(&format!("{}{action}", self.family()), input, members.into_value()) }
    }
}

/// Documents that are put in, that are taken out, another status; or anything else.
fn folder(input: &Input<'_>) -> Outcome {
    let event = |action: &str| Kind::Folder.event(action, input);
    // Nobody can tell what changed, and whoever waits for documents must not miss one.
    let Some(previous) = input.previous else { return Outcome::one(event("document_added")) };
    let added = without(input.resource, previous);
    let removed = without(previous, input.resource);
    let mut raised = Vec::new();
    raised.extend((!added.is_empty()).then(|| saying(event("document_added"), "addedRefs", refs(added))));
    raised.extend(
        (!removed.is_empty()).then(|| saying(event("document_removed"), "removedRefs", refs(removed))),
    );
    if previous.get("status") != input.resource.get("status") {
        let from = data::element(previous, "status").unwrap_or_default();
        raised.push(saying(event("status_changed"), "from", from));
    }
    if raised.is_empty() {
        raised.push(event("updated"));
    }
    Outcome { raised, silent: Vec::new() }
}

fn saying(mut event: Raised, name: &str, value: impl Into<Value>) -> Raised {
    if let Value::Object(members) = &mut event.data {
        members.insert(name.to_owned(), value.into());
    }
    event
}

/// Whether it stood before; where no version is at hand, as it was told.
fn has_stood(input: &Input<'_>) -> bool {
    let told = || input.told().is_some_and(|prior| !prior.last_type.as_str().ends_with(".cancelled"));
    input.previous.map_or_else(told, |previous| !is_void(previous))
}

fn is_unchanged(input: &Input<'_>) -> bool {
    input.previous.is_some_and(|previous| changed_fields(previous, input.resource).is_empty())
}

fn is_void(list: &Value) -> bool {
    data::text(list, "status") == Some("entered-in-error")
}

/// What a submission set holds, or a folder is of: an extension, as `code` says only which of the two it is.
fn designation(list: &Value) -> Option<Value> {
    let mut extensions = list["extension"].as_array().into_iter().flatten();
    let is_designation = |one: &&Value| one["url"].as_str().is_some_and(|url| url.ends_with(DESIGNATION));
    data::code(extensions.find(is_designation)?.get("valueCodeableConcept"))
}

fn happened(list: &Value) -> Option<Timestamp> {
    data::text(list, "date").and_then(fhir::instant)
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    let entries = list["entry"].as_array().into_iter().flatten();
    entries.filter(|entry| entry["deleted"] != true).filter_map(|entry| entry.get("item"))
}

/// What the one holds and the other does not.
fn without<'v>(one: &'v Value, other: &Value) -> Vec<&'v Value> {
    let key = |item: &Value| item.get("reference").or_else(|| item.get("identifier")).map(Value::to_string);
    let held: HashSet<Option<String>> = items(other).map(key).collect();
    items(one).filter(|item| !held.contains(&key(item))).collect()
}

fn refs<'v>(items: impl IntoIterator<Item = &'v Value>) -> Value {
    items.into_iter().filter_map(|item| data::reference(Some(item))).collect()
}

/// The code system of MHD, and that of drafts of `DSUBm`, without the scheme, of which both are written.
const SYSTEMS: [&str; 2] = [
    "profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes",
    "profiles.ihe.net/ITI/DSUBm/CodeSystem/DSUBmlistTypes",
];
const DESIGNATION: &str = "/StructureDefinition/ihe-designationType";

#[cfg(test)]
mod tests {
    use super::super::tests::told;
    use super::*;

    fn coded(code: &str, status: &str, documents: &[&str]) -> Value {
        let item = |id: &&str| json!({"item": {"reference": format!("DocumentReference/{id}")}});
        json!({
            "resourceType": "List", "id": "l", "status": status, "mode": "working",
            "code": {"coding": [{"system": "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes", "code": code}]},
            "entry": documents.iter().map(item).collect::<Vec<_>>(),
        })
    }

    fn course(versions: &[Value]) -> Vec<String> {
        told(&versions.iter().map(|version| (version.clone(), None)).collect::<Vec<_>>())
    }

    fn titled(mut list: Value) -> Value {
        list["title"] = "Cardiology".into();
        list
    }

    #[test]
    fn a_folder_tells_what_becomes_of_it_each_kind_of_change_by_its_own_type() {
        let folder = |status: &str, documents: &[&str]| coded("folder", status, documents);
        let versions = [
            folder("current", &["a"]),
            folder("current", &["a"]),
            folder("current", &["a", "b"]),
            folder("current", &["b", "c"]),
            folder("retired", &["b"]),
            titled(folder("retired", &["b"])),
            folder("entered-in-error", &["b"]),
            folder("entered-in-error", &[]),
            folder("current", &["b"]),
        ];
        let expected = [
            "document.folder.created routine",
            "Unchanged",
            "document.folder.document_added routine",
            "document.folder.document_added routine",
            "document.folder.document_removed routine",
            "document.folder.document_removed routine",
            "document.folder.status_changed routine",
            "document.folder.updated routine",
            "document.folder.cancelled routine replaces",
            "Unchanged",
            "document.folder.created routine replaces",
        ];
        assert_eq!(course(&versions), expected);
    }

    #[test]
    fn n5_another_version_of_a_submission_set_is_told_in_the_place_of_the_first() {
        let set = |status: &str| coded("submissionset", status, &["a"]);
        let expected = [
            "document.submission_set.created routine",
            "document.submission_set.updated routine replaces",
            "document.submission_set.cancelled routine replaces",
        ];
        assert_eq!(course(&[set("current"), titled(set("current")), set("entered-in-error")]), expected);
        assert_eq!(course(&[set("entered-in-error")]), ["NoRule"], "nobody was told of it");
    }

    #[test]
    fn a_list_of_anything_else_raises_nothing() {
        let mut other = coded("folder", "current", &[]);
        other["code"]["coding"][0]["system"] =
            "http://terminology.hl7.org/CodeSystem/list-example-use-codes".into();
        assert_eq!(course(&[other, coded("worklist", "current", &[])]), ["NoRule", "NoRule"]);
        let mut older = coded("folder", "current", &[]);
        older["code"]["coding"][0]["system"] =
            "http://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes".into();
        assert_eq!(course(&[older]), ["document.folder.created routine"]);
    }

    #[test]
    fn a_deletion_by_address_and_a_change_of_what_is_kept_no_more_are_told_by_what_was_known() {
        let (before, bare) = (coded("folder", "current", &["a"]), json!({"resourceType": "List", "id": "l"}));
        let prior = super::super::Prior {
            status: None,
            lane: model::Lane::Routine,
            last_type: "document.folder.created".into(),
        };
        let raised = |resource: &Value, interaction, previous| {
            let input = Input {
                resource,
                interaction,
                previous,
                prior: Some(&prior),
                event_code: None,
                namespace: "urn:site",
            };
            list(&input).raised.remove(0)
        };
        let gone = raised(&bare, Interaction::Delete, Some(&before));
        assert_eq!((gone.event_type.as_str(), gone.replaces_previous), ("document.folder.cancelled", true));
        assert_eq!(
            (&gone.data["status"], &gone.data["documentCount"]),
            (&json!("entered-in-error"), &json!(1))
        );
        let gone = raised(&bare, Interaction::Delete, None);
        assert_eq!(gone.event_type.as_str(), "document.folder.cancelled");
        let doubtful = raised(&before, Interaction::Update, None);
        assert_eq!(doubtful.event_type.as_str(), "document.folder.document_added");
        let more = raised(&coded("folder", "current", &["a", "b"]), Interaction::Update, Some(&before));
        assert_eq!((&more.data["addedRefs"], &more.data["folderRef"]), (&json!(["b"]), &json!("l")));
    }
}
