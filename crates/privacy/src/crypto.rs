//! The few primitives that everything here is made of.

use std::sync::Mutex;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use aws_lc_rs::{hkdf, hmac};
use zeroize::Zeroizing;

/// Where new keys come from.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes` with what nobody can guess.
    fn fill(&self, bytes: &mut [u8]);
}

/// The machine's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandomness;

impl Random for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        SystemRandom::new().fill(bytes).expect("the system's randomness does not fail once it is seeded");
    }
}

/// The same bytes for the same seed: only for simulation, where keys protect nobody.
#[derive(Debug)]
pub struct Seeded {
    key: hmac::Key,
    drawn: Mutex<u64>,
}

impl Seeded {
    /// Randomness that repeats.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Seeded { key: hmac::Key::new(hmac::HMAC_SHA256, &seed.to_be_bytes()), drawn: Mutex::new(0) }
    }
}

impl Random for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        let mut drawn = self.drawn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for part in bytes.chunks_mut(32) {
            *drawn += 1;
            let block = hmac::sign(&self.key, &drawn.to_be_bytes());
            part.iter_mut().zip(block.as_ref()).for_each(|(byte, new)| *byte = *new);
        }
    }
}

/// 32 bytes that are wiped when they are no longer used.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// HKDF-SHA256 expand: a key for one use from a key for many.
pub(crate) fn derive(from: &[u8; 32], info: &[&[u8]]) -> Key {
    let mut key = Key::default();
    hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, from)
        .expand(info, hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(key.as_mut_slice()))
        .expect("32 bytes are within what HKDF-SHA256 gives");
    key
}

/// HKDF-SHA256 extract, with a label for a salt.
pub(crate) fn extract(label: &[u8], secrets: &[&[u8]]) -> Key {
    mac(&hmac::Key::new(hmac::HMAC_SHA256, label), secrets).into()
}

/// HMAC-SHA256 over parts of fixed length.
pub(crate) fn mac(key: &hmac::Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    parts.iter().for_each(|part| context.update(part));
    let mut mac = [0; 32];
    mac.copy_from_slice(context.sign().as_ref());
    mac
}

/// Bytes before what is sealed: the version of the format, then the nonce.
pub(crate) const HEAD: usize = 1 + NONCE_LEN;

const VERSION: u8 = 1;

/// Space for what is to be sealed: the head, then room for `bytes`.
pub(crate) fn unsealed(bytes: usize) -> Vec<u8> {
    let mut buffer = Vec::with_capacity(HEAD + bytes + AES_256_GCM.tag_len());
    buffer.resize(HEAD, 0);
    buffer
}

/// AES-256-GCM in place, over what stands behind the head, under a random nonce.
pub(crate) fn seal(key: &[u8; 32], bound_to: &[u8], mut buffer: Vec<u8>) -> Vec<u8> {
    let mut nonce = [0; NONCE_LEN];
    SystemRandomness.fill(&mut nonce);
    let (head, content) = buffer.split_at_mut(HEAD);
    head.iter_mut().zip(std::iter::once(VERSION).chain(nonce)).for_each(|(place, byte)| *place = byte);
    let tag = cipher(key)
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound_to), content)
        .expect("a content within our limits can be sealed");
    buffer.extend_from_slice(tag.as_ref());
    buffer
}

/// What [`seal`] sealed; none if anything about it differs.
pub(crate) fn open(key: &[u8; 32], bound_to: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (head, content) = sealed.split_at_checked(HEAD)?;
    let (version, nonce) = head.split_first()?;
    if *version != VERSION {
        return None;
    }
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut content = Zeroizing::new(content.to_vec());
    let length = cipher(key).open_in_place(nonce, Aad::from(bound_to), &mut content).ok()?.len();
    content.truncate(length);
    Some(content)
}

fn cipher(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("the key has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_extract_is_that_of_hkdf() {
        let mut theirs = [0; 32];
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"label").extract(b"daysubject");
        prk.expand(&[b"info"], hkdf::HKDF_SHA256).unwrap().fill(&mut theirs).unwrap();
        assert_eq!(*derive(&extract(b"label", &[b"day", b"subject"]), &[b"in", b"fo"]), theirs);
    }

    #[test]
    fn seeded_randomness_repeats_and_does_not_stand_still() {
        let draw = |seed| {
            let random = Seeded::new(seed);
            let mut drawn = [[0; 40]; 2];
            drawn.iter_mut().for_each(|bytes| random.fill(bytes));
            drawn
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert_ne!(draw(1)[0], draw(1)[1]);
    }
}
