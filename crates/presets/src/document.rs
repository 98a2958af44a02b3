//! A preset as it is written, in TOML. `docs/reference/presets.md` says what each member means.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::encoding::Encoding;
use crate::handshake::Handshake;
use crate::moment::Unit;

/// A file of presets cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {why}")]
pub struct Faulty {
    /// The name of the file.
    pub file: String,
    /// What is wrong, and where.
    pub why: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) preset: BTreeMap<String, Document>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    pub(crate) title: String,
    pub(crate) category: String,
    pub(crate) about: String,
    #[serde(default)]
    pub(crate) cannot: Vec<String>,
    #[serde(default)]
    pub(crate) polled: BTreeMap<String, String>,
    pub(crate) docs: String,
    #[serde(default)]
    pub(crate) thin: bool,
    #[serde(default = "post")]
    pub(crate) methods: Vec<String>,
    #[serde(default)]
    pub(crate) body: BodyKind,
    pub(crate) auth: Auth,
    pub(crate) time: Option<Time>,
    #[serde(default)]
    pub(crate) handshake: Vec<Handshake>,
    #[serde(default)]
    pub(crate) ack: Ack,
    #[serde(default)]
    pub(crate) field: Vec<FieldEntry>,
    pub(crate) items: Option<String>,
    pub(crate) id: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) other: Other,
    pub(crate) at: Option<At>,
    pub(crate) test: Option<Test>,
    pub(crate) object: Option<String>,
    pub(crate) subject: Option<Subject>,
    #[serde(default)]
    pub(crate) data: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) types: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) event: Vec<Event>,
}

fn post() -> Vec<String> {
    vec!["POST".to_owned()]
}

/// What the body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BodyKind {
    #[default]
    Json,
    Form,
}

/// What becomes of native types that are not mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Other {
    /// They wait until somebody maps them.
    #[default]
    Quarantine,
    /// They become `x.<preset>.<type>`.
    Passthrough,
    /// A name of the catalogue stands for itself; the others pass through.
    Same,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Auth {
    Hmac(SignedEntry),
    Ed25519(SignedEntry),
    EcdsaP256(SignedEntry),
    SharedSecret {
        header: String,
        #[serde(default)]
        prefix: String,
        #[serde(default = "secret")]
        secret: String,
    },
    Basic {
        #[serde(default = "username")]
        username: String,
        #[serde(default = "password")]
        password: String,
    },
    JwtHs256 {
        #[serde(default = "secret")]
        secret: String,
        body_hash: String,
        #[serde(default = "tolerance")]
        tolerance: u64,
    },
    HttpMessageSignature {
        #[serde(default = "secret")]
        secret: String,
        #[serde(default = "tolerance")]
        tolerance: u64,
    },
    SecretPath {},
}

fn secret() -> String {
    "secret".to_owned()
}

fn username() -> String {
    "username".to_owned()
}

fn password() -> String {
    "password".to_owned()
}

fn tolerance() -> u64 {
    300
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignedEntry {
    /// Of an HMAC only.
    pub(crate) hash: Option<Hash>,
    pub(crate) header: String,
    pub(crate) header_from: Option<String>,
    pub(crate) encoding: Encoding,
    pub(crate) split: Option<String>,
    #[serde(default = "whole")]
    pub(crate) parse: Vec<String>,
    #[serde(default = "body")]
    pub(crate) signed: String,
    #[serde(default = "secret_key")]
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) key_prefix: String,
    #[serde(default = "utf8")]
    pub(crate) key_encoding: Encoding,
    pub(crate) digest_header: Option<String>,
    #[serde(default)]
    pub(crate) digest_prefix: String,
}

fn whole() -> Vec<String> {
    vec!["{sig}".to_owned()]
}

fn body() -> String {
    "{body}".to_owned()
}

fn secret_key() -> String {
    "{secret}".to_owned()
}

fn utf8() -> Encoding {
    Encoding::Utf8
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Time {
    pub(crate) from: Option<String>,
    #[serde(default)]
    pub(crate) unit: Unit,
    /// Seconds; left out where the time is not signed.
    pub(crate) tolerance: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ack {
    #[serde(default = "ok")]
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) body: String,
}

impl Default for Ack {
    fn default() -> Self {
        Ack { status: ok(), body: String::new() }
    }
}

fn ok() -> u16 {
    200
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldEntry {
    pub(crate) name: String,
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) hint: String,
    #[serde(default)]
    pub(crate) secret: bool,
    #[serde(default)]
    pub(crate) required: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct At {
    pub(crate) from: String,
    #[serde(default = "iso")]
    pub(crate) unit: Unit,
}

fn iso() -> Unit {
    Unit::Iso8601
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Test {
    pub(crate) from: String,
    pub(crate) equals: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subject {
    #[serde(default = "patient")]
    pub(crate) kind: String,
    pub(crate) system: Option<String>,
    pub(crate) id: String,
}

fn patient() -> String {
    "patient".to_owned()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    pub(crate) when: Vec<String>,
    #[serde(rename = "type")]
    pub(crate) event_type: String,
    pub(crate) each: Option<String>,
    pub(crate) object: Option<String>,
    pub(crate) subject: Option<Subject>,
    pub(crate) data: Option<BTreeMap<String, String>>,
}
