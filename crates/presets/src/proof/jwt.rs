//! A JWT of HS256 in `Authorization: Bearer`, with a claim that covers the body.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use model::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::signed::Algorithm;
use super::{Unproven, check_time, same};
use crate::call::Call;
use crate::encoding::{Encoding, base64_url};
use crate::fields::Settings;

/// What the token must say.
#[derive(Debug, Clone)]
pub(crate) struct Jwt {
    /// The name of the secret.
    pub(crate) secret: String,
    /// The claim with the SHA-256 of the body, hex.
    pub(crate) body_hash: String,
    /// How old `iat` may be.
    pub(crate) tolerance: Duration,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

impl Jwt {
    pub(super) fn check(&self, call: &Call<'_>, given: Settings<'_>) -> Result<(), Unproven> {
        let header = "authorization";
        let value = call.header(header)?.ok_or_else(|| Unproven::Missing(header.to_owned()))?;
        let shape = || Unproven::Shape(header.to_owned());
        let token = value.strip_prefix("Bearer ").ok_or_else(shape)?;
        let (signed, signature) = token.rsplit_once('.').ok_or_else(shape)?;
        let (head, claims) = signed.split_once('.').ok_or_else(shape)?;
        let head = base64_url(head).and_then(|json| serde_json::from_slice::<Header>(&json).ok());
        // RFC 8725 §3.1: the verifier says the algorithm, never the token.
        if head.ok_or_else(shape)?.alg != "HS256" {
            return Err(Unproven::Token("is not of HS256"));
        }
        let signature = base64_url(signature).ok_or_else(shape)?;
        let mut keys = given.secrets(&self.secret).peekable();
        if keys.peek().is_none() {
            return Err(Unproven::NoKey(self.secret.clone()));
        }
        let verifies =
            |key: &str| Algorithm::HmacSha256.verifies(key.as_bytes(), signed.as_bytes(), &signature);
        if !keys.any(verifies) {
            return Err(Unproven::Mismatch(header.to_owned()));
        }
        let claims = base64_url(claims).and_then(|json| serde_json::from_slice::<Value>(&json).ok());
        self.check_claims(&claims.ok_or_else(shape)?, call)
    }

    fn check_claims(&self, claims: &Value, call: &Call<'_>) -> Result<(), Unproven> {
        let hash = claims.get(&self.body_hash).and_then(Value::as_str);
        let hash =
            hash.and_then(|text| Encoding::Hex.decode(text)).ok_or(Unproven::Token("covers no body"))?;
        if !same(&hash, digest(&SHA256, call.body).as_ref()) {
            return Err(Unproven::Token("covers another body"));
        }
        let seconds = |name: &str| claims.get(name).and_then(Value::as_i64);
        let at = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1_000));
        if seconds("exp").is_some_and(|end| at(end) < call.now) {
            return Err(Unproven::Token("has expired"));
        }
        let made = seconds("iat").ok_or(Unproven::NoTime)?;
        check_time(at(made), call.now, self.tolerance)
    }
}
