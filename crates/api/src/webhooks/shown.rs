//! A webhook as everybody may see it who may look: no credential, no secret.

use http::HeaderMap;
use model::{
    Auth, Format, HookState, HookUrl, Lane, Ordering, Pattern, Profile, Purpose, RateLimit, RecipientClass,
    Retry, SigningKey, Sources, Span, TemplateVersion, Timestamp, TlsVersion, UrlChange, Versioned, Webhook,
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::accept::{DEFAULT_TIMEOUT, signing};
use super::wish::write_sources;
use crate::etag;

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook)]
pub(crate) struct Shown {
    id: String,
    integration_id: String,
    name: String,
    #[schema(value_type = String)]
    url: HookUrl,
    /// What was taken out of the URL; in the answer to a write only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    url_changes: Option<Vec<UrlChange>>,
    /// `own`, `*` or a list of integrations.
    #[serde(serialize_with = "write_sources")]
    #[schema(value_type = Value)]
    sources: Sources,
    #[schema(value_type = Vec<String>)]
    event_types: Vec<Pattern>,
    object_types: Vec<String>,
    object_ids: Vec<String>,
    /// FHIRPath with the event as its root.
    filter: Option<String>,
    #[schema(value_type = String)]
    format: Format,
    /// The body in the receiver's own shape.
    template: Option<Box<Value>>,
    /// Names the template by its text; attempts say which one made their body.
    #[schema(value_type = Option<String>)]
    template_version: Option<TemplateVersion>,
    #[schema(value_type = String)]
    profile: Profile,
    justification: Option<String>,
    #[schema(value_type = String)]
    purpose: Purpose,
    #[schema(value_type = String)]
    recipient_class: RecipientClass,
    #[schema(value_type = Option<String>)]
    lane: Option<Lane>,
    #[schema(value_type = String)]
    ordering: Ordering,
    accept_test: bool,
    ack: Option<String>,
    /// Credentials are left out, header values are null.
    auth: Value,
    tls: ShownTls,
    signing: ShownSigning,
    #[schema(value_type = Option<Value>)]
    retry: Option<Retry>,
    #[schema(value_type = String)]
    timeout: Span,
    #[schema(value_type = Option<Value>)]
    rate_limit: Option<RateLimit>,
    max_in_flight: u16,
    escalation: Option<Value>,
    encryption: ShownEncryption,
    /// Whether it is to be called; a pending one is.
    active: bool,
    /// `active`, `pending`, `paused` or `disabled`.
    status: &'static str,
    #[schema(value_type = String)]
    created_at: Timestamp,
}

/// How we check who answers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookTls)]
struct ShownTls {
    #[schema(value_type = String)]
    min_version: TlsVersion,
    client_certificate: Option<String>,
    ca: Option<String>,
    pins: Vec<String>,
}

/// How we prove that the call is ours.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookSigning)]
struct ShownSigning {
    kind: Option<&'static str>,
    /// In the answers of POST and rotate only.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    public_key: Option<String>,
}

/// Always empty.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = WebhookEncryption)]
struct ShownEncryption {
    jwk: Option<Value>,
    fields: Vec<String>,
}

impl Shown {
    /// What there is to see of a webhook.
    pub(crate) fn of(webhook: &Webhook) -> Self {
        let Webhook { event_types, object_types, object_ids, sources, .. } = webhook.clone();
        let key = webhook.signing.keys.first();
        let (kind, public_key) = (key.map(signing::name), key.and_then(public_key));
        Shown {
            id: webhook.id.to_string(),
            integration_id: webhook.integration_id.to_string(),
            name: webhook.name.clone(),
            url: webhook.url.clone(),
            url_changes: None,
            sources,
            event_types,
            object_types,
            object_ids,
            filter: webhook.filter.clone(),
            format: webhook.format,
            template: webhook.template.clone(),
            template_version: webhook.template.as_deref().map(TemplateVersion::of),
            profile: webhook.profile,
            justification: webhook.justification.clone(),
            purpose: webhook.purpose,
            recipient_class: webhook.recipient_class,
            lane: webhook.lane,
            ordering: webhook.ordering,
            accept_test: webhook.accept_test,
            ack: None,
            auth: auth(&webhook.auth),
            tls: ShownTls {
                min_version: webhook.tls.min_version,
                client_certificate: None,
                ca: webhook.tls.ca.clone(),
                pins: Vec::new(),
            },
            signing: ShownSigning { kind, secret: None, public_key },
            retry: webhook.retry.clone(),
            timeout: webhook.timeout.unwrap_or(DEFAULT_TIMEOUT),
            rate_limit: webhook.rate_limit,
            max_in_flight: webhook.max_in_flight,
            escalation: None,
            encryption: ShownEncryption::default(),
            active: matches!(webhook.state, HookState::Active | HookState::Pending { .. }),
            status: webhook.state.name(),
            created_at: webhook.created_at,
        }
    }

    /// With what sanitising took out of the URL.
    pub(crate) fn with_changes(mut self, changes: Vec<UrlChange>) -> Self {
        self.url_changes = Some(changes);
        self
    }

    /// With the secret of the present key: for the one answer that may show it.
    pub(crate) fn with_secret(mut self, webhook: &Webhook) -> Self {
        self.signing.secret = webhook.signing.keys.first().and_then(privacy::secrets::shown);
        self
    }
}

/// What a call that answers a webhook answers.
pub(crate) fn answer(webhook: &Versioned<Webhook>) -> (HeaderMap, axum::Json<Shown>) {
    (etag::of(webhook.version), axum::Json(Shown::of(webhook)))
}

fn auth(auth: &Auth) -> Value {
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| drop(shown.insert(name.to_owned(), value));
    match auth {
        Auth::None => put("kind", "none".into()),
        Auth::Bearer { .. } => put("kind", "bearer".into()),
        Auth::Basic { username, .. } => {
            put("kind", "basic".into());
            put("username", username.as_str().into());
        }
        Auth::Headers { headers } => {
            put("kind", "headers".into());
            let names = headers.iter().map(|(name, _)| (name.clone(), Value::Null));
            put("headers", Value::Object(names.collect()));
        }
    }
    Value::Object(shown)
}

fn public_key(key: &SigningKey) -> Option<String> {
    match key {
        SigningKey::HmacSha256 { .. } => None,
        SigningKey::Ed25519 { public_key, .. } => Some(public_key.clone()),
    }
}
