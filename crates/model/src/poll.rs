//! A FHIR server that we ask, instead of waiting for what it sends.

use serde::{Deserialize, Serialize};

use crate::{HookUrl, Secret, Span, Timestamp};

/// How an integration's FHIR server is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Poll {
    /// The base URL of its REST interface.
    pub url: HookUrl,
    /// What is asked for again and again; empty: only what notifications name.
    #[serde(default)]
    pub searches: Vec<PollSearch>,
    /// How often at most; it slows down by itself while nothing changes.
    pub every: Span,
    /// How far each search looks back behind what it has seen: versions that appear late are still found.
    pub overlap: Span,
    /// Requests in an hour, all searches together.
    pub requests_per_hour: u32,
    /// Where the first search begins; absent: when the integration was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// How we prove that we may ask.
    pub auth: PollAuth,
    /// Certificates, as PEM, to trust instead of the machine's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
}

/// A search that is asked again and again: `Observation?category=laboratory`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PollSearch {
    /// The resource type.
    pub resource_type: String,
    /// Parameters of the search, encoded; empty for all of the type.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub query: String,
}

impl PollSearch {
    /// The search as it is written: `Type` or `Type?query`.
    #[must_use]
    pub fn written(&self) -> String {
        if self.query.is_empty() {
            self.resource_type.clone()
        } else {
            format!("{}?{}", self.resource_type, self.query)
        }
    }
}

/// How we prove to a FHIR server that we may ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", tag = "kind", deny_unknown_fields)]
pub enum PollAuth {
    /// Not at all.
    None,
    /// `Authorization: Bearer`.
    Bearer {
        /// The token.
        token: Secret<String>,
    },
    /// `Authorization: Basic`.
    Basic {
        /// The name.
        username: String,
        /// The password.
        password: Secret<String>,
    },
    /// SMART Backend Services: a token for an assertion signed with our key.
    SmartBackend {
        /// Who we are to the server.
        client_id: String,
        /// Where tokens are asked for.
        token_url: HookUrl,
        /// What we ask to read, such as `system/*.rs`.
        scope: String,
        /// The name of our key in the key set that the server knows.
        key_id: String,
        /// How the assertion is signed.
        algorithm: AssertionAlgorithm,
        /// The private key, as PEM (PKCS #8).
        private_key: Secret<String>,
    },
}

impl PollAuth {
    /// `none`, `bearer`, `basic` or `smart-backend`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            PollAuth::None => "none",
            PollAuth::Bearer { .. } => "bearer",
            PollAuth::Basic { .. } => "basic",
            PollAuth::SmartBackend { .. } => "smart-backend",
        }
    }
}

/// The algorithms that SMART App Launch 2.x asks clients to support.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssertionAlgorithm {
    /// ECDSA on P-384 with SHA-384.
    #[serde(rename = "ES384")]
    Es384,
    /// RSA PKCS #1 v1.5 with SHA-384.
    #[serde(rename = "RS384")]
    Rs384,
}

impl AssertionAlgorithm {
    /// Its name in a JWT.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            AssertionAlgorithm::Es384 => "ES384",
            AssertionAlgorithm::Rs384 => "RS384",
        }
    }
}
