//! Keys that sign deliveries: made once, replaced only by rotation.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use model::{Problem, Secret, Signing, SigningKey};

use super::super::wish::SigningWish;
use crate::strict::invalid;

/// The keys of a new webhook.
pub(crate) fn made(wish: Option<SigningWish>) -> Result<Signing, Problem> {
    let wish = wish.unwrap_or_default();
    let key = match (wish.kind.as_deref(), wish.secret) {
        (Some("hmac-sha256") | None, Some(own)) => brought(&own)?,
        (kind, None) => new(kind)?,
        (Some(_), Some(_)) => return Err(invalid("/signing/secret", "Only hmac-sha256 has a secret.")),
    };
    Ok(Signing { keys: vec![key] })
}

/// The keys of a webhook that stays: a change of settings never changes them.
pub(crate) fn kept(wish: Option<&SigningWish>, present: &Signing) -> Result<Signing, Problem> {
    let key = present.keys.first();
    let kind = wish.and_then(|wish| wish.kind.as_deref());
    if kind.is_some_and(|kind| key.is_some_and(|key| name(key) != kind)) {
        return Err(invalid("/signing/kind", "A key changes by rotation only.").fix(ROTATE));
    }
    let secret = wish.and_then(|wish| wish.secret.as_ref());
    let shown = key.and_then(privacy::secrets::shown);
    if secret.is_some_and(|secret| Some(secret.expose()) != shown.as_ref()) {
        return Err(invalid("/signing/secret", "A secret changes by rotation only.").fix(ROTATE));
    }
    Ok(present.clone())
}

/// A new key of a kind.
pub(crate) fn new(kind: Option<&str>) -> Result<SigningKey, Problem> {
    match kind.unwrap_or("hmac-sha256") {
        "hmac-sha256" => Ok(privacy::secrets::new_hmac_secret()),
        "ed25519" => Ok(privacy::secrets::new_ed25519()),
        _ => Err(invalid("/signing/kind", "A kind is hmac-sha256 or ed25519.")),
    }
}

/// The name of a key's kind.
pub(crate) fn name(key: &SigningKey) -> &'static str {
    match key {
        SigningKey::HmacSha256 { .. } => "hmac-sha256",
        SigningKey::Ed25519 { .. } => "ed25519",
    }
}

const ROTATE: &str = "POST …/rotate-secret replaces it; the old one overlaps.";

fn brought(own: &Secret<String>) -> Result<SigningKey, Problem> {
    let why = "A secret is whsec_ and the base64 of 24 to 64 bytes.";
    let text = own.expose().strip_prefix("whsec_").ok_or_else(|| invalid("/signing/secret", why))?;
    let bytes = BASE64_STANDARD.decode(text).map_err(|_| invalid("/signing/secret", why))?;
    if !(24..=64).contains(&bytes.len()) {
        return Err(invalid("/signing/secret", why));
    }
    Ok(SigningKey::HmacSha256 { secret: Secret::new(text.to_owned()), until: None })
}
