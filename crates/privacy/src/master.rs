//! The key that lives outside the data directory, and what is derived from it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::Secret;

use crate::crypto::{self, Key, Random, SystemRandomness};

/// The master key: whoever has it and the data can read everything.
#[derive(Clone)]
pub struct MasterKey(Key);

/// The text is not a master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a master key is 32 bytes as base64 in one line, as `carehook keygen` writes it")]
pub struct BadMasterKey;

impl MasterKey {
    /// A new key.
    #[must_use]
    pub fn generate() -> Self {
        let mut key = Key::default();
        SystemRandomness.fill(key.as_mut_slice());
        MasterKey(key)
    }

    /// The key with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        MasterKey(bytes.into())
    }

    /// Reads the content of a key file.
    ///
    /// # Errors
    /// It is not one.
    pub fn from_text(text: &str) -> Result<Self, BadMasterKey> {
        let bytes = zeroize::Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| BadMasterKey)?);
        let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| BadMasterKey)?;
        Ok(MasterKey::from_bytes(bytes))
    }

    /// The content of a key file.
    #[must_use]
    pub fn to_text(&self) -> Secret<String> {
        Secret::new(format!("{}\n", STANDARD.encode(self.0.as_slice())))
    }

    /// What binds the rows of the audit log.
    #[must_use]
    pub fn audit_key(&self) -> Secret<[u8; 32]> {
        Secret::new(*crypto::derive(&self.0, &[b"carehook audit v1"]))
    }

    /// What seals configuration documents; see [`crate::ConfigSeal`].
    #[must_use]
    pub fn config_key(&self) -> Secret<[u8; 32]> {
        Secret::new(*crypto::derive(&self.0, &[b"carehook config v1"]))
    }

    /// Names the key without telling it: stored with the data, so that a wrong key is noticed.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let [a, b, c, d, ..] = *crypto::derive(&self.0, &[b"carehook fingerprint v1"]);
        format!("{:08x}", u32::from_be_bytes([a, b, c, d]))
    }

    /// What wraps the keys in the vault.
    pub(crate) fn wrapping_key(&self) -> Key {
        crypto::derive(&self.0, &[b"carehook key wrapping v1"])
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "master key {}", self.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_master_key_survives_its_file_and_shows_only_its_fingerprint() {
        let key = MasterKey::generate();
        let text = key.to_text();
        let read = MasterKey::from_text(text.expose()).unwrap();
        assert_eq!(read.audit_key(), key.audit_key());
        assert_eq!(format!("{read:?}"), format!("master key {}", key.fingerprint()));
        assert_ne!(key.audit_key(), key.config_key());
        assert_ne!(MasterKey::generate().fingerprint(), key.fingerprint());
        for bad in ["", "c2hvcnQ=", &text.expose().replacen('=', "", 1)] {
            assert_eq!(MasterKey::from_text(bad).err(), Some(BadMasterKey), "{bad}");
        }
    }
}
