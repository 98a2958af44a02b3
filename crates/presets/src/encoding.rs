//! Hex and base64.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;

/// How bytes stand in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Encoding {
    /// As they are.
    Utf8,
    Hex,
    Base64,
    /// Hex where it is hex of a hash, else base64.
    Either,
}

impl Encoding {
    /// The bytes behind a text.
    pub(crate) fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Encoding::Utf8 => Some(text.as_bytes().to_vec()),
            Encoding::Hex => unhex(text),
            Encoding::Base64 => LENIENT.decode(text).ok(),
            Encoding::Either if matches!(text.len(), 40 | 64 | 128) => {
                unhex(text).or_else(|| LENIENT.decode(text).ok())
            }
            Encoding::Either => LENIENT.decode(text).ok(),
        }
    }
}

/// The URL-safe alphabet, as in a JWT.
pub(crate) fn base64_url(text: &str) -> Option<Vec<u8>> {
    base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect()
}

// Vendors disagree about padding; what is compared are the bytes.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
