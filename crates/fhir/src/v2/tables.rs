//! The tables of `maps/`, read once.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::source::Place;
use super::target::Target;
use super::when::When;

/// All tables.
#[derive(Debug)]
pub(super) struct Maps {
    messages: Vec<MessageMap>,
    segments: HashMap<String, Rows>,
    types: HashMap<String, Rows>,
    codes: HashMap<String, Table>,
}

impl Maps {
    /// The tables of this version.
    pub(super) fn embedded() -> &'static Maps {
        static EMBEDDED: LazyLock<Maps> = LazyLock::new(|| Maps {
            messages: toml::from_str::<Messages>(MESSAGES).expect("the tests read every table").message,
            segments: read_rows(SEGMENTS),
            types: read_rows(TYPES),
            codes: toml::from_str(CODES).expect("the tests read every table"),
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

/// What becomes of the segments of a message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageMap {
    code: String,
    events: Vec<String>,
    /// Without one of these the message is refused.
    pub(super) needs: String,
    segments: BTreeMap<String, String>,
}

impl MessageMap {
    /// What becomes of a segment.
    pub(super) fn act(&self, segment: &str) -> Act<'_> {
        let text = self.segments.get(segment).map_or("", String::as_str);
        match text.split_once(' ') {
            Some(("open", resource)) => Act::Open(resource),
            Some(("add", "*")) => Act::AddToLast,
            Some(("add", resource)) => Act::Add(resource),
            Some(("hold", resource)) => Act::Hold(resource),
            _ if text == "read" => Act::Read,
            _ => Act::Count,
        }
    }
}

/// What becomes of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act<'m> {
    Open(&'m str),
    Add(&'m str),
    AddToLast,
    Hold(&'m str),
    Read,
    Count,
}

/// A code of a FHIR system.
#[derive(Debug, Clone, Copy)]
pub(super) struct Concept<'m> {
    pub(super) system: &'m str,
    pub(super) code: &'m str,
    pub(super) display: Option<&'m str>,
}

/// The rows of a segment or data type.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    /// Places that say nothing by themselves.
    pub(super) known: Vec<usize>,
    /// A list of the resource in which each segment makes an element.
    pub(super) opens: Option<String>,
    /// Members of every value.
    pub(super) with: Option<Map<String, Value>>,
    /// A value without this member is none.
    pub(super) needs: Option<String>,
}

/// One row: from here to there.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) from: Place,
    pub(super) to: Target,
    pub(super) kind: String,
    pub(super) table: Option<String>,
    pub(super) when: When,
    pub(super) with: Option<Map<String, Value>>,
    pub(super) value: Option<String>,
}

const MESSAGES: &str = include_str!("../../../../maps/messages.toml");
const SEGMENTS: &str = include_str!("../../../../maps/segments.toml");
const TYPES: &str = include_str!("../../../../maps/datatypes.toml");
const CODES: &str = include_str!("../../../../maps/tables.toml");

#[derive(Deserialize)]
struct Messages {
    message: Vec<MessageMap>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    system: String,
    codes: HashMap<String, Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Entry {
    Code(String),
    Concept { code: String, display: Option<String>, system: Option<String> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRows {
    rows: Vec<RawRow>,
    #[serde(default)]
    known: Vec<usize>,
    opens: Option<String>,
    with: Option<String>,
    needs: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRow {
    from: String,
    to: String,
    #[serde(rename = "as")]
    kind: String,
    table: Option<String>,
    when: Option<String>,
    with: Option<String>,
    value: Option<String>,
}

fn read_rows(text: &str) -> HashMap<String, Rows> {
    let raw: HashMap<String, RawRows> = toml::from_str(text).expect("the tests read every table");
    raw.into_iter().map(|(name, rows)| (name, rows.into_rows())).collect()
}

impl RawRows {
    fn into_rows(self) -> Rows {
        Rows {
            rows: self.rows.into_iter().map(RawRow::into_row).collect(),
            known: self.known,
            opens: self.opens,
            with: self.with.map(read_members),
            needs: self.needs,
        }
    }
}

impl RawRow {
    fn into_row(self) -> Row {
        let when = self.when.map(|text| When::parse(&text).expect("the tests read every condition"));
        Row {
            from: Place::parse(&self.from).expect("the tests read every place"),
            to: Target::parse(&self.to),
            kind: self.kind,
            table: self.table,
            when: when.unwrap_or_default(),
            with: self.with.map(read_members),
            value: self.value,
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is mapped over owned options")]
fn read_members(text: String) -> Map<String, Value> {
    serde_json::from_str(&text).expect("the tests read every constant")
}

#[cfg(test)]
mod tests {
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
        for message in &maps.messages {
            for segment in message.segments.keys() {
                let resource = match message.act(segment) {
                    Act::Open(resource) | Act::Add(resource) | Act::Hold(resource) => resource,
                    Act::AddToLast | Act::Read | Act::Count => continue,
                };
                assert!(maps.segment(segment, resource).is_some(), "{segment}[{resource}]");
            }
        }
    }

    #[test]
    fn flags_map_to_themselves_as_fhir_has_them() {
        for flag in ["H", "HH", "L<", "AA", "POS"] {
            assert_eq!(Maps::embedded().code("InterpretationCodes", flag).unwrap().code, flag);
        }
        assert!(Maps::embedded().code("InterpretationCodes", "QCF").is_none());
    }
}
