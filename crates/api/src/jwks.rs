//! `GET /.well-known/jwks.json`

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use axum::Json;
use axum::extract::State;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use http::{HeaderName, header};
use model::{Config, SigningKey, Timestamp, WebhookId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Api;

/// Public keys, as RFC 7517 writes them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Jwks)]
pub(crate) struct Keys {
    keys: Vec<Key>,
}

/// One public key (RFC 8037). More members may come.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Jwk)]
struct Key {
    /// `OKP`.
    kty: &'static str,
    /// `Ed25519`.
    crv: &'static str,
    /// `EdDSA`.
    alg: &'static str,
    /// `sig`.
    #[serde(rename = "use")]
    usage: &'static str,
    /// The id of the webhook, a dot, and the generation of its key: 16 hexadecimal digits.
    kid: String,
    /// The key, base64url.
    x: String,
}

/// The public keys of webhooks that sign with Ed25519: the present ones and those that still overlap
/// after a rotation. Takes no key.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "health", security(()),
    responses((status = 200, body = Keys)))]
pub(crate) async fn jwks(State(api): State<Api>) -> ([(HeaderName, String); 1], Json<Keys>) {
    let keys = keys(&api.settings.now().config, api.clock.now());
    let cached = format!("public, max-age={}", CACHED.as_secs());
    ([(header::CACHE_CONTROL, cached)], Json(Keys { keys }))
}

fn keys(config: &Config, now: Timestamp) -> Vec<Key> {
    let signing = config
        .webhooks
        .values()
        .flat_map(|webhook| webhook.signing.active(now).filter_map(|key| Key::of(webhook.id, key)));
    signing.collect()
}

impl Key {
    fn of(webhook: WebhookId, key: &SigningKey) -> Option<Key> {
        let public = match key {
            SigningKey::Ed25519 { public_key, .. } => public_key.strip_prefix("whpk_")?,
            SigningKey::HmacSha256 { .. } => return None,
        };
        let public = BASE64_STANDARD.decode(public).ok()?;
        // A generation is named by its key: a name never comes back for another one.
        let generation = u64::from_be_bytes(*digest(&SHA256, &public).as_ref().first_chunk()?);
        Some(Key {
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            usage: "sig",
            kid: format!("{webhook}.{generation:016x}"),
            x: BASE64_URL_SAFE_NO_PAD.encode(public),
        })
    }
}

// A rotated key overlaps for a day by default: whoever looks this often misses none.
const CACHED: Duration = Duration::from_secs(300);
