//! The tables of `maps/`, read once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use super::kinds::{self, Kind};
use super::plan::MessageMap;
use super::rows::{self, File, Rows};

/// All tables.
#[derive(Debug, Clone)]
pub(super) struct Maps {
    messages: Vec<MessageMap>,
    segments: HashMap<String, Rows>,
    types: HashMap<String, Rows>,
    codes: HashMap<String, Table>,
    kinds: HashMap<String, Kind>,
}

impl Maps {
    /// The tables of this version.
    pub(super) fn embedded() -> &'static Maps {
        static EMBEDDED: LazyLock<Maps> = LazyLock::new(|| Maps {
            messages: toml::from_str::<Messages>(MESSAGES).expect("the tests read every table").message,
            segments: SEGMENTS.into_iter().flat_map(rows::read).collect(),
            types: rows::read(TYPES),
            codes: CODES.iter().flat_map(|text| read_codes(text)).collect(),
            kinds: kinds::read(KINDS),
        });
        &EMBEDDED
    }

    /// The plan of a message, if it is one that is mapped.
    pub(super) fn message(&self, code: &str, event: &str) -> Option<&MessageMap> {
        self.messages.iter().find(|map| map.code == code && map.events.iter().any(|known| known == event))
    }

    /// The rows of a segment within a resource.
    pub(super) fn segment(&self, name: &str, resource: &str) -> Option<&Rows> {
        self.segments.get(&format!("{name}[{resource}]"))
    }

    /// The rows of a data type.
    pub(super) fn data_type(&self, name: &str) -> Option<&Rows> {
        self.types.get(name)
    }

    /// What holds for a resource; nothing for what becomes none, such as `Stay`.
    pub(super) fn kind(&self, resource: &str) -> Option<&Kind> {
        self.kinds.get(resource)
    }

    /// Whether there is a code table of this name.
    pub(super) fn has_table(&self, name: &str) -> bool {
        self.codes.contains_key(name)
    }

    /// Replaces or adds the rows of a segment within a resource.
    pub(super) fn put_segment(&mut self, name: String, rows: Rows) {
        self.segments.insert(name, rows);
    }

    /// Lets a code of the sender mean a code of a table.
    ///
    /// # Errors
    /// There is no such table, or it has no such meaning.
    pub(super) fn put_code(&mut self, table: &str, code: &str, means: &str) -> Result<(), String> {
        let is_of_visits = table == VISITS;
        let Some(codes) = self.codes.get_mut(table).map(|table| &mut table.codes) else {
            let names = some_of(self.codes.keys().map(String::as_str));
            return Err(format!("There is no code table {table}; there is {names}."));
        };
        // P3: an update, and whatever else says nothing of the status, never starts or ends a visit.
        if is_of_visits && !codes.contains_key(code) {
            let events = some_of(codes.keys().map(String::as_str));
            return Err(format!("{code} says nothing of the status of a visit; {events} do."));
        }
        let known = codes.values().find(|entry| entry.code() == means).cloned();
        let visit = (is_of_visits && VISIT_STATUSES.contains(&means)).then(|| Entry::Code(means.to_owned()));
        let Some(entry) = known.or(visit) else {
            let known =
                codes.values().map(Entry::code).chain(VISIT_STATUSES.into_iter().filter(|_| is_of_visits));
            return Err(format!("{table} has no code {means}; it has {}.", some_of(known)));
        };
        codes.insert(code.to_owned(), entry);
        Ok(())
    }

    /// Lets segments of messages do something else; tells whether there are such messages.
    pub(super) fn plan_differently(
        &mut self,
        code: &str,
        event: Option<&str>,
        acts: &BTreeMap<String, String>,
    ) -> bool {
        let Some(event) = event else {
            let mut plans = self.messages.iter_mut().filter(|map| map.code == code).peekable();
            let is_there = plans.peek().is_some();
            plans.for_each(|map| map.differ(acts));
            return is_there;
        };
        let Some(map) = self.message(code, event) else { return false };
        let mut own = map.of_event(event);
        own.differ(acts);
        // The first plan that names an event is that of the event.
        self.messages.insert(0, own);
        true
    }

    /// What a table says of a code.
    pub(super) fn code(&self, table: &str, code: &str) -> Option<Concept<'_>> {
        let table = self.codes.get(table)?;
        let concept = match table.codes.get(code)? {
            Entry::Code(code) => Concept { system: &table.system, code, display: None },
            Entry::Concept { code, display, system } => Concept {
                system: system.as_ref().unwrap_or(&table.system),
                code,
                display: display.as_deref(),
            },
        };
        Some(concept)
    }
}

/// A code of a FHIR system.
#[derive(Debug, Clone, Copy)]
pub(super) struct Concept<'m> {
    pub(super) system: &'m str,
    pub(super) code: &'m str,
    pub(super) display: Option<&'m str>,
}

const MESSAGES: &str = include_str!("../../../../maps/messages.toml");
const SEGMENTS: [File; 4] = [
    ("maps/segments.toml", include_str!("../../../../maps/segments.toml")),
    ("maps/orders.toml", include_str!("../../../../maps/orders.toml")),
    ("maps/medication.toml", include_str!("../../../../maps/medication.toml")),
    ("maps/problems.toml", include_str!("../../../../maps/problems.toml")),
];
const TYPES: File = ("maps/datatypes.toml", include_str!("../../../../maps/datatypes.toml"));
const CODES: [&str; 2] =
    [include_str!("../../../../maps/tables.toml"), include_str!("../../../../maps/order-tables.toml")];
const KINDS: &str = include_str!("../../../../maps/resources.toml");

#[derive(Deserialize)]
struct Messages {
    message: Vec<MessageMap>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    system: String,
    codes: HashMap<String, Entry>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Entry {
    Code(String),
    Concept { code: String, display: Option<String>, system: Option<String> },
}

impl Entry {
    fn code(&self) -> &str {
        match self {
            Entry::Code(code) | Entry::Concept { code, .. } => code,
        }
    }
}

/// The first of some names in their order, for whoever wrote another.
fn some_of<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: BTreeSet<&str> = names.collect();
    let more = if names.len() > NAMES { " and more" } else { "" };
    let named: Vec<&str> = names.into_iter().take(NAMES).collect();
    format!("{}{more}", named.join(", "))
}

const NAMES: usize = 20;

/// The status of a visit by the event; a site may choose among all that R4 has.
const VISITS: &str = "EncounterStatus";
const VISIT_STATUSES: [&str; 9] = [
    "planned",
    "arrived",
    "triaged",
    "in-progress",
    "onleave",
    "finished",
    "cancelled",
    "entered-in-error",
    "unknown",
];

fn read_codes(text: &str) -> HashMap<String, Table> {
    toml::from_str(text).expect("the tests read every table")
}

#[cfg(test)]
mod tests {
    use super::super::plan::Act;
    use super::super::primitive;
    use super::*;

    #[test]
    fn every_row_names_things_that_exist() {
        let maps = Maps::embedded();
        for row in maps.segments.values().chain(maps.types.values()).flat_map(|rows| &rows.rows) {
            let is_known =
                maps.types.contains_key(&row.kind) || primitive::KINDS.contains(&row.kind.as_str());
            assert!(is_known, "{}", row.kind);
            assert!(row.table.iter().all(|table| maps.codes.contains_key(table)), "{:?}", row.table);
        }
        let acts = maps
            .messages
            .iter()
            .flat_map(|message| message.segments().map(|segment| (segment, message.act(segment))));
        for (segment, act) in acts {
            let resources = match act {
                Act::Open(name) | Act::Over(name) | Act::Add(name) | Act::Hold(name) | Act::Lead(name) => {
                    name
                }
                Act::AddToLast | Act::Read | Act::Count => continue,
            };
            let is_known = |resource: &str| {
                let is_kind = resource == "Stay" || maps.kind(resource).is_some();
                is_kind && maps.segment(segment, resource).is_some()
            };
            assert!(resources.split(' ').all(is_known), "{segment}[{resources}]");
        }
    }

    #[test]
    fn no_event_has_two_plans_and_no_table_stands_in_two_files() {
        let maps = Maps::embedded();
        let mut events: Vec<_> =
            maps.messages.iter().flat_map(|map| map.events.iter().map(|event| (&map.code, event))).collect();
        let before = events.len();
        events.sort_unstable();
        events.dedup();
        assert_eq!(events.len(), before);
        assert_eq!(
            maps.segments.len(),
            SEGMENTS.into_iter().map(|file| rows::read(file).len()).sum::<usize>()
        );
        assert_eq!(maps.codes.len(), CODES.iter().map(|text| read_codes(text).len()).sum::<usize>());
    }

    #[test]
    fn flags_map_to_themselves_as_fhir_has_them() {
        for flag in ["H", "HH", "L<", "AA", "POS"] {
            assert_eq!(Maps::embedded().code("InterpretationCodes", flag).unwrap().code, flag);
        }
        assert!(Maps::embedded().code("InterpretationCodes", "QCF").is_none());
    }
}
