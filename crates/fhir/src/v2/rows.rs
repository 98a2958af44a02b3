//! Rows of the tables for segments and data types.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::source::Place;
use super::target::Target;
use super::when::When;

/// The rows of a segment or data type.
#[derive(Debug, Clone)]
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
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) from: Place,
    pub(super) to: Target,
    pub(super) kind: String,
    pub(super) table: Option<String>,
    pub(super) when: When,
    pub(super) with: Option<Map<String, Value>>,
    /// What is put where the place says anything, whatever it says.
    pub(super) value: Option<Value>,
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
    value: Option<Value>,
}

/// The tables of one file, by name.
pub(super) fn read(text: &str) -> HashMap<String, Rows> {
    let raw: HashMap<String, RawRows> = toml::from_str(text).expect("the tests read every table");
    raw.into_iter().map(|(name, rows)| (name, rows.into_rows())).collect()
}

impl RawRows {
    fn into_rows(self) -> Rows {
        Rows {
            rows: self.rows.into_iter().map(RawRow::into_row).collect(),
            known: self.known,
            opens: self.opens,
            with: self.with.as_deref().map(read_members),
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
            with: self.with.as_deref().map(read_members),
            value: self.value,
        }
    }
}

/// Constants of a table, which are JSON.
pub(super) fn read_members(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).expect("the tests read every constant")
}
