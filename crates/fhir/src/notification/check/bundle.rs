//! What every Bundle keeps: its type, and the invariants `bdl-1` to `bdl-18`.

use std::collections::HashSet;

use model::FhirVersion;
use serde_json::Value;

use super::{Flaws, entries, entry, is_instant, status};

pub(super) fn check(bundle: &Value, version: FhirVersion, flaws: &mut Flaws) {
    let notification = if version == FhirVersion::R5 { "subscription-notification" } else { "history" };
    let is_search = bundle["type"] == "searchset";
    let has_type = is_search || bundle["type"] == notification;
    flaws.unless(bundle["resourceType"] == "Bundle", ("profile", "resourceType"), "is Bundle");
    flaws.unless(
        has_type,
        ("bdl-13", "Bundle.type"),
        "is that of a notification of its version, or searchset",
    );
    flaws.unless(is_instant(&bundle["timestamp"]), ("profile", "Bundle.timestamp"), "is an instant");
    let may_count = is_search || bundle["type"] == "history";
    flaws.unless(
        may_count || bundle.get("total").is_none(),
        ("bdl-1", "Bundle.total"),
        "only of a search or history",
    );
    if is_search {
        let links = bundle["link"].as_array();
        let has_self = links.is_some_and(|links| links.iter().any(|link| link["relation"] == "self"));
        flaws.unless(
            has_self || version != FhirVersion::R5,
            ("bdl-18", "Bundle.link"),
            "a search has its own address",
        );
    } else {
        check_notification(bundle, version, flaws);
    }
    for (place, one) in entries(bundle).iter().enumerate() {
        check_entry(one, bundle, &entry(place), flaws);
    }
    check_addresses(bundle, flaws);
}

/// The profiles of the guide: which status stands first, and how it could be asked for.
fn check_notification(bundle: &Value, version: FhirVersion, flaws: &mut Flaws) {
    let named = match version {
        FhirVersion::R4 => Some("backport-subscription-notification-r4"),
        FhirVersion::R4B => Some("backport-subscription-notification"),
        FhirVersion::R5 => None,
    };
    if let Some(name) = named {
        let url = format!("http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/{name}");
        let profiles = bundle["meta"]["profile"].as_array();
        let has = profiles.is_some_and(|profiles| profiles.iter().any(|profile| *profile == url));
        flaws.unless(has, ("@28", "Bundle.meta.profile"), "names the guide's profile");
    }
    let first = &bundle["entry"][0];
    let is_status = first["resource"]["resourceType"] == status::type_of(version);
    let rule = if version == FhirVersion::R4 { "backport-notification-bundle-r4-1" } else { "@14" };
    flaws.unless(is_status, (rule, "Bundle.entry[0].resource"), "is the status of the version");
    let others = entries(bundle).iter().skip(1);
    let is_alone = others.into_iter().all(|one| one["resource"]["resourceType"] != status::type_of(version));
    flaws.unless(is_alone, ("@14", "Bundle.entry"), "only the first entry is a status");
    let request = &first["request"];
    let url = request["url"].as_str().unwrap_or_default();
    let asks = url.strip_suffix("/$status").is_some_and(is_subscription);
    flaws.unless(
        asks && request["method"] == "GET",
        ("@15", "Bundle.entry[0].request"),
        "asks for this $status",
    );
}

/// Whether an address ends in `Subscription/{id}`.
fn is_subscription(address: &str) -> bool {
    let mut parts = address.rsplit('/');
    parts.next().is_some_and(crate::is_id) && parts.next() == Some("Subscription")
}

fn check_entry(one: &Value, bundle: &Value, at: &str, flaws: &mut Flaws) {
    let (request, response) = (one.get("request").is_some(), one.get("response").is_some());
    let is_search = bundle["type"] == "searchset";
    if bundle["type"] == "history" {
        flaws.unless(request, ("bdl-3", at), "an entry of a history has a request");
        flaws.unless(response, ("bdl-4", at), "an entry of a history has a response");
    }
    if is_search {
        flaws.unless(!request, ("bdl-3", at), "an entry of a search has no request");
        flaws.unless(!response, ("bdl-4", at), "an entry of a search has no response");
    } else {
        flaws.unless(one.get("search").is_none(), ("bdl-2", at), "only an entry of a search has search");
    }
    let says = one.get("resource").is_some() || request || response;
    flaws.unless(says, ("bdl-5", at), "has a resource, a request or a response");
    let url = one["fullUrl"].as_str().unwrap_or_default();
    flaws.unless(!url.contains("/_history/"), ("bdl-8", at), "an address names no version");
    flaws.unless(url.contains(':'), ("profile", at), "an address is absolute");
    let fits = request_fits(&one["request"], &one["response"]);
    flaws.unless(!request || fits, ("profile", at), "method, url and status belong together");
    if let (Some(resource), Some((kind, id))) = (one.get("resource"), address(url)) {
        let is_there = resource["resourceType"] == kind && resource["id"] == id;
        flaws.unless(is_there, ("profile", at), "the address is that of the resource");
    }
}

fn request_fits(request: &Value, response: &Value) -> bool {
    let expected: &[&str] = match request["method"].as_str() {
        Some("POST") => &["201"],
        Some("PUT") => &["200", "201"],
        Some("DELETE") => &["200", "202", "204"],
        Some("GET") => &["200"],
        _ => return false,
    };
    let status = response["status"].as_str().unwrap_or_default();
    request["url"].is_string() && expected.contains(&status)
}

/// The type and id at the end of the URL of a FHIR server.
fn address(url: &str) -> Option<(&str, &str)> {
    if url.starts_with("urn:") {
        return None;
    }
    let mut parts = url.rsplit('/');
    let (id, kind) = (parts.next()?, parts.next()?);
    crate::is_resource_type(kind).then_some((kind, id))
}

/// bdl-7: an address once, or once for each version; in a history versions need not be told.
fn check_addresses(bundle: &Value, flaws: &mut Flaws) {
    if bundle["type"] == "history" {
        return;
    }
    let mut seen = HashSet::new();
    for (place, one) in entries(bundle).iter().enumerate() {
        let version = one["resource"]["meta"]["versionId"].as_str();
        let is_new = one["fullUrl"].as_str().is_none_or(|url| seen.insert((url, version)));
        flaws.unless(is_new, ("bdl-7", &entry(place)), "an address stands once for each version");
    }
}
