//! Sealed configuration documents.

use std::fmt;

use model::{Sealed, Secret};

use crate::{MasterKey, Unreadable, crypto};

/// Seals configuration documents, each bound to what it is and to its version.
#[derive(Clone)]
pub struct ConfigSeal(Secret<[u8; 32]>);

impl ConfigSeal {
    /// The seal of an installation.
    #[must_use]
    pub fn new(master: &MasterKey) -> Self {
        ConfigSeal(master.config_key())
    }

    /// Seals the document that becomes `version` of the thing `id`.
    #[must_use]
    pub fn seal(&self, kind: &str, id: u128, version: u64, doc: &[u8]) -> Sealed {
        let mut buffer = crypto::unsealed(doc.len());
        buffer.extend_from_slice(doc);
        Sealed(crypto::seal(self.0.expose(), &bound_to(kind, id, version), buffer))
    }

    /// What [`ConfigSeal::seal`] sealed for the same thing and version.
    ///
    /// # Errors
    /// It is another document, or was sealed under another master key.
    pub fn open(&self, kind: &str, id: u128, version: u64, doc: &Sealed) -> Result<Vec<u8>, Unreadable> {
        crypto::open(self.0.expose(), &bound_to(kind, id, version), &doc.0)
            .map(|opened| opened.to_vec())
            .ok_or(Unreadable)
    }
}

impl fmt::Debug for ConfigSeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("configuration seal")
    }
}

fn bound_to(kind: &str, id: u128, version: u64) -> Vec<u8> {
    [&version.to_be_bytes(), id.to_be_bytes().as_slice(), kind.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_cannot_be_put_in_the_place_of_another() {
        let seal = ConfigSeal::new(&MasterKey::from_bytes([1; 32]));
        let sealed = seal.seal("webhook", 1, 7, b"{}");
        assert_eq!(seal.open("webhook", 1, 7, &sealed).unwrap(), b"{}");
        assert_eq!(seal.open("webhook", 1, 8, &sealed), Err(Unreadable));
        assert_eq!(seal.open("webhook", 2, 7, &sealed), Err(Unreadable));
        assert_eq!(seal.open("key", 1, 7, &sealed), Err(Unreadable));
        let other = ConfigSeal::new(&MasterKey::from_bytes([2; 32]));
        assert_eq!(other.open("webhook", 1, 7, &sealed), Err(Unreadable));
    }
}
