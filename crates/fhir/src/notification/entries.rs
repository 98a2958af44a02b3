//! What the events of a notification are about.

use std::collections::HashSet;

use model::FhirVersion;
use serde_json::{Value, json};

use super::{Content, Entry, Notification};
use crate::bundle::Interaction;

/// The entries after the status: none at `empty`, without resources at `id-only`.
pub(super) fn of(notification: &Notification) -> Vec<Value> {
    if notification.content == Content::Empty || !notification.kind.tells_events() {
        return Vec::new();
    }
    let events = notification.events.iter();
    let all: Vec<&Entry> = events.flat_map(|event| event.focus.iter().chain(&event.context)).collect();
    let kept = if notification.version == FhirVersion::R5 { latest(all, notification.content) } else { all };
    kept.into_iter().map(|entry| written(entry, notification.content)).collect()
}

/// Of one version of a resource its last entry: bdl-7, from which only a history is exempt.
fn latest(all: Vec<&Entry>, content: Content) -> Vec<&Entry> {
    let mut seen = HashSet::new();
    let mut kept: Vec<&Entry> = Vec::with_capacity(all.len());
    for entry in all.into_iter().rev() {
        if seen.insert((entry.full_url.as_str(), version_of(entry, content))) {
            kept.push(entry);
        }
    }
    kept.reverse();
    kept
}

/// The version that the written entry shows.
fn version_of(entry: &Entry, content: Content) -> Option<&str> {
    let shown = entry.resource.as_ref().filter(|_| content == Content::FullResource)?;
    shown.get("meta")?.get("versionId")?.as_str()
}

fn written(entry: &Entry, content: Content) -> Value {
    let address = format!("{}/{}", entry.resource_type, entry.id);
    let (method, url, status) = match entry.interaction {
        Interaction::Create => ("POST", entry.resource_type.clone(), "201"),
        Interaction::Update => ("PUT", address, "200"),
        Interaction::Delete => ("DELETE", address, "204"),
        Interaction::Read => ("GET", address, "200"),
    };
    let mut written = json!({ "fullUrl": entry.full_url });
    if let Some(resource) = entry.resource.as_ref().filter(|_| content == Content::FullResource) {
        written["resource"] = resource.clone();
    }
    written["request"] = json!({ "method": method, "url": url });
    written["response"] = json!({ "status": status });
    written
}
