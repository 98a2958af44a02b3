//! API keys: `chk_`, the digits of the key's id, `_`, and 32 random bytes.
//!
//! Only a hash of the random part is kept. It has 256 bits that nobody chose,
//! so a plain hash is as good as a slow one.

use std::sync::Arc;

use aws_lc_rs::{constant_time, digest};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use model::{ApiKey, Id, KeyId, Principal, Secret, Timestamp, Versioned};
use zeroize::Zeroizing;

use crate::crypto::{Random, SystemRandomness};

/// A new key: its text, for the caller to see once, and its hash, for [`ApiKey::hash`].
#[must_use]
pub fn mint(id: KeyId) -> (Secret<String>, String) {
    let mut bytes = Zeroizing::new([0; 32]);
    SystemRandomness.fill(bytes.as_mut_slice());
    let secret = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes));
    let digits = id.to_string().split_off(KeyId::PREFIX.len() + 1);
    (Secret::new(format!("{FORM}{digits}_{}", *secret)), hash(&secret))
}

/// Who calls with this text; none if it is not a key of ours that works at `now`.
///
/// Takes as long for a wrong secret as for an unknown key, wherever they differ.
pub fn check(
    text: &str,
    lookup: impl Fn(KeyId) -> Option<Arc<Versioned<ApiKey>>>,
    tag: u64,
    now: Timestamp,
) -> Option<Principal> {
    let (digits, secret) = text.strip_prefix(FORM)?.split_once('_')?;
    let id: KeyId = format!("{}_{digits}", KeyId::PREFIX).parse().ok()?;
    let key = lookup(id).filter(|_| id.tag() == tag);
    let expected = key.as_ref().map_or(NOBODY, |key| key.hash.as_str());
    constant_time::verify_slices_are_equal(hash(secret).as_bytes(), expected.as_bytes()).ok()?;
    key.filter(|key| key.expires_at.is_none_or(|at| now < at)).map(|key| Principal::of(&key))
}

const FORM: &str = "chk_";
// As long as a hash, and none: `!` is not base64.
const NOBODY: &str = "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!";

fn hash(secret: &str) -> String {
    STANDARD.encode(digest::digest(&digest::SHA256, secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;

    #[test]
    fn only_the_very_text_that_was_minted_is_a_key_and_only_until_it_expires() {
        let id = KeyId::from_row(5, 9);
        let (text, hash) = mint(id);
        let text = text.expose().as_str();
        assert_eq!((text.len(), hash.len()), (4 + 26 + 1 + 43, NOBODY.len()));
        let expires_at = Some(Timestamp::from_millis(100));
        let doc = ApiKey {
            id,
            organisation_id: Id::from_raw(1),
            name: "EHR".to_owned(),
            role: Role::Viewer,
            integration_id: None,
            scopes: Vec::new(),
            hash,
            created_at: Timestamp::from_millis(0),
            expires_at,
            installation: false,
        };
        let doc = Arc::new(Versioned { version: 1, doc });
        let lookup = |asked| (asked == id).then(|| doc.clone());
        let at = |text: &str, millis| check(text, lookup, 9, Timestamp::from_millis(millis));

        assert_eq!(at(text, 99).map(|who| who.key), Some(id));
        assert!(at(text, 100).is_none());
        let (other, _) = mint(KeyId::from_row(6, 9));
        let mut wrong = text.to_owned();
        wrong.pop();
        for wrong in ["", "chk_", "Bearer", &wrong, &format!("{text}A"), other.expose()] {
            assert!(at(wrong, 0).is_none(), "{wrong}");
        }
        assert!(check(text, lookup, 8, Timestamp::from_millis(0)).is_none());
    }
}
