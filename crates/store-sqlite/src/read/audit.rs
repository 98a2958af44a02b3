//! Who did what.

use audit::Row;
use rusqlite::{Connection, Params, params};
use store::Page;

use super::page;
use crate::fault::Result;
use crate::write::journal::{self, COLUMNS};

/// Rows of one organisation, newest first.
pub(crate) fn list(
    conn: &Connection,
    tag: u64,
    organisation: i64,
    (after, limit): (Option<i64>, usize),
) -> Result<Page<Row>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM audit WHERE organisation = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3"
    );
    let values = params![organisation, after.unwrap_or(i64::MAX), limit as i64 + 1];
    let rows = collect(conn, &sql, values, tag)?;
    Ok(page(rows, limit, |row| row.number.cast_signed()))
}

/// Rows from a number on, in order.
pub(crate) fn from(conn: &Connection, tag: u64, number: u64, limit: usize) -> Result<Vec<Row>> {
    let sql = format!("SELECT {COLUMNS} FROM audit WHERE number >= ?1 ORDER BY number LIMIT ?2");
    collect(conn, &sql, params![number.cast_signed(), limit as i64], tag)
}

fn collect(conn: &Connection, sql: &str, values: impl Params, tag: u64) -> Result<Vec<Row>> {
    let mut find = conn.prepare_cached(sql)?;
    let mut rows = find.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(journal::row(row, tag)?);
    }
    Ok(found)
}
