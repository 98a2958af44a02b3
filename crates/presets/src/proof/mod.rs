//! Whether a call comes from the vendor: over the raw bytes, before anything is parsed.

mod signed; // HMAC, Ed25519, ECDSA over a template.
mod plain; // Shared secrets and Basic: they prove the sender, not the body.
mod jwt; // JWT HS256 with a claim that covers the body.
mod message; // RFC 9421, as far as it is in use.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use model::Timestamp;

use crate::call::{Call, Unreadable};
use crate::fields::Settings;
use crate::moment::Unit;
use crate::template::{Scope, Template};

pub(crate) use jwt::Jwt;
pub(crate) use message::MessageSignature;
pub(crate) use plain::{Basic, SharedSecret};
pub(crate) use signed::{Algorithm, BodyDigest, Key, Signed};

/// How a vendor proves that a call is its own.
#[derive(Debug, Clone)]
pub(crate) enum Proof {
    Signed(Box<Signed>),
    SharedSecret(SharedSecret),
    Basic(Basic),
    Jwt(Jwt),
    MessageSignature(MessageSignature),
    /// By nothing but the address that only it was given.
    SecretPath,
}

/// The time that a call names.
#[derive(Debug, Clone)]
pub(crate) struct TimeRule {
    /// Where it stands; none where the signature's header carries it.
    pub(crate) from: Option<Template>,
    pub(crate) unit: Unit,
    /// How old or early a call may be; none if its time is not signed, so that anybody can change it.
    pub(crate) tolerance: Option<Duration>,
}

/// Why a call is not taken for the vendor's. The caller hears none of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// A header is missing.
    #[error("the header {0} is missing")]
    Missing(String),
    /// A header is given twice or is not text.
    #[error("{0}")]
    Unreadable(String),
    /// A header carries nothing of the shape that the preset says.
    #[error("the header {0} has another shape than the preset says")]
    Shape(String),
    /// It is not the signature of this body under any key.
    #[error("the signature in {0} is of another key or another body")]
    Mismatch(String),
    /// A token or password is another one.
    #[error("the credential in {0} is another one")]
    Credential(String),
    /// The integration has no key, or one that cannot be used.
    #[error("the integration has no usable {0}: nothing can be proven")]
    NoKey(String),
    /// The call names no time where it must.
    #[error("the call names no time that can be read")]
    NoTime,
    /// It is too old, or of the future.
    #[error("the call was signed {0} s ago; {1} s are tolerated")]
    Stale(i64, u64),
    /// A digest in a header is not that of the body.
    #[error("the digest in {0} is not that of the body")]
    Digest(String),
    /// Something that is signed is not there.
    #[error("the call lacks something that the vendor signs")]
    Incomplete,
    /// A token is made by another method, or its claims do not fit.
    #[error("the token {0}")]
    Token(&'static str),
    /// The path is not the one that only the vendor was given.
    #[error("the secret part of the path is missing or another one")]
    Path,
}

impl From<Unreadable> for Unproven {
    fn from(fault: Unreadable) -> Self {
        Unproven::Unreadable(fault.to_string())
    }
}

impl Proof {
    /// Whether the call is the vendor's.
    pub(crate) fn check(
        &self,
        call: &Call<'_>,
        given: Settings<'_>,
        time: Option<&TimeRule>,
    ) -> Result<(), Unproven> {
        match self {
            Proof::Signed(signed) => signed.check(Scope::of(call, given), time),
            Proof::SharedSecret(secret) => secret.check(call, given),
            Proof::Basic(basic) => basic.check(call, given),
            Proof::Jwt(jwt) => jwt.check(call, given),
            Proof::MessageSignature(message) => message.check(call, given),
            // Checked for every preset that has one, before this.
            Proof::SecretPath => Ok(()),
        }
    }

    /// Whether it proves the sender only, and whoever is in between could change the body.
    pub(crate) fn is_sender_only(&self) -> bool {
        matches!(self, Proof::SharedSecret(_) | Proof::Basic(_) | Proof::SecretPath)
    }

    /// The names of the secrets without which there is no proof.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        match self {
            Proof::Signed(signed) => signed.key.secret().into_iter().collect(),
            Proof::SharedSecret(secret) => vec![&secret.secret],
            Proof::Basic(basic) => vec![&basic.password],
            Proof::Jwt(jwt) => vec![&jwt.secret],
            Proof::MessageSignature(message) => vec![&message.secret],
            Proof::SecretPath => vec![SECRET_PATH],
        }
    }

    /// The headers without which there is no proof.
    pub(crate) fn headers(&self) -> Vec<String> {
        match self {
            Proof::Signed(signed) => signed.headers(),
            Proof::SharedSecret(secret) => vec![secret.header.clone()],
            Proof::Basic(_) | Proof::Jwt(_) => vec!["authorization".to_owned()],
            Proof::MessageSignature(_) => message::HEADERS.map(str::to_owned).to_vec(),
            Proof::SecretPath => Vec::new(),
        }
    }
}

/// Checks the secret part of the path, for every preset that has one.
pub(crate) fn check_path(call: &Call<'_>, given: Settings<'_>, is_demanded: bool) -> Result<(), Unproven> {
    let mut secrets = given.secrets(SECRET_PATH).peekable();
    match (secrets.peek().is_some(), call.secret_path) {
        (false, _) if is_demanded => Err(Unproven::NoKey(SECRET_PATH.to_owned())),
        (false, None) => Ok(()),
        (false, Some(_)) => Err(Unproven::Path),
        (true, path) => {
            let path = path.unwrap_or_default();
            let fits = secrets.filter(|secret| same(secret.as_bytes(), path.as_bytes())).count();
            if fits > 0 { Ok(()) } else { Err(Unproven::Path) }
        }
    }
}

/// The name of the secret part of the path among the settings.
pub(crate) const SECRET_PATH: &str = "secretPath";

/// Whether a time is near enough to now, on either side.
pub(crate) fn check_time(at: Timestamp, now: Timestamp, tolerance: Duration) -> Result<(), Unproven> {
    if now.since(at) <= tolerance && at.since(now) <= tolerance {
        return Ok(());
    }
    Err(Unproven::Stale((now.millis() - at.millis()) / 1_000, tolerance.as_secs()))
}

/// Compares in constant time; two empty texts are not the same.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    !one.is_empty() && verify_slices_are_equal(one, other).is_ok()
}
