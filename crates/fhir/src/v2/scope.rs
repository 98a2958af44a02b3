//! What holds for a whole message while it is mapped.

use std::collections::BTreeMap;

use model::{LocalCode, SiteTable, limits};

use super::Site;
use super::spot::Spot;
use super::tables::{Concept, Maps};
use super::time::Clockwork;
use super::tracer::{Mark, Ruling, Tracer};
use super::why::Why;

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
    /// Codes of the sender that no table knows.
    pub(super) local: BTreeMap<LocalCode, u32>,
    /// Every step, while somebody asks.
    pub(super) tracer: Option<Box<Tracer>>,
}

impl Notes {
    /// Notes a step, if somebody asks.
    pub(super) fn trace(&mut self, note: impl FnOnce(&mut Tracer)) {
        if let Some(tracer) = self.tracer.as_deref_mut() {
            note(tracer);
        }
    }

    /// Where the next steps begin.
    pub(super) fn mark(&self) -> Mark {
        self.tracer.as_deref().map(Tracer::mark).unwrap_or_default()
    }

    /// Counts what is left where it is.
    pub(super) fn left(&mut self, at: &Spot<'_>, why: Why) {
        self.trace(|tracer| tracer.leaves(at, why, None));
        self.unmapped(why.counted(at, None));
    }

    /// Counts what a table does not know.
    pub(super) fn left_by(&mut self, at: &Spot<'_>, why: Why, table: &str) {
        self.trace(|tracer| {
            tracer.leaves(at, why, Some(Ruling { table: table.to_owned(), is_of_site: false }))
        });
        self.unmapped(why.counted(at, Some(table)));
    }

    /// Counts a place that says something no row takes up.
    pub(super) fn unmapped(&mut self, place: String) {
        if self.unmapped.len() < PLACES_MAX || self.unmapped.contains_key(&place) {
            *self.unmapped.entry(place).or_default() += 1;
        }
    }

    /// Counts a code that no table knows; what is too long to be one is only counted as a place.
    pub(super) fn local(&mut self, table: SiteTable, code: &str, system: Option<&str>) {
        match LocalCode::new(table, code, system) {
            None if code.is_empty() => {}
            None => self.unmapped(format!("{} (too long for a code)", table.name())),
            Some(code) if self.local.len() < limits::WORKLIST || self.local.contains_key(&code) => {
                *self.local.entry(code).or_default() += 1;
            }
            Some(_) => self.unmapped(format!("{} (more than a list holds)", table.name())),
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

impl<'s> Scope<'s> {
    /// What a table says of a code: that of the site, and then that of this version.
    pub(super) fn concept(&self, table: &str, code: &str) -> Option<Concept<'s>> {
        let local = self.site.local.as_deref().and_then(|local| local.concept(site_table(table)?, code));
        local.or_else(|| self.maps.code(table, code))
    }

    /// The table that says what a code is, if one does.
    pub(super) fn ruling(&self, table: Option<&str>, code: &str) -> Option<Ruling> {
        let table = table.filter(|table| self.concept(table, code).is_some())?;
        let local = self.site.local.as_deref();
        let is_of_site = local.and_then(|local| local.concept(site_table(table)?, code)).is_some();
        Some(Ruling { table: table.to_owned(), is_of_site })
    }

    /// Counts a code that neither knows.
    pub(super) fn miss(&mut self, table: &str, code: &str) {
        if let Some(table) = site_table(table) {
            self.notes.local(table, code, None);
        }
    }

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

/// The table of a site that goes before one of this version.
pub(super) fn site_table(table: &str) -> Option<SiteTable> {
    match table {
        "Units" => Some(SiteTable::Units),
        "InterpretationCodes" => Some(SiteTable::Flags),
        _ => None,
    }
}

fn is_oid(text: &str) -> bool {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.contains('.') && text.starts_with(['0', '1', '2']) && text.split('.').all(is_digits)
}
