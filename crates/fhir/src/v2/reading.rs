//! The engine: rows of a table applied to a segment or data type.

use serde_json::{Map, Value};

use super::Deletion;
use super::primitive::{self, Read};
use super::rows::{Row, Rows};
use super::scope::{Scope, site_table};
use super::source::{Piece, Source};
use super::target::{add_missing, compact};

/// Applies rows and counts what they leave; `place` is where the source stands, such as `PID` or `PID-3`.
///
/// Gives what the sender asks to delete.
pub(super) fn apply(
    scope: &mut Scope<'_>,
    rows: &Rows,
    source: Source<'_>,
    place: &str,
    into: &mut Map<String, Value>,
) -> Vec<Deletion> {
    let mut used = rows.known.clone();
    let mut deletions = Vec::new();
    for row in rows.rows.iter().filter(|row| row.when.holds(source, &scope.event)).collect::<Vec<_>>() {
        used.push(row.from.number);
        let piece = source.part(row.from);
        let at = place_of(place, source, row);
        if matches!(source, Source::Segment(_)) && piece.is_delete() {
            deletions.push(Deletion::of(row));
            continue;
        }
        take(scope, row, piece, &at, into);
    }
    for number in source.said().into_iter().filter(|number| !used.contains(number)) {
        // MSH-1 and its like have no place of their own here.
        let between = if matches!(source, Source::Segment(_)) { '-' } else { '.' };
        scope.notes.unmapped(format!("{place}{between}{number}"));
    }
    deletions
}

fn place_of(place: &str, source: Source<'_>, row: &Row) -> String {
    let component = row.from.component.map(|component| format!(".{component}")).unwrap_or_default();
    match source {
        Source::Segment(_) => format!("{place}-{}{component}", row.from.number),
        Source::Part(_) if row.from.number == 0 => place.to_owned(),
        Source::Part(_) => format!("{place}.{}{component}", row.from.number),
    }
}

/// Takes one row: each repetition, or the first and a count of the others.
fn take(scope: &mut Scope<'_>, row: &Row, piece: Piece<'_>, at: &str, into: &mut Map<String, Value>) {
    if matches!(row.kind.as_str(), "lines" | "instruction") {
        return put(scope, row, piece, at, into);
    }
    for (number, repetition) in piece.repetitions().enumerate() {
        if number == 0 || row.to.repeats() {
            put(scope, row, repetition, at, into);
        } else if !repetition.part.is_empty() {
            scope.notes.unmapped(format!("{at}[{}]", number + 1));
        }
    }
}

fn put(scope: &mut Scope<'_>, row: &Row, piece: Piece<'_>, at: &str, into: &mut Map<String, Value>) {
    if piece.part.is_empty() || piece.is_delete() {
        return;
    }
    if let Some(value) = row.value.clone().or_else(|| read(scope, row, piece, at)) {
        let is_taken = row.to.put(into, value, row.with.as_ref());
        if !is_taken {
            scope.notes.unmapped(format!("{at} (again)"));
        }
    }
}

fn read(scope: &mut Scope<'_>, row: &Row, piece: Piece<'_>, at: &str) -> Option<Value> {
    match scope.maps.data_type(&row.kind) {
        Some(rows) => read_type(scope, rows, row.table.as_deref(), piece, at),
        None => read_simple(scope, row, piece, at),
    }
}

fn read_type(
    scope: &mut Scope<'_>,
    rows: &Rows,
    table: Option<&str>,
    piece: Piece<'_>,
    at: &str,
) -> Option<Value> {
    let mut members = Map::new();
    apply(scope, rows, Source::Part(piece), at, &mut members);
    if let Some(table) = table {
        translate(scope, table, &piece.child(1).text(), at, &mut members);
    }
    let mut value = Value::Object(members);
    let is_said = compact(&mut value);
    let has_need = rows.needs.as_ref().is_none_or(|name| value.get(name).is_some());
    if !is_said || !has_need {
        scope.notes.unmapped(at.to_owned());
        return None;
    }
    add_missing(value.as_object_mut()?, rows.with.as_ref());
    Some(value)
}

fn read_simple(scope: &mut Scope<'_>, row: &Row, piece: Piece<'_>, at: &str) -> Option<Value> {
    // What stands beside a code only says the same in words.
    let is_plain = row.table.is_none()
        && !matches!(
            row.kind.as_str(),
            "lines" | "instruction" | "spaced" | "base64" | "assigner" | "street" | "system"
        );
    if row.from.number != 0 && is_plain && piece.is_composite() && row.kind != "person" {
        scope.notes.unmapped(format!("{at}.2"));
    }
    match primitive::read(scope, &row.kind, row.table.as_deref(), piece) {
        Read::Value(value) => Some(value),
        Read::Doubtful(value) => {
            scope.notes.flaw(format!("{at}: the local time is ambiguous"));
            Some(value)
        }
        Read::Unfit => {
            if let Some(table) = &row.table {
                scope.miss(table, &piece.text());
            }
            let table = row.table.as_ref().map(|table| format!(" ({table})")).unwrap_or_default();
            if row.from.number != 0 {
                scope.notes.unmapped(format!("{at}{table}"));
            }
            None
        }
    }
}

/// Puts the code of a table first; a code that the sender names a system for stays beside it.
fn translate(scope: &mut Scope<'_>, table: &str, code: &str, at: &str, members: &mut Map<String, Value>) {
    let Some(concept) = scope.concept(table, code) else {
        if !code.is_empty() {
            scope.miss(table, code);
            scope.notes.unmapped(format!("{at} ({table})"));
        }
        return;
    };
    let first =
        serde_json::json!({ "system": concept.system, "code": concept.code, "display": concept.display });
    let codings = members.entry("coding").or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(codings) = codings {
        // A code without a system is the sender's own where it is another one.
        for coding in codings.iter_mut().filter(|coding| coding.get("system").is_none()) {
            if coding["code"] != concept.code && site_table(table).is_some() {
                coding["system"] = scope.local("flags").into();
            }
        }
        codings.retain(|coding| coding.get("system").is_some());
        codings.insert(0, first);
    }
}
