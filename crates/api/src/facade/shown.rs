//! From a webhook to a Subscription as it is shown.

use fhir::subscription::{self, Channel, Wish, seconds};
use model::{Auth, Subscription, Versioned, Webhook};
use serde_json::Value;

use super::visit::Visit;

/// What stands for the value of a header on every read but the first.
pub(super) const MASKED: &str = "(masked)";

/// Whether the values of headers are shown: to whoever just said them, and to nobody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Headers {
    /// In the answer to a write.
    Echoed,
    /// On every read.
    Masked,
}

/// The resource of a webhook that is a Subscription.
pub(super) fn resource(visit: &Visit, webhook: &Versioned<Webhook>, headers: Headers) -> Value {
    let Some(facet) = webhook.subscription.as_deref() else { return Value::Null };
    let wish = wish(webhook, facet, headers);
    let error = facet.wrong();
    let shown =
        subscription::Shown { id: &facet.id, version: webhook.version, wish: &wish, error: error.as_deref() };
    subscription::write(webhook.format.fhir_version().unwrap_or(visit.version()), shown)
}

/// What the client asked for, and how it stands now.
pub(super) fn wish(webhook: &Webhook, facet: &Subscription, headers: Headers) -> Wish {
    Wish {
        id: Some(facet.id.clone()),
        status: facet.status,
        topic: facet.topic.clone(),
        filters: facet.filters.clone(),
        channel: Channel {
            kind: facet.channel.code().to_owned(),
            endpoint: (!webhook.is_listening()).then(|| webhook.url.as_url().to_string()),
            headers: lines(&webhook.auth, headers),
            payload: facet.payload.clone(),
            content: facet.content,
            heartbeat: facet.heartbeat.map(seconds),
            timeout: webhook.timeout.map(seconds),
            max_count: facet.max_count,
        },
        end: facet.end,
        reason: facet.reason.clone(),
        contact: facet.contact.clone(),
    }
}

fn lines(auth: &Auth, headers: Headers) -> Vec<(String, String)> {
    let Auth::Headers { headers: kept } = auth else { return Vec::new() };
    let value = |value: &model::Secret<String>| match headers {
        Headers::Echoed => value.expose().clone(),
        Headers::Masked => MASKED.to_owned(),
    };
    kept.iter().map(|(name, secret)| (name.clone(), value(secret))).collect()
}
