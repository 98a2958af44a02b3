//! References: `Patient/1`, an absolute URL, a bare id, or by identifier.

use serde_json::Value;

use super::error::Fault;
use super::matched::{Verdict, Why};
use super::token;
use super::written::plain;
use crate::reference::{self, Reference};
use crate::resource::is_id;

/// What a reference must point to.
#[derive(Debug)]
pub(super) enum Wanted {
    /// A resource, on the server that is spoken of; any type where none is named.
    Local { kind: Option<String>, id: String, base: Option<String> },
    /// A resource of a named server.
    Absolute { base: String, kind: String, id: String, own: Option<String> },
    /// A `urn:` or another address, to the letter.
    Exactly(String),
    /// `:identifier`: by the identifier that stands in the reference.
    Identifier(token::Wanted),
}

impl Wanted {
    /// Reads a reference; `own` is the base URL of the server that the resources are of.
    pub(super) fn read(text: &str, own: Option<&str>) -> Result<Wanted, Fault> {
        let text = plain(text);
        let own = own.map(str::to_owned);
        Ok(match reference::parse(&text) {
            Reference::Relative { kind, id } => Wanted::Local { kind: Some(kind), id, base: own },
            Reference::Absolute { base, kind, id } => Wanted::Absolute { base, kind, id, own },
            Reference::Urn(_) => Wanted::Exactly(text),
            Reference::Other if is_id(&text) => Wanted::Local { kind: None, id: text, base: own },
            Reference::Other if text.contains("://") => Wanted::Exactly(text),
            Reference::Conditional { .. } | Reference::Contained(_) | Reference::Other => {
                return Err(Fault::new("this is not a reference", "write Type/id, an id or an absolute URL"));
            }
        })
    }

    pub(super) fn test(&self, value: &Value) -> Verdict {
        if let Wanted::Identifier(wanted) = self {
            return value.get("identifier").map_or(Verdict::No, |identifier| wanted.test(identifier));
        }
        let text = value.get("reference").and_then(Value::as_str).or_else(|| value.as_str());
        text.map_or(Verdict::No, |text| self.against(text))
    }

    fn against(&self, text: &str) -> Verdict {
        let stored = reference::parse(text);
        match (self, stored) {
            (Wanted::Local { kind: wanted, id, .. }, Reference::Relative { kind, id: stored }) => {
                Verdict::of(*id == stored && wanted.as_ref().is_none_or(|wanted| *wanted == kind))
            }
            (
                Wanted::Local { kind: wanted, id, base },
                Reference::Absolute { base: server, kind, id: stored },
            ) => {
                let same = *id == stored && wanted.as_ref().is_none_or(|wanted| *wanted == kind);
                on_one_server(same, base.as_deref(), &server)
            }
            (
                Wanted::Absolute { base, kind, id, .. },
                Reference::Absolute { base: server, kind: stored, id: stored_id },
            ) => Verdict::of(*base == server && *kind == stored && *id == stored_id),
            (
                Wanted::Absolute { base, kind, id, own },
                Reference::Relative { kind: stored, id: stored_id },
            ) => on_one_server(*kind == stored && *id == stored_id, own.as_deref(), base),
            (Wanted::Exactly(wanted), _) => Verdict::of(text == wanted || version_of(text) == Some(wanted)),
            _ => Verdict::No,
        }
    }
}

/// Type and id agree: does the server? Two servers' `Patient/1` are two people (P1).
fn on_one_server(same: bool, own: Option<&str>, named: &str) -> Verdict {
    match (same, own) {
        (false, _) => Verdict::No,
        (true, Some(own)) => Verdict::of(own.trim_end_matches('/') == named),
        (true, None) => Verdict::Unclear(Why::Server),
    }
}

/// The url of a canonical with a version.
fn version_of(text: &str) -> Option<&str> {
    text.rsplit_once('|').map(|(url, _)| url)
}
