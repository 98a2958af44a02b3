//! Many resources in one body: Bundles, split and answered.

mod answer; // The response Bundle.

use std::collections::HashMap;

use model::{Subject, limits};
use serde_json::Value;

use crate::resource::{Fault, check, is_id};
use crate::types::is_resource_type;
use crate::{Reference, identifiers, parse_reference};

pub use self::answer::{Answer, respond};

/// A Bundle, taken apart.
#[derive(Debug)]
pub struct Split {
    /// What kind of Bundle it is.
    pub kind: Kind,
    /// Its entries, in order; those of a history from the oldest.
    pub entries: Vec<Entry>,
}

/// The kinds of Bundle that are taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All entries or none.
    Transaction,
    /// Each entry by itself.
    Batch,
    /// Versions of resources.
    History,
    /// A message: a header and what it is about.
    Message,
    /// Resources side by side.
    Collection,
    /// What a Subscription sends: a status and what it is about.
    Notification,
}

/// One entry.
#[derive(Debug)]
pub struct Entry {
    /// Its place in the Bundle, from 0.
    pub place: usize,
    /// What is done.
    pub interaction: Interaction,
    /// The type.
    pub resource_type: String,
    /// The id, if the request or the resource has one.
    pub id: Option<String>,
    /// `Patient?identifier=…` of a conditional update or delete, or `ifNoneExist`.
    pub condition: Option<String>,
    /// The resource; absent for a deletion.
    pub resource: Option<Value>,
    /// Who it is about, looked up among the entries where it points to one of them.
    pub subject: Option<Subject>,
}

/// What an entry asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interaction {
    /// POST.
    Create,
    /// PUT, or a resource without a request.
    Update,
    /// DELETE.
    Delete,
    /// GET or HEAD: nothing is taken in.
    Read,
}

/// Takes a Bundle apart. `namespace` is that of ids without an assigner (P1).
///
/// # Errors
/// The first fault, with its place. PATCH is not supported.
pub fn split(bundle: &Value, namespace: &str) -> Result<Split, Fault> {
    let kind = kind_of(bundle)?;
    let empty = Vec::new();
    let listed = match bundle.get("entry") {
        None => &empty,
        Some(Value::Array(listed)) => listed,
        Some(_) => return Err(fault("Bundle.entry", "is a list", "structure")),
    };
    if listed.len() > limits::BUNDLE_ENTRIES {
        return Err(fault("Bundle.entry", "has more than 10000 entries", "too-long"));
    }
    let patients = patients(listed, namespace);
    let entries =
        listed.iter().enumerate().map(|(place, entry)| read_entry(kind, place, entry, &patients, namespace));
    let mut entries: Vec<Entry> = entries.collect::<Result<_, _>>()?;
    if kind == Kind::History {
        // FHIR R4 §3.1.0.11: the newest version comes first; events come in the order they happened.
        entries.reverse();
    }
    Ok(Split { kind, entries })
}

fn kind_of(bundle: &Value) -> Result<Kind, Fault> {
    if bundle.get("resourceType").and_then(Value::as_str) != Some("Bundle") {
        return Err(fault("resourceType", "is not Bundle", "structure"));
    }
    let is_notification = bundle["entry"][0]["resource"]["resourceType"] == "SubscriptionStatus"
        || (bundle["entry"][0]["resource"]["resourceType"] == "Parameters" && bundle["type"] == "history");
    match bundle.get("type").and_then(Value::as_str) {
        Some("history" | "subscription-notification") if is_notification => Ok(Kind::Notification),
        Some("transaction") => Ok(Kind::Transaction),
        Some("batch") => Ok(Kind::Batch),
        Some("history") => Ok(Kind::History),
        Some("message") => Ok(Kind::Message),
        Some("collection") => Ok(Kind::Collection),
        Some(_) => Err(fault("Bundle.type", "is not a kind of Bundle that is taken in", "not-supported")),
        None => Err(fault("Bundle.type", "is missing", "required")),
    }
}

/// Who the patients of the Bundle are, by every address that other entries may use for them.
fn patients(entries: &[Value], namespace: &str) -> HashMap<String, Subject> {
    let mut known = HashMap::new();
    for entry in entries {
        let resource = &entry["resource"];
        if resource["resourceType"] != "Patient" {
            continue;
        }
        let Some(subject) = identifiers::patient(resource, &[], namespace) else { continue };
        let full_url = entry["fullUrl"].as_str().map(str::to_owned);
        let by_id = resource["id"].as_str().map(|id| format!("Patient/{id}"));
        known.extend(full_url.into_iter().chain(by_id).map(|address| (address, subject.clone())));
    }
    known
}

fn read_entry(
    kind: Kind,
    place: usize,
    entry: &Value,
    patients: &HashMap<String, Subject>,
    namespace: &str,
) -> Result<Entry, Fault> {
    let at = |rest: &str| format!("Bundle.entry[{place}]{rest}");
    let resource = entry.get("resource");
    if let Some(resource) = resource {
        check(resource)
            .map_err(|found| Fault { expression: at(&format!(".resource.{}", found.expression)), ..found })?;
    }
    let request = entry.get("request");
    if request.is_none() && matches!(kind, Kind::Transaction | Kind::Batch) {
        return Err(fault(&at(".request"), "is missing", "required"));
    }
    let method = request.and_then(|request| request.get("method")).and_then(Value::as_str);
    let interaction = match method {
        None | Some("PUT") => Interaction::Update,
        Some("POST") => Interaction::Create,
        Some("DELETE") => Interaction::Delete,
        Some("GET" | "HEAD") => Interaction::Read,
        Some(_) => return Err(fault(&at(".request.method"), "is not supported", "not-supported")),
    };
    if resource.is_none() && matches!(interaction, Interaction::Create | Interaction::Update) {
        return Err(fault(&at(".resource"), "is missing", "required"));
    }
    let url = request.and_then(|request| request.get("url")).and_then(Value::as_str).unwrap_or_default();
    let address =
        Address::read(url).ok_or_else(|| fault(&at(".request.url"), "is not a type with an id", "value"))?;
    let resource_type = resource.and_then(|resource| resource["resourceType"].as_str());
    let resource_type = resource_type.or(address.kind.as_deref()).unwrap_or_default().to_owned();
    if address.kind.as_ref().is_some_and(|kind| *kind != resource_type) {
        return Err(fault(&at(".request.url"), "names another type than the resource", "value"));
    }
    let own_id = resource.and_then(|resource| resource["id"].as_str()).map(str::to_owned);
    let if_none_exist = request.and_then(|request| request["ifNoneExist"].as_str()).map(str::to_owned);
    Ok(Entry {
        place,
        interaction,
        id: address.id.or(own_id.filter(|_| interaction != Interaction::Create)),
        condition: address.condition.or(if_none_exist),
        subject: resource.and_then(|resource| subject(resource, patients, namespace)),
        resource: resource.cloned(),
        resource_type,
    })
}

fn subject(resource: &Value, patients: &HashMap<String, Subject>, namespace: &str) -> Option<Subject> {
    let pointed =
        ["subject", "patient"].into_iter().find_map(|name| resource.get(name)?.get("reference")?.as_str());
    let among = pointed.and_then(|reference| patients.get(reference)).cloned();
    among.or_else(|| identifiers::subject(resource, &[], namespace))
}

/// What the URL of an entry addresses; empty for one without a request.
#[derive(Default)]
struct Address {
    kind: Option<String>,
    id: Option<String>,
    condition: Option<String>,
}

impl Address {
    fn read(url: &str) -> Option<Address> {
        if url.is_empty() {
            return Some(Address::default());
        }
        let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
        let path = path.trim_start_matches('/');
        if is_resource_type(path) {
            let condition = query.map(|query| format!("{path}?{query}"));
            return Some(Address { kind: Some(path.to_owned()), id: None, condition });
        }
        let (Reference::Relative { kind, id } | Reference::Absolute { kind, id, .. }) = parse_reference(path)
        else {
            return None;
        };
        let is_address = is_resource_type(&kind) && is_id(&id);
        is_address.then_some(Address { kind: Some(kind), id: Some(id), condition: None })
    }
}

fn fault(expression: &str, why: &'static str, code: &'static str) -> Fault {
    Fault { expression: expression.to_owned(), why, code }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
