//! Keys that sign deliveries, in the forms of Standard Webhooks 1.0.0, and what nobody can guess.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::{Secret, SigningKey};
use zeroize::Zeroizing;

use crate::crypto::{Random, SystemRandomness};

/// A new shared secret of 32 bytes.
#[must_use]
pub fn new_hmac_secret() -> SigningKey {
    SigningKey::HmacSha256 { secret: Secret::new(STANDARD.encode(random())), until: None }
}

/// A new Ed25519 key.
#[must_use]
pub fn new_ed25519() -> SigningKey {
    let seed = random();
    let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).expect("any 32 bytes are a seed");
    let public_key = format!("whpk_{}", STANDARD.encode(pair.public_key()));
    SigningKey::Ed25519 { seed: Secret::new(STANDARD.encode(seed)), public_key, until: None }
}

/// The text of a shared secret, for the one answer that may show it. A receiver
/// of Ed25519 signatures needs the public key only, so there is none to show.
#[must_use]
pub fn shown(key: &SigningKey) -> Option<String> {
    match key {
        SigningKey::HmacSha256 { secret, .. } => Some(format!("whsec_{}", secret.expose())),
        SigningKey::Ed25519 { .. } => None,
    }
}

/// 32 random bytes.
#[must_use]
pub fn random() -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    SystemRandomness.fill(bytes.as_mut_slice());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_keys_have_the_forms_of_standard_webhooks() {
        let secret = shown(&new_hmac_secret()).unwrap();
        let bytes = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        assert_eq!(bytes.len(), 32);

        let key = new_ed25519();
        let SigningKey::Ed25519 { public_key, .. } = &key else { panic!("another kind") };
        assert_eq!(STANDARD.decode(public_key.strip_prefix("whpk_").unwrap()).unwrap().len(), 32);
        assert_eq!(shown(&key), None);
    }
}
