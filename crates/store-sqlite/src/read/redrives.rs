//! Dead letters on their way back.

use model::Id;
use rusqlite::{Connection, Params, Row, params};
use store::{Page, Progress, Redrive, RedriveFilter, RedriveState};

use super::filter::Filter;
use super::page;
use crate::fault::{Fault, Result};
use crate::rows::{Columns, lane_number};

const COLUMNS: &str = "id, organisation, filter, fresh, per_second, planned, state, revived, cursor, created";

/// One redrive.
pub(crate) fn find(conn: &Connection, tag: u64, id: i64) -> Result<Option<Redrive>> {
    Ok(collect(conn, &format!("SELECT {COLUMNS} FROM redrive WHERE id = ?1"), [id], tag)?.pop())
}

/// Redrives of one organisation, newest first.
pub(crate) fn list(
    conn: &Connection,
    tag: u64,
    organisation: i64,
    (after, limit): (Option<i64>, usize),
) -> Result<Page<Redrive>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM redrive WHERE organisation = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"
    );
    let values = params![organisation, after.unwrap_or(i64::MAX), limit as i64 + 1];
    Ok(page(collect(conn, &sql, values, tag)?, limit, |found| found.id.row()))
}

/// Redrives that still run, oldest first.
pub(crate) fn running(conn: &Connection, tag: u64) -> Result<Vec<Redrive>> {
    collect(conn, &format!("SELECT {COLUMNS} FROM redrive WHERE state = 0 ORDER BY id"), [], tag)
}

/// How many deliveries a redrive takes, and the first rows above `cursor`.
///
/// All are counted only from the very beginning; further on the count is that
/// of the page, so that going through a million costs no million of counts.
pub(crate) fn plan(
    conn: &Connection,
    organisation: i64,
    filter: &RedriveFilter,
    (cursor, limit): (i64, usize),
) -> Result<(u64, Vec<i64>)> {
    let mut rows = Vec::new();
    let mut count = 0;
    for (table, state) in [("delivery", 3), ("delivery_log", 4)] {
        if state == 4 && !filter.delivered {
            continue;
        }
        let mut wanted = conditions(organisation, filter, cursor);
        wanted.and(format!("state = {state}"));
        let sql = format!("SELECT id FROM {table} WHERE {} ORDER BY id LIMIT {limit}", wanted.sql());
        let mut find = conn.prepare_cached(&sql)?;
        let found = find.query_map(wanted.values(), |row| row.get::<_, i64>(0))?;
        rows.extend(found.collect::<rusqlite::Result<Vec<_>>>()?);
        if cursor == 0 {
            let sql = format!("SELECT count(*) FROM {table} WHERE {}", wanted.sql());
            count += conn.prepare_cached(&sql)?.query_row(wanted.values(), |row| row.get::<_, u32>(0))?;
        }
    }
    rows.sort_unstable();
    rows.truncate(limit);
    let count = if cursor == 0 { u64::from(count) } else { rows.len() as u64 };
    Ok((count, rows))
}

fn conditions(organisation: i64, filter: &RedriveFilter, cursor: i64) -> Filter {
    let mut wanted = Filter::default();
    wanted
        .when("organisation = ?", Some(organisation))
        .when("id > ?", Some(cursor))
        .when("webhook = ?", filter.webhook_id.map(Id::row))
        .when("type = ?", filter.event_type.as_ref().map(|name| name.as_str().to_owned()))
        .when("lane = ?", filter.lane.map(lane_number))
        .when("error = ?", filter.error.map(|error| error as i64))
        .when("accepted >= ?", filter.from.map(|from| from.millis()))
        .when("accepted < ?", filter.to.map(|to| to.millis()))
        .ids_between("id", filter.from, filter.to);
    if !filter.webhook_ids.is_empty() {
        let rows: Vec<String> = filter.webhook_ids.iter().map(|id| Id::row(*id).to_string()).collect();
        wanted.and(format!("webhook IN ({})", rows.join(", ")));
    }
    wanted
}

fn collect(conn: &Connection, sql: &str, values: impl Params, tag: u64) -> Result<Vec<Redrive>> {
    let mut find = conn.prepare_cached(sql)?;
    let mut rows = find.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(redrive(row, tag)?);
    }
    Ok(found)
}

fn redrive(row: &Row<'_>, tag: u64) -> Result<Redrive> {
    let mut columns = Columns::of(row, "redrive", tag);
    let (id, organisation) = (columns.id()?, columns.id()?);
    let filter = serde_json::from_str(&columns.value::<String>()?)
        .map_err(|error| Fault::damaged("redrive", error.to_string()))?;
    let (fresh, per_second, planned) = (columns.value()?, columns.value()?, columns.number()?);
    let state = match columns.value::<i64>()? {
        0 => RedriveState::Running,
        1 => RedriveState::Done,
        2 => RedriveState::Cancelled,
        other => return Err(Fault::damaged("redrive", format!("state {other}"))),
    };
    let progress = Progress { revived: columns.number()?, cursor: columns.value()? };
    let created = columns.time()?;
    Ok(Redrive { id, organisation, filter, fresh, per_second, planned, state, progress, created })
}
