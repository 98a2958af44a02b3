//! Rows of the tables for segments and data types.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::primitive;
use super::source::Place;
use super::target::Target;
use super::when::When;
use super::why::Why;

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
    /// The file they stand in; none of those of a site.
    pub(super) file: Option<&'static str>,
}

impl Rows {
    /// Why a place that says something is not taken up.
    pub(super) fn why_not(&self, number: usize) -> Why {
        let is_named = self.rows.iter().any(|row| row.from.number == number);
        if is_named { Why::Condition } else { Why::NoRow }
    }
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

impl Row {
    /// Whether it reads the first part of its place only: a simple value that no table explains.
    pub(super) fn reads_first(&self) -> bool {
        // What stands beside a code only says the same in words.
        let is_plain = self.table.is_none() && self.value.is_none() && self.from.number != 0;
        is_plain && primitive::is_of_first_part(&self.kind)
    }
}

/// Rows as a table writes them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRows {
    pub(super) rows: Vec<RawRow>,
    #[serde(default)]
    known: Vec<usize>,
    opens: Option<String>,
    with: Option<String>,
    needs: Option<String>,
}

/// One row as a table writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRow {
    from: String,
    to: String,
    #[serde(rename = "as")]
    kind: String,
    table: Option<String>,
    when: Option<String>,
    with: Option<String>,
    value: Option<Value>,
}

/// The name and the text of a file.
pub(super) type File = (&'static str, &'static str);

/// The tables of one file, by name.
pub(super) fn read((file, text): File) -> HashMap<String, Rows> {
    let raw: HashMap<String, RawRows> = toml::from_str(text).expect("the tests read every table");
    let rows = |raw: RawRows| Rows { file: Some(file), ..raw.into_rows().expect("the tests read every row") };
    raw.into_iter().map(|(name, raw)| (name, rows(raw))).collect()
}

impl RawRows {
    /// The rows, or the number of the first that cannot be read and why.
    pub(super) fn into_rows(self) -> Result<Rows, (usize, String)> {
        let with = self.with.as_deref().map(members).transpose().map_err(|why| (0, why))?;
        let rows = self.rows.into_iter().enumerate();
        let rows = rows.map(|(number, row)| row.into_row().map_err(|why| (number, why)));
        Ok(Rows {
            rows: rows.collect::<Result<_, _>>()?,
            known: self.known,
            opens: self.opens,
            with,
            needs: self.needs,
            file: None,
        })
    }
}

impl RawRow {
    fn into_row(self) -> Result<Row, String> {
        let when = self
            .when
            .map(|text| When::parse(&text).ok_or(format!("The condition {text:?} is not understood.")));
        let from = Place::parse(&self.from);
        Ok(Row {
            from: from.ok_or_else(|| format!("{:?} is no place: 3, or 11.4.", self.from))?,
            to: Target::parse(&self.to),
            kind: self.kind,
            table: self.table,
            when: when.transpose()?.unwrap_or_default(),
            with: self.with.as_deref().map(members).transpose()?,
            value: self.value,
        })
    }
}

/// Constants of a table, which are JSON.
pub(super) fn read_members(text: &str) -> Map<String, Value> {
    members(text).expect("the tests read every constant")
}

fn members(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|_| "`with` is a JSON object, written as a text.".to_owned())
}
