//! Who did what.

use audit::Row;
use model::Id;
use rusqlite::{Connection, Params, params};
use store::{AuditFilter, Page};

use super::filter::Filter;
use super::page;
use crate::fault::Result;
use crate::write::journal::{self, COLUMNS};

/// Rows that fit, newest first.
pub(crate) fn list(
    conn: &Connection,
    tag: u64,
    filter: &AuditFilter,
    (after, limit): (Option<i64>, usize),
) -> Result<Page<Row>> {
    let mut wanted = Filter::default();
    wanted
        .when("organisation = ?", Some(Id::row(filter.organisation)))
        .when("number < ?", after)
        .when("action = ?", filter.action.map(|action| i64::from(action.number())))
        .when("actor = ?", filter.actor.map(journal::actor_number))
        .when("target = ?", filter.target.clone())
        .when("at >= ?", filter.from.map(|from| from.millis()))
        .when("at < ?", filter.to.map(|to| to.millis()));
    let sql = format!(
        "SELECT {COLUMNS} FROM audit WHERE {} ORDER BY number DESC LIMIT {}",
        wanted.sql(),
        limit.saturating_add(1)
    );
    let rows = collect(conn, &sql, wanted.values(), tag)?;
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
