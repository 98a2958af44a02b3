//! What doors refused.

use model::{Code, Id, Sealed};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use store::{Kept, Page, Rejection, RejectionFilter, RejectionTotal, Standing};

use super::filter::Filter;
use super::page;
use crate::fault::{Fault, Result};
use crate::rows::{self, Columns, door_number};
use crate::write::rejections::standing_number;

const COLUMNS: &str = "id, organisation, integration, door, at, code, reason, peer, bytes, standing, whole,
    EXISTS (SELECT 1 FROM rejection_raw WHERE rejection = rejection.id)";

/// Rejections that pass the filter, newest first.
pub(crate) fn list(
    conn: &Connection,
    tag: u64,
    filter: &RejectionFilter,
    (after, limit): (Option<i64>, usize),
) -> Result<Page<Rejection>> {
    let mut wanted = Filter::default();
    wanted
        .when("id < ?", after)
        .when("organisation = ?", filter.organisation.map(Id::row))
        .when("integration = ?", filter.integration.map(Id::row))
        .when("door = ?", filter.door.map(door_number))
        .when("code = ?", filter.code.map(|code| code.name().to_owned()))
        .when("standing = ?", filter.standing.map(standing_number))
        .when("at >= ?", filter.from.map(|from| from.millis()))
        .when("at < ?", filter.to.map(|to| to.millis()))
        .ids_between("id", filter.from, filter.to);
    let sql = format!(
        "SELECT {COLUMNS} FROM rejection WHERE {} ORDER BY id DESC LIMIT {}",
        wanted.sql(),
        limit + 1
    );
    let rows = collect(conn, &sql, wanted.values(), tag)?;
    Ok(page(rows, limit, |row| row.id.row()))
}

/// One rejection and what is kept of it.
pub(crate) fn find(conn: &Connection, tag: u64, id: i64) -> Result<Option<(Rejection, Option<Sealed>)>> {
    let sql = format!("SELECT {COLUMNS} FROM rejection WHERE id = ?1");
    let Some(found) = collect(conn, &sql, [id], tag)?.pop() else { return Ok(None) };
    let mut raw = conn.prepare_cached("SELECT sealed FROM rejection_raw WHERE rejection = ?1")?;
    Ok(Some((found, raw.query_row([id], |row| row.get(0)).optional()?.map(Sealed))))
}

/// Rejections by integration and code since an hour.
pub(crate) fn totals(
    conn: &Connection,
    tag: u64,
    organisation: i64,
    since: i64,
) -> Result<Vec<RejectionTotal>> {
    let mut find = conn.prepare_cached(
        "SELECT integration, code, sum(count) FROM rejection_total WHERE organisation = ?1 AND hour >= ?2
         GROUP BY integration, code ORDER BY integration, code",
    )?;
    let mut rows = find.query(params![organisation, since])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row, "rejection_total", tag);
        let integration = columns.id()?;
        let code = code(&columns.value::<String>()?, "rejection_total")?.name();
        found.push(RejectionTotal { integration, code, count: columns.number()? });
    }
    Ok(found)
}

fn collect(conn: &Connection, sql: &str, values: impl Params, tag: u64) -> Result<Vec<Rejection>> {
    let mut find = conn.prepare_cached(sql)?;
    let mut rows = find.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(rejection(row, tag)?);
    }
    Ok(found)
}

fn rejection(row: &Row<'_>, tag: u64) -> Result<Rejection> {
    let mut columns = Columns::of(row, "rejection", tag);
    Ok(Rejection {
        id: columns.id()?,
        organisation: columns.id()?,
        integration: columns.id()?,
        door: rows::door(columns.value()?)?,
        at: columns.time()?,
        code: code(&columns.value::<String>()?, "rejection")?,
        reason: columns.value()?,
        peer: columns.value::<Option<String>>()?.and_then(|peer| peer.parse().ok()),
        bytes: columns.number()?,
        standing: standing(columns.value()?)?,
        kept: match (columns.value()?, columns.value()?) {
            (_, false) => Kept::Nothing,
            (true, true) => Kept::Whole,
            (false, true) => Kept::Part,
        },
    })
}

fn code(name: &str, table: &'static str) -> Result<Code> {
    Code::named(name).ok_or_else(|| Fault::damaged(table, format!("code {name}")))
}

fn standing(number: i64) -> Result<Standing> {
    let all = [Standing::Listed, Standing::Quarantined, Standing::Replayed];
    let found = all.into_iter().find(|standing| standing_number(*standing) == number);
    found.ok_or_else(|| Fault::damaged("rejection", format!("standing {number}")))
}
