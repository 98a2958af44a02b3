//! The engine: rows of a table applied to a segment or data type.

use serde_json::{Map, Value};

use super::Deletion;
use super::leftover::{self, Use};
use super::primitive::{self, Read};
use super::rows::{Row, Rows};
use super::scope::{Scope, site_table};
use super::source::{Piece, Source};
use super::spot::Spot;
use super::target::{add_missing, compact};
use super::why::Why;

/// Applies rows and counts what they leave; `place` is where the source stands.
///
/// Gives what the sender asks to delete.
pub(super) fn apply(
    scope: &mut Scope<'_>,
    rows: &Rows,
    source: Source<'_>,
    place: &Spot<'_>,
    into: &mut Map<String, Value>,
) -> Vec<Deletion> {
    let mut used: Vec<Use> = rows.known.iter().copied().map(Use::known).collect();
    let mut deletions = Vec::new();
    for row in rows.rows.iter().filter(|row| row.when.holds(source, &scope.event)).collect::<Vec<_>>() {
        used.push(Use::by(row));
        let piece = source.part(row.from);
        let at = place.part(row.from);
        if matches!(source, Source::Segment(_)) && piece.is_delete() {
            scope.notes.trace(|tracer| tracer.deletes(&at, row));
            deletions.push(Deletion::of(row));
            continue;
        }
        take(scope, row, (piece, source.first_of(row.from.number)), at, into);
    }
    leftover::count(scope, rows, (source, &used), place);
    deletions
}

/// Takes one row: each repetition, or the first and a count of the others; `first` is the number of the first.
fn take(
    scope: &mut Scope<'_>,
    row: &Row,
    (piece, first): (Piece<'_>, usize),
    at: Spot<'_>,
    into: &mut Map<String, Value>,
) {
    if matches!(row.kind.as_str(), "lines" | "instruction") {
        return put(scope, row, piece, &at, into);
    }
    for (number, repetition) in piece.repetitions().enumerate() {
        let at = at.repetition(first + number);
        if number == 0 || row.to.repeats() {
            put(scope, row, repetition, &at, into);
        } else if !repetition.part.is_empty() {
            scope.notes.left(&at, Why::Repetition);
        }
    }
}

fn put(scope: &mut Scope<'_>, row: &Row, piece: Piece<'_>, at: &Spot<'_>, into: &mut Map<String, Value>) {
    if piece.part.is_empty() || piece.is_delete() {
        return;
    }
    let mark = scope.notes.mark();
    let Some(value) = row.value.clone().or_else(|| read(scope, row, piece, at)) else { return };
    let told = scope.notes.tracer.is_some().then(|| value.clone());
    if !row.to.put(into, value, row.with.as_ref()) {
        scope.notes.trace(|tracer| tracer.forget(mark));
        scope.notes.left(at, Why::Again);
    } else if let Some(told) = told {
        let ruling = scope.ruling(row.table.as_deref(), &piece.text());
        scope.notes.trace(|tracer| tracer.put(mark, (row, at), (told, into), ruling));
    }
}

fn read(scope: &mut Scope<'_>, row: &Row, piece: Piece<'_>, at: &Spot<'_>) -> Option<Value> {
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
    at: &Spot<'_>,
) -> Option<Value> {
    let mark = scope.notes.mark();
    let mut members = Map::new();
    apply(scope, rows, Source::Part(piece), at, &mut members);
    if let Some(table) = table {
        translate(scope, table, &piece.child(1).text(), at, &mut members);
    }
    let mut value = Value::Object(members);
    let is_said = compact(&mut value);
    let has_need = rows.needs.as_ref().is_none_or(|name| value.get(name).is_some());
    if !is_said || !has_need {
        scope.notes.trace(|tracer| tracer.forget(mark));
        scope.notes.left(at, Why::Incomplete);
        return None;
    }
    scope.notes.trace(|tracer| tracer.beside(mark, rows.with.as_ref()));
    add_missing(value.as_object_mut()?, rows.with.as_ref());
    Some(value)
}

fn read_simple(scope: &mut Scope<'_>, row: &Row, piece: Piece<'_>, at: &Spot<'_>) -> Option<Value> {
    if row.from.component.is_some() && row.reads_first() {
        leftover::beside_first(scope, piece, at);
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
            match &row.table {
                _ if row.from.number == 0 => {}
                Some(table) => scope.notes.left_by(at, Why::Unfit, table),
                None => scope.notes.left(at, Why::Unfit),
            }
            None
        }
    }
}

/// Puts the code of a table first; a code that the sender names a system for stays beside it.
fn translate(
    scope: &mut Scope<'_>,
    table: &str,
    code: &str,
    at: &Spot<'_>,
    members: &mut Map<String, Value>,
) {
    let Some(concept) = scope.concept(table, code) else {
        if !code.is_empty() {
            scope.miss(table, code);
            scope.notes.left_by(at, Why::UnknownCode, table);
        }
        return;
    };
    let first =
        serde_json::json!({ "system": concept.system, "code": concept.code, "display": concept.display });
    let ruling = scope.ruling(Some(table), code);
    scope.notes.trace(|tracer| tracer.translated(&at.child(1), first.clone(), ruling));
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
