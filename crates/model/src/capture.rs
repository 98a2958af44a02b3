//! What a door received, as it is kept: the head as JSON, then the very bytes of the body.

use serde::{Deserialize, Serialize};

/// A request or message as it was received, without what proves who sent it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Capture {
    /// What stands around the body.
    pub head: CaptureHead,
    /// The body, as far as it is kept.
    pub body: Vec<u8>,
}

/// What stands around a body.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CaptureHead {
    /// The method; empty for MLLP.
    pub method: String,
    /// Headers that say what the content is: never credentials or signatures.
    pub headers: Vec<(String, String)>,
}

impl Capture {
    /// The bytes to seal.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let head = serde_json::to_vec(&self.head).unwrap_or_default();
        let length = u32::try_from(head.len()).unwrap_or(u32::MAX);
        [length.to_be_bytes().as_slice(), &head, &self.body].concat()
    }

    /// What [`Capture::to_bytes`] wrote; none for anything else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Capture> {
        let (length, rest) = bytes.split_first_chunk()?;
        let (head, body) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        Some(Capture { head: serde_json::from_slice(head).ok()?, body: body.to_vec() })
    }
}

impl std::fmt::Debug for Capture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("personal")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capture_survives_its_bytes() {
        let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
        let head = CaptureHead { method: "POST".to_owned(), headers };
        let capture = Capture { head, body: vec![0, 255, 10] };
        let bytes = capture.to_bytes();
        assert_eq!(Capture::from_bytes(&bytes), Some(capture));
        assert_eq!(Capture::from_bytes(&bytes[..9]), None);
        assert_eq!(Capture::from_bytes(b""), None);
    }
}
