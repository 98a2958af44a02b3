//! One page of a search: what a server answered, as far as it can be believed.

use model::{Timestamp, json, limits};
use serde_json::Value;

use super::fault::Fault;

/// A page of a searchset.
#[derive(Debug)]
pub(super) struct Page {
    /// What it holds, in its order.
    pub(super) found: Vec<Found>,
    /// Where it says the next one is.
    pub(super) next: Option<String>,
    /// The oldest change it tells of.
    pub(super) oldest: Option<Timestamp>,
    /// The newest.
    pub(super) newest: Option<Timestamp>,
    /// Whether each change is at or after the one before it.
    pub(super) rising: bool,
}

/// A resource with what tells its versions apart.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) resource_type: String,
    pub(super) id: String,
    /// The version that the server names, or none: then its content tells.
    pub(super) version: Option<String>,
    pub(super) resource: Value,
    /// Why it cannot be taken in.
    pub(super) fault: Option<fhir::Fault>,
}

/// Reads JSON from a server, within our bounds of depth and size.
pub(super) fn json(bytes: &[u8]) -> Result<Value, Fault> {
    let text = json::check(bytes).map_err(|_| Fault::Unreadable("it is not JSON within our bounds"))?;
    serde_json::from_str(text).map_err(|_| Fault::Unreadable("it is not JSON"))
}

/// Reads a page of a search.
pub(super) fn read(bundle: &Value) -> Result<Page, Fault> {
    if bundle["resourceType"] != "Bundle" {
        return Err(Fault::Unreadable("it is not a Bundle"));
    }
    if !matches!(bundle["type"].as_str(), Some("searchset" | "history" | "collection")) {
        return Err(Fault::Unreadable("it is not a searchset"));
    }
    let none = Vec::new();
    let entries = bundle["entry"].as_array().unwrap_or(&none);
    if entries.len() > limits::POLL_ENTRIES {
        return Err(Fault::Unreadable("it has too many entries"));
    }
    let mut found = Vec::with_capacity(entries.len());
    let (mut oldest, mut newest, mut rising) = (None, None, true);
    for entry in entries.iter().filter(|entry| entry["search"]["mode"] != "outcome") {
        let Some(one) = Found::of(entry) else { continue };
        let changed = one.resource["meta"]["lastUpdated"].as_str().and_then(fhir::instant);
        // Without a time nobody knows how far the page goes.
        rising &= changed.is_some() && changed >= newest;
        newest = newest.max(changed);
        oldest = oldest.into_iter().chain(changed).min();
        found.push(one);
    }
    Ok(Page { found, next: next(bundle), oldest, newest, rising })
}

impl Found {
    /// The resource of an entry; none if there is nothing in it.
    fn of(entry: &Value) -> Option<Found> {
        let found = Found::alone(entry.get("resource")?.clone());
        let etag = entry["response"]["etag"].as_str().map(str::to_owned);
        Some(Found { version: found.version.or(etag), ..found })
    }

    /// A resource by itself.
    pub(super) fn alone(resource: Value) -> Found {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Found {
            resource_type: text(&resource["resourceType"]).unwrap_or_default(),
            id: text(&resource["id"]).unwrap_or_default(),
            version: text(&resource["meta"]["versionId"]),
            fault: fhir::check(&resource).err().or_else(|| unnamed(&resource)),
            resource,
        }
    }
}

fn unnamed(resource: &Value) -> Option<fhir::Fault> {
    let fault = || fhir::Fault { expression: "id".to_owned(), why: "is missing", code: "required" };
    resource["id"].is_null().then(fault)
}

fn next(bundle: &Value) -> Option<String> {
    let links = bundle["link"].as_array()?;
    let next = links.iter().find(|link| link["relation"] == "next")?;
    next["url"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_tells_what_it_holds_and_how_far_it_goes() {
        let changed = |id: &str, at: &str| json!({"resource": {"resourceType": "Patient", "id": id, "meta": {"lastUpdated": at, "versionId": "3"}}});
        let page = read(&json!({
            "resourceType": "Bundle", "type": "searchset",
            "link": [{"relation": "self", "url": "a"}, {"relation": "next", "url": "b"}],
            "entry": [
                changed("1", "2026-01-01T00:00:00Z"),
                {"search": {"mode": "outcome"}, "resource": {"resourceType": "OperationOutcome"}},
                changed("2", "2026-01-02T00:00:00Z"),
                {"resource": {"resourceType": "Patient"}}
            ]
        }))
        .unwrap();
        assert_eq!((page.found.len(), page.next.as_deref()), (3, Some("b")));
        assert_eq!(page.found[0].version.as_deref(), Some("3"));
        assert_eq!(page.newest.unwrap().to_string(), "2026-01-02T00:00:00.000Z");
        assert_eq!(page.oldest.unwrap().to_string(), "2026-01-01T00:00:00.000Z");
        assert!(!page.rising, "one of them has no time");
        assert!(page.found[2].fault.is_some() && page.found[1].fault.is_none());
    }

    #[test]
    fn what_is_no_page_is_not_taken_for_an_empty_one() {
        for answer in [
            json!([]),
            json!({"resourceType": "OperationOutcome"}),
            json!({"resourceType": "Bundle"}),
            json!({"resourceType": "Bundle", "type": "transaction-response"}),
            json!({"resourceType": "Bundle", "type": "searchset", "entry": vec![0; limits::POLL_ENTRIES + 1]}),
        ] {
            assert!(read(&answer).is_err(), "{answer:.80}");
        }
        assert!(json(b"<html>").is_err());
        assert!(json(format!("{}{}", "[".repeat(100), "]".repeat(100)).as_bytes()).is_err());
        let empty = read(&json!({"resourceType": "Bundle", "type": "searchset"})).unwrap();
        assert!(empty.found.is_empty() && empty.next.is_none() && empty.newest.is_none());
    }
}
