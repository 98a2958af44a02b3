//! What holds for a whole message while it is mapped.

use std::collections::BTreeMap;

use super::Site;
use super::tables::Maps;
use super::time::Clockwork;

/// The site, the tables, the clockwork, and what is noted on the way.
pub(super) struct Scope<'s> {
    pub(super) site: &'s Site,
    pub(super) maps: &'s Maps,
    pub(super) clockwork: Clockwork,
    /// The trigger event, MSH-9.2.
    pub(super) event: String,
    /// The URI of the sending facility, MSH-4; that of the integration where it is not said.
    pub(super) facility: String,
    pub(super) notes: Notes,
}

/// Places and codes; never content.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) unmapped: BTreeMap<String, u32>,
    pub(super) flaws: Vec<String>,
}

impl Notes {
    /// Counts a place that says something no row takes up.
    pub(super) fn unmapped(&mut self, place: String) {
        if self.unmapped.len() < PLACES_MAX || self.unmapped.contains_key(&place) {
            *self.unmapped.entry(place).or_default() += 1;
        }
    }

    /// Notes what is wrong at a place.
    pub(super) fn flaw(&mut self, flaw: String) {
        if self.flaws.len() < FLAWS_MAX {
            self.flaws.push(flaw);
        }
    }
}

// A hostile message must not make the notes longer than itself.
const PLACES_MAX: usize = 1_000;
const FLAWS_MAX: usize = 100;

impl Scope<'_> {
    /// The URI of an assigning authority, HD: its universal id, else its name within the integration (P1).
    pub(super) fn assigner(&self, name: &str, universal: &str, kind: &str) -> String {
        match (universal, kind) {
            ("", _) if name.is_empty() => self.site.namespace.clone(),
            ("", _) => format!("{}:{name}", self.site.namespace),
            (id, "ISO") => format!("urn:oid:{id}"),
            (id, "UUID" | "GUID") => format!("urn:uuid:{}", id.to_ascii_lowercase()),
            (id, "URI") => id.to_owned(),
            (id, _) if is_oid(id) => format!("urn:oid:{id}"),
            (id, _) => format!("{}:{id}", self.site.namespace),
        }
    }

    /// The URI of a coding system by its name in table 0396.
    pub(super) fn coding_system(&self, name: &str) -> String {
        if let Some(concept) = self.maps.code("CodingSystems", name) {
            return concept.code.to_owned();
        }
        let table = name.strip_prefix("HL7").filter(|number| !number.is_empty());
        match table {
            Some(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                let number = number.strip_prefix('0').filter(|rest| rest.len() == 4).unwrap_or(number);
                format!("http://terminology.hl7.org/CodeSystem/v2-{number:0>4}")
            }
            _ if name.contains("://") || name.starts_with("urn:") => name.to_owned(),
            _ if is_oid(name) => format!("urn:oid:{name}"),
            _ => self.local(&format!("codes:{name}")),
        }
    }

    /// A URI within the integration.
    pub(super) fn local(&self, name: &str) -> String {
        format!("{}:{name}", self.site.namespace)
    }
}

fn is_oid(text: &str) -> bool {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.contains('.') && text.starts_with(['0', '1', '2']) && text.split('.').all(is_digits)
}
