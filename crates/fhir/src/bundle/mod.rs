//! Many resources in one body: Bundles, split and answered.

mod answer; // The response Bundle.
mod links; // References from entry to entry.

use model::limits;
use serde_json::Value;

use crate::resource::{Fault, check, is_id};
use crate::types::is_resource_type;
use crate::{Reference, parse_reference};

pub use self::answer::{Answer, respond};
pub use self::links::Links;

/// A Bundle, taken apart.
#[derive(Debug)]
pub enum Split {
    /// All entries or none, in order; those of a history from the oldest.
    Whole(Kind, Vec<Entry>),
    /// A batch: each entry by itself, or what is wrong with it.
    Each(Vec<Result<Entry, Fault>>),
}

/// The kinds of Bundle that are taken in as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What a client wants done at once.
    Transaction,
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
    /// What other entries may call it, whatever id it is given.
    pub full_url: Option<String>,
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

/// Takes a Bundle apart.
///
/// # Errors
/// The first fault, with its place; those of the entries of a batch stand with them. PATCH is not supported.
pub fn split(bundle: &Value) -> Result<Split, Fault> {
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
    if kind == Some(Kind::Message) && bundle["entry"][0]["resource"]["resourceType"] != "MessageHeader" {
        return Err(fault("Bundle.entry[0].resource", "is no MessageHeader", "structure"));
    }
    let is_requested = matches!(kind, None | Some(Kind::Transaction));
    let entries = listed.iter().enumerate().map(|(place, entry)| read_entry(is_requested, place, entry));
    let Some(kind) = kind else { return Ok(Split::Each(entries.collect())) };
    let mut entries: Vec<Entry> = entries.collect::<Result<_, _>>()?;
    if kind == Kind::History {
        // FHIR R4 §3.1.0.11: the newest version comes first; events come in the order they happened.
        entries.reverse();
    }
    Ok(Split::Whole(kind, entries))
}

/// The kind of a Bundle that is one whole; none of a batch.
fn kind_of(bundle: &Value) -> Result<Option<Kind>, Fault> {
    if bundle.get("resourceType").and_then(Value::as_str) != Some("Bundle") {
        return Err(fault("resourceType", "is not Bundle", "structure"));
    }
    let is_notification = bundle["entry"][0]["resource"]["resourceType"] == "SubscriptionStatus"
        || (bundle["entry"][0]["resource"]["resourceType"] == "Parameters" && bundle["type"] == "history");
    match bundle.get("type").and_then(Value::as_str) {
        Some("history" | "subscription-notification") if is_notification => Ok(Some(Kind::Notification)),
        Some("transaction") => Ok(Some(Kind::Transaction)),
        Some("batch") => Ok(None),
        Some("history") => Ok(Some(Kind::History)),
        Some("message") => Ok(Some(Kind::Message)),
        Some("collection") => Ok(Some(Kind::Collection)),
        Some(_) => Err(fault("Bundle.type", "is not a kind of Bundle that is taken in", "not-supported")),
        None => Err(fault("Bundle.type", "is missing", "required")),
    }
}

fn read_entry(is_requested: bool, place: usize, entry: &Value) -> Result<Entry, Fault> {
    let at = |rest: &str| format!("Bundle.entry[{place}]{rest}");
    let resource = entry.get("resource");
    if let Some(resource) = resource {
        check(resource)
            .map_err(|found| Fault { expression: at(&format!(".resource.{}", found.expression)), ..found })?;
    }
    let request = entry.get("request");
    if request.is_none() && is_requested {
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
    let is_deletion = interaction == Interaction::Delete;
    if is_deletion && address.id.is_none() && address.condition.is_none() {
        return Err(fault(&at(".request.url"), "does not say what is deleted", "required"));
    }
    let own_id = resource.and_then(|resource| resource["id"].as_str()).map(str::to_owned);
    let if_none_exist = request.and_then(|request| request["ifNoneExist"].as_str()).map(str::to_owned);
    Ok(Entry {
        place,
        interaction,
        id: address.id.or(own_id.filter(|_| interaction != Interaction::Create)),
        condition: address.condition.or(if_none_exist),
        resource: resource.cloned(),
        full_url: entry["fullUrl"].as_str().map(str::to_owned),
        resource_type,
    })
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
