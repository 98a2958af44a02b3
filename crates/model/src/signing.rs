//! The keys that sign what a webhook is sent.

use serde::{Deserialize, Serialize};

use crate::{Secret, Timestamp};

/// The keys that sign, the newest first. During a rotation several sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signing {
    /// The present key and those that still overlap.
    pub keys: Vec<SigningKey>,
}

impl Signing {
    /// The keys that sign at `now`, the newest first.
    pub fn active(&self, now: Timestamp) -> impl Iterator<Item = &SigningKey> {
        self.keys.iter().filter(move |key| key.until().is_none_or(|until| now < until))
    }
}

/// One signing key of Standard Webhooks 1.0.0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum SigningKey {
    /// `v1`: HMAC-SHA256 under a shared secret of 24 to 64 bytes.
    HmacSha256 {
        /// The secret's bytes, base64.
        secret: Secret<String>,
        /// When it stops signing; absent while it is the present key.
        until: Option<Timestamp>,
    },
    /// `v1a`: Ed25519.
    Ed25519 {
        /// The 32 byte seed, base64.
        seed: Secret<String>,
        /// The public key as `whpk_…`.
        public_key: String,
        /// When it stops signing; absent while it is the present key.
        until: Option<Timestamp>,
    },
}

impl SigningKey {
    fn until(&self) -> Option<Timestamp> {
        match self {
            SigningKey::HmacSha256 { until, .. } | SigningKey::Ed25519 { until, .. } => *until,
        }
    }

    /// Lets the key sign only until then.
    pub fn end(&mut self, at: Timestamp) {
        match self {
            SigningKey::HmacSha256 { until, .. } | SigningKey::Ed25519 { until, .. } => *until = Some(at),
        }
    }
}
