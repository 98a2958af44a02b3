//! Standard Webhooks 1.0.0: proof that a call is ours and that its body is whole.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use model::{Signing, SigningKey, Timestamp};

/// The signing keys of one webhook, made ready once per configuration.
pub struct Signer {
    // All `v1` before all `v1a`, each kind newest first: verifiers that look at
    // the first entry only know no Ed25519.
    keys: Vec<Key>,
}

/// A signing key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is none.
    #[error("the webhook has no signing key")]
    NoKey,
    /// It is not base64, or not a key.
    #[error("a signing key cannot be read")]
    Unreadable,
    /// Standard Webhooks 1.0.0 asks for 24 to 64 bytes.
    #[error("a signing secret does not have 24 to 64 bytes")]
    Length,
}

impl Signer {
    /// Makes the keys ready.
    ///
    /// # Errors
    /// There is no key, or one that cannot be used.
    pub fn new(signing: &Signing) -> Result<Signer, Error> {
        if signing.keys.is_empty() {
            return Err(Error::NoKey);
        }
        let mut keys = signing.keys.iter().map(Key::read).collect::<Result<Vec<_>, _>>()?;
        keys.sort_by_key(|key| matches!(key.kind, Kind::V1a(_)));
        Ok(Signer { keys })
    }

    /// The value of `webhook-signature` for the very bytes that are sent.
    #[must_use]
    pub fn sign(&self, id: &str, now: Timestamp, body: &[u8]) -> Option<HeaderValue> {
        let seconds = now.seconds().to_string();
        let content = [id.as_bytes(), b".", seconds.as_bytes(), b".", body];
        let mut text = String::with_capacity(64);
        for key in self.keys.iter().filter(|key| key.until.is_none_or(|until| now < until)) {
            if !text.is_empty() {
                text.push(' ');
            }
            key.sign(&content, &mut text);
        }
        (!text.is_empty()).then(|| HeaderValue::try_from(text).ok())?
    }
}

struct Key {
    kind: Kind,
    until: Option<Timestamp>,
}

enum Kind {
    V1(Box<hmac::Key>),
    V1a(Box<Ed25519KeyPair>),
}

impl Key {
    fn read(key: &SigningKey) -> Result<Key, Error> {
        match key {
            SigningKey::HmacSha256 { secret, until } => {
                let bytes = STANDARD.decode(secret.expose()).map_err(|_| Error::Unreadable)?;
                if !SECRET_BYTES.contains(&bytes.len()) {
                    return Err(Error::Length);
                }
                Ok(Key { kind: Kind::V1(Box::new(hmac::Key::new(hmac::HMAC_SHA256, &bytes))), until: *until })
            }
            SigningKey::Ed25519 { seed, until, .. } => {
                let bytes = STANDARD.decode(seed.expose()).map_err(|_| Error::Unreadable)?;
                let pair = Ed25519KeyPair::from_seed_unchecked(&bytes).map_err(|_| Error::Unreadable)?;
                Ok(Key { kind: Kind::V1a(Box::new(pair)), until: *until })
            }
        }
    }

    fn sign(&self, content: &[&[u8]], text: &mut String) {
        match &self.kind {
            Kind::V1(key) => {
                let mut context = hmac::Context::with_key(key);
                content.iter().for_each(|part| context.update(part));
                text.push_str("v1,");
                STANDARD.encode_string(context.sign(), text);
            }
            Kind::V1a(pair) => {
                text.push_str("v1a,");
                STANDARD.encode_string(pair.sign(&content.concat()), text);
            }
        }
    }
}

const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ED25519, KeyPair, UnparsedPublicKey};
    use model::Secret;

    use super::*;

    const ID: &str = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk";
    const BODY: &[u8] = br#"{"email":"test@example.com","username":"test_user"}"#;
    const GOLDEN: &str = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";

    fn hmac(secret: &str, until: Option<Timestamp>) -> SigningKey {
        SigningKey::HmacSha256 { secret: Secret::new(secret.to_owned()), until }
    }

    fn ed25519(seed: [u8; 32]) -> SigningKey {
        let seed = Secret::new(STANDARD.encode(seed));
        SigningKey::Ed25519 { seed, public_key: String::new(), until: None }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000 + 999)
    }

    fn signed(keys: Vec<SigningKey>, now: Timestamp) -> String {
        let value = Signer::new(&Signing { keys }).unwrap().sign(ID, now, BODY).unwrap();
        value.to_str().unwrap().to_owned()
    }

    #[test]
    fn the_golden_vector_of_the_official_libraries_comes_out() {
        let keys = vec![hmac("C2FVsBQIhrscChlQIMV+b5sSYspob7oD", None)];
        assert_eq!(signed(keys, at(1_649_367_553)), GOLDEN);
    }

    #[test]
    fn during_a_rotation_both_keys_sign_the_newest_first_and_then_one() {
        let old = hmac("C2FVsBQIhrscChlQIMV+b5sSYspob7oD", Some(at(1_649_367_554)));
        let new = hmac(&STANDARD.encode([7; 32]), None);
        let both = signed(vec![new.clone(), old.clone()], at(1_649_367_553));
        let alone = signed(vec![new.clone()], at(1_649_367_553));
        assert_eq!(both, format!("{alone} {GOLDEN}"));
        assert_eq!(signed(vec![new, old], at(1_649_367_554)).matches("v1,").count(), 1);
    }

    #[test]
    fn ed25519_signs_the_same_content_and_comes_last() {
        let keys = vec![ed25519([1; 32]), hmac("C2FVsBQIhrscChlQIMV+b5sSYspob7oD", None)];
        let text = signed(keys, at(1_649_367_553));
        let (first, last) = text.split_once(' ').unwrap();
        assert_eq!(first, GOLDEN);
        let signature = STANDARD.decode(last.strip_prefix("v1a,").unwrap()).unwrap();
        let pair = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
        let content = [ID.as_bytes(), b".1649367553.", BODY].concat();
        let public = UnparsedPublicKey::new(&ED25519, pair.public_key().as_ref());
        assert!(public.verify(&content, &signature).is_ok());
    }

    #[test]
    fn the_first_vector_of_rfc_8032_comes_out_of_the_same_key() {
        let seed = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
        let pair = Ed25519KeyPair::from_seed_unchecked(&STANDARD.decode(seed).unwrap()).unwrap();
        let public = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
        assert_eq!(STANDARD.encode(pair.public_key()), public);
        let empty =
            "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc+bRr0lv18FlbviRlUUFDjnoQCw==";
        assert_eq!(STANDARD.encode(pair.sign(b"")), empty);
    }

    #[test]
    fn a_secret_of_the_wrong_length_is_refused() {
        for (secret, fault) in [
            (STANDARD.encode([0; 23]), Error::Length),
            (STANDARD.encode([0; 65]), Error::Length),
            ("not base64!".to_owned(), Error::Unreadable),
        ] {
            let signing = Signing { keys: vec![hmac(&secret, None)] };
            assert_eq!(Signer::new(&signing).err(), Some(fault));
        }
        assert_eq!(Signer::new(&Signing { keys: vec![] }).err(), Some(Error::NoKey));
    }
}
