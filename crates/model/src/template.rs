//! Names for the shapes in which webhooks are told.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Names a template by its text: the first 64 bits of the SHA-256 of its JSON without white space.
///
/// The same template has the same version in every webhook and at every installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TemplateVersion(u64);

impl TemplateVersion {
    /// The version of a template.
    #[must_use]
    pub fn of(template: &Value) -> Self {
        let hash = digest(&SHA256, template.to_string().as_bytes());
        let first = hash.as_ref().first_chunk().expect("a SHA-256 has 32 bytes");
        TemplateVersion(u64::from_be_bytes(*first))
    }

    /// Its bits; stores and sealed records write them.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The version with these bits.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        TemplateVersion(bits)
    }
}

impl fmt::Display for TemplateVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for TemplateVersion {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_that_of_the_text_to_the_letter() {
        let of = |text: &str| TemplateVersion::of(&serde_json::from_str(text).unwrap());
        assert_eq!(of(r#"{"a": 1.0}"#), of(r#"{ "a":1.0 }"#));
        for other in [r#"{"a": 1.00}"#, r#"{"b": 1.0}"#, r#"{"a": 1.0, "b": null}"#] {
            assert_ne!(of(r#"{"a": 1.0}"#), of(other));
        }
        let version = of("{}");
        assert_eq!(version.to_string(), "44136fa355b3678a", "as sha256sum says it");
        assert_eq!(TemplateVersion::from_bits(version.bits()), version);
    }
}
