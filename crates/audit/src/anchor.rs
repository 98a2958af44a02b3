//! The head of the chain as a line of text outside the store.
//!
//! Whoever can cut the store's tail cannot put the anchor back without the
//! key, because the line carries a MAC of its own.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Head;

/// A head that is known from outside the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// The head at the time of writing.
    pub head: Head,
}

/// The text is not an anchor that was written with this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAnchor {
    /// It is not an anchor.
    #[error("not a line of the form: {FORM} number mac mac")]
    Malformed,
    /// It was changed, or written with another master key.
    #[error("changed, or written with another master key")]
    Forged,
}

impl Anchor {
    /// Remembers a head.
    #[must_use]
    pub fn at(head: Head) -> Self {
        Anchor { head }
    }

    /// The line of the anchor file.
    #[must_use]
    pub fn to_text(&self, key: &[u8; 32]) -> String {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &written(self.head));
        format!("{FORM} {} {} {}\n", self.head.number, STANDARD.encode(self.head.mac), STANDARD.encode(tag))
    }

    /// Reads the line of an anchor file.
    ///
    /// # Errors
    /// It is no anchor, or not ours.
    pub fn from_text(text: &str, key: &[u8; 32]) -> Result<Self, BadAnchor> {
        let line = text.trim_end().strip_prefix(FORM).ok_or(BadAnchor::Malformed)?;
        let parts: Vec<&str> = line.split_ascii_whitespace().collect();
        let [number, mac, tag] = parts.as_slice() else { return Err(BadAnchor::Malformed) };
        let number = number.parse().map_err(|_| BadAnchor::Malformed)?;
        let mac = decoded(mac).and_then(|mac| mac.try_into().ok()).ok_or(BadAnchor::Malformed)?;
        let tag = decoded(tag).ok_or(BadAnchor::Malformed)?;
        let head = Head { number, mac };
        hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, key), &written(head), &tag)
            .map(|()| Anchor { head })
            .map_err(|_| BadAnchor::Forged)
    }
}

const FORM: &str = "carehook-audit-anchor-1";

fn written(head: Head) -> Vec<u8> {
    [FORM.as_bytes(), head.number.to_be_bytes().as_slice(), head.mac.as_slice()].concat()
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
