//! What a caller may say about a webhook.

use std::fmt;

use model::{IntegrationId, Lane, Ordering, Pattern, RateLimit, Retry, Secret, Sources, Span, TlsVersion};
use serde::de::{Deserializer, Error as _, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

/// The settings of a webhook. Left out: the default, or on a change of
/// `auth`, `signing`, `active` and credentials, what there was.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = WebhookSettings)]
pub(crate) struct Wish {
    #[serde(default, rename = "id")]
    #[schema(read_only, value_type = Option<String>)]
    pub(super) _id: IgnoredAny,
    #[serde(default, rename = "integrationId")]
    #[schema(read_only, value_type = Option<String>)]
    pub(super) _integration_id: IgnoredAny,
    #[serde(default, rename = "urlChanges")]
    #[schema(read_only, value_type = Option<Vec<String>>)]
    pub(super) _url_changes: IgnoredAny,
    #[serde(default, rename = "status")]
    #[schema(read_only, value_type = Option<String>)]
    pub(super) _status: IgnoredAny,
    #[serde(default, rename = "templateVersion")]
    #[schema(read_only, value_type = Option<String>)]
    pub(super) _template_version: IgnoredAny,
    #[serde(default, rename = "createdAt")]
    #[schema(read_only, value_type = Option<String>)]
    pub(super) _created_at: IgnoredAny,

    /// Its name, as people know it. Required.
    pub(crate) name: Option<String>,
    /// Where deliveries go. Required.
    pub(crate) url: Option<String>,
    /// Whose events it gets: `own`, `*` or a list of integrations.
    #[serde(default, deserialize_with = "sources")]
    #[schema(value_type = Option<Value>, example = "own")]
    pub(crate) sources: Option<Sources>,
    /// Which event types it wants. Required.
    #[schema(value_type = Option<Vec<String>>)]
    pub(crate) event_types: Option<Vec<Pattern>>,
    /// Which object types it wants; empty means all.
    pub(crate) object_types: Option<Vec<String>>,
    /// Which objects it wants; empty means all.
    pub(crate) object_ids: Option<Vec<String>>,
    /// What an event must be like: FHIRPath with the event as its root.
    #[schema(example = "data.value > 6.0 'mmol/L'")]
    pub(crate) filter: Option<String>,
    /// The shape of the body: `native`, `cloudevents`, `fhir-r4`, `fhir-r4b`, `fhir-r5` or `raw`, which needs the profile `full`.
    pub(crate) format: Option<String>,
    /// The body in the receiver's own shape: JSON in which `{"$path": "…"}` and `{"$list": "…"}` give way to what
    /// their FHIRPath finds in the body of the format `native`.
    pub(crate) template: Option<Value>,
    /// How much of an event it may see: `ping`, `reference` or `full`.
    pub(crate) profile: Option<String>,
    /// Why it may see people; needed for `full`.
    pub(crate) justification: Option<String>,
    /// What the data is used for.
    pub(crate) purpose: Option<String>,
    /// Who receives.
    pub(crate) recipient_class: Option<String>,
    /// A lane to raise its deliveries to.
    #[schema(value_type = Option<String>)]
    pub(crate) lane: Option<Lane>,
    /// Which deliveries wait for each other: `none`, `object` or `subject`.
    #[schema(value_type = Option<String>)]
    pub(crate) ordering: Option<Ordering>,
    /// Whether it takes test events.
    pub(crate) accept_test: Option<bool>,
    /// Not yet.
    pub(crate) ack: Option<Value>,
    /// How we prove that we may call.
    pub(crate) auth: Option<AuthWish>,
    /// How we check who answers.
    pub(crate) tls: Option<TlsWish>,
    /// How we prove that the call is ours.
    pub(crate) signing: Option<SigningWish>,
    /// When to try again; left out, as the lane of the event says.
    #[schema(value_type = Option<Value>)]
    pub(crate) retry: Option<Retry>,
    /// How long an attempt may take, 1 to 60 s.
    #[schema(value_type = Option<String>, example = "15s")]
    pub(crate) timeout: Option<Span>,
    /// The highest rate of attempts, 1 to 10,000 a second.
    #[schema(value_type = Option<Value>)]
    pub(crate) rate_limit: Option<RateLimit>,
    /// How many attempts may be under way at once, 1 to 256.
    pub(crate) max_in_flight: Option<u32>,
    /// Not yet.
    pub(crate) escalation: Option<Value>,
    /// Not yet.
    pub(crate) encryption: Option<EncryptionWish>,
    /// Whether it is called.
    pub(crate) active: Option<bool>,
}

/// How we prove that we may call. Credentials are write-only.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = WebhookAuthSettings)]
pub(crate) struct AuthWish {
    /// `none`, `bearer`, `basic` or `headers`.
    pub(crate) kind: String,
    /// Of `bearer`.
    #[schema(write_only, value_type = Option<String>)]
    pub(crate) token: Option<Secret<String>>,
    /// Of `basic`.
    pub(crate) username: Option<String>,
    /// Of `basic`.
    #[schema(write_only, value_type = Option<String>)]
    pub(crate) password: Option<Secret<String>>,
    /// Of `headers`: values by name; null keeps a value.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Option<String>>>)]
    pub(crate) headers: Option<serde_json::Map<String, Value>>,
}

/// How we check who answers.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = WebhookTlsSettings)]
pub(crate) struct TlsWish {
    /// `1.2` or `1.3`.
    #[schema(value_type = Option<String>)]
    pub(crate) min_version: Option<TlsVersion>,
    /// Not yet.
    pub(crate) client_certificate: Option<Value>,
    /// Certificates, as PEM, to trust instead of the machine's.
    pub(crate) ca: Option<String>,
    /// Not yet.
    pub(crate) pins: Option<Vec<Value>>,
}

/// How we prove that the call is ours.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = WebhookSigningSettings)]
pub(crate) struct SigningWish {
    /// `hmac-sha256` or `ed25519`.
    pub(crate) kind: Option<String>,
    /// A secret of your own, for a webhook that moves here; left out, a new one.
    #[schema(write_only, value_type = Option<String>)]
    pub(crate) secret: Option<Secret<String>>,
    #[serde(default, rename = "publicKey")]
    #[schema(read_only, value_type = Option<String>)]
    pub(super) _public_key: IgnoredAny,
}

/// Not yet.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = WebhookEncryptionSettings)]
pub(crate) struct EncryptionWish {
    pub(crate) jwk: Option<Value>,
    pub(crate) fields: Option<Vec<Value>>,
}

/// Writes sources as [`Wish`] reads them.
pub(crate) fn write_sources<S: Serializer>(sources: &Sources, to: S) -> Result<S::Ok, S::Error> {
    match sources {
        Sources::Own => to.serialize_str("own"),
        Sources::All => to.serialize_str("*"),
        Sources::Listed(ids) => to.collect_seq(ids),
    }
}

fn sources<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Sources>, D::Error> {
    from.deserialize_any(SourcesVisitor)
}

struct SourcesVisitor;

impl<'de> Visitor<'de> for SourcesVisitor {
    type Value = Option<Sources>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("own, * or a list of integrations")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match text {
            "own" => Ok(Some(Sources::Own)),
            "*" => Ok(Some(Sources::All)),
            _ => Err(E::custom("not own, * or a list of integrations")),
        }
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let mut ids: Vec<IntegrationId> = Vec::new();
        while let Some(id) = from.next_element()? {
            if ids.len() == LISTED {
                return Err(A::Error::custom("too many integrations"));
            }
            ids.push(id);
        }
        Ok(Some(Sources::Listed(ids)))
    }
}

const LISTED: usize = 1_000;
