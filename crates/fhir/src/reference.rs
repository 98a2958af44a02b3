//! References: relative, absolute, conditional, contained, `urn:uuid`.

use crate::resource::is_id;

/// What a reference points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// `Patient/1`.
    Relative {
        /// The type.
        kind: String,
        /// The id.
        id: String,
    },
    /// `https://ehr.example/fhir/Patient/1`.
    Absolute {
        /// The server.
        base: String,
        /// The type.
        kind: String,
        /// The id.
        id: String,
    },
    /// `Patient?identifier=system|value`.
    Conditional {
        /// The type.
        kind: String,
        /// The assigner, if the condition names it.
        system: Option<String>,
        /// The identifier.
        value: String,
    },
    /// `urn:uuid:…` or `urn:oid:…`: another entry of the same Bundle.
    Urn(String),
    /// `#id`: a contained resource.
    Contained(String),
    /// Anything else.
    Other,
}

/// Reads a reference; a trailing `/_history/n` is left aside.
#[must_use]
pub fn parse(text: &str) -> Reference {
    if let Some(id) = text.strip_prefix('#') {
        return Reference::Contained(id.to_owned());
    }
    if text.starts_with("urn:") {
        return Reference::Urn(text.to_owned());
    }
    if let Some((kind, query)) = text.split_once('?') {
        return conditional(kind, query);
    }
    let text = text.split("/_history/").next().unwrap_or_default();
    let mut parts = text.rsplitn(3, '/');
    let (id, kind, base) = (parts.next(), parts.next(), parts.next());
    match (base, kind, id) {
        (None, Some(kind), Some(id)) if is_kind(kind) && is_id(id) => {
            Reference::Relative { kind: kind.to_owned(), id: id.to_owned() }
        }
        (Some(base), Some(kind), Some(id)) if base.contains("://") && is_kind(kind) && is_id(id) => {
            Reference::Absolute { base: base.to_owned(), kind: kind.to_owned(), id: id.to_owned() }
        }
        _ => Reference::Other,
    }
}

fn conditional(kind: &str, query: &str) -> Reference {
    let identifier = query.split('&').find_map(|pair| pair.strip_prefix("identifier="));
    let decoded = identifier.map(percent_decoded);
    match decoded {
        Some(identifier) if is_kind(kind) => match identifier.split_once('|') {
            Some((system, value)) => Reference::Conditional {
                kind: kind.to_owned(),
                system: Some(system.to_owned()).filter(|system| !system.is_empty()),
                value: value.to_owned(),
            },
            None => Reference::Conditional { kind: kind.to_owned(), system: None, value: identifier },
        },
        _ => Reference::Other,
    }
}

fn is_kind(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase()) && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A text without percent-encoding; what is no valid encoding stays.
#[must_use]
pub fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = (byte == b'%').then(|| after.get(..2)).flatten().and_then(|hex| str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notation_is_told_apart() {
        let relative = Reference::Relative { kind: "Patient".into(), id: "p-1".into() };
        assert_eq!(parse("Patient/p-1"), relative);
        assert_eq!(parse("Patient/p-1/_history/3"), relative);
        let absolute = Reference::Absolute {
            base: "https://e.example/fhir".into(),
            kind: "Patient".into(),
            id: "1".into(),
        };
        assert_eq!(parse("https://e.example/fhir/Patient/1"), absolute);
        let conditional = Reference::Conditional {
            kind: "Patient".into(),
            system: Some("urn:a".into()),
            value: "1".into(),
        };
        assert_eq!(parse("Patient?identifier=urn:a|1"), conditional);
        assert_eq!(parse("Patient?identifier=urn%3Aa%7C1"), conditional);
        assert_eq!(parse("urn:uuid:1"), Reference::Urn("urn:uuid:1".into()));
        assert_eq!(parse("#c"), Reference::Contained("c".into()));
        for other in
            ["", "Patient", "Patient/", "patient/1", "Patient/a b", "Patient?name=x", "/Patient/1", "%"]
        {
            assert_eq!(parse(other), Reference::Other, "{other}");
        }
    }
}
