//! Calls that were made.

use model::{Attempt, EventType, Id, Sealed, TemplateVersion, Timings};
use rusqlite::{Connection, Row};
use store::{AttemptFilter, Page, Reply};

use super::filter::Filter;
use super::page;
use crate::fault::Result;
use crate::rows::Columns;

const COLUMNS: &str =
    "attempt.id, attempt.delivery, attempt.event, attempt.webhook, number, began, status, error,
    dns, connect, tls, first_byte, total, next, template";

/// Attempts of one delivery, oldest first.
pub(crate) fn of_delivery(conn: &Connection, tag: u64, delivery: i64) -> Result<Vec<Attempt>> {
    let sql = format!("SELECT {COLUMNS} FROM attempt WHERE delivery = ?1 ORDER BY number, id");
    let mut find = conn.prepare_cached(&sql)?;
    let mut rows = find.query([delivery])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(attempt(&mut Columns::of(row, "attempt", tag))?);
    }
    Ok(found)
}

/// What is kept of the answers to them, oldest first.
pub(crate) fn replies_of(conn: &Connection, tag: u64, delivery: i64) -> Result<Vec<Reply>> {
    let sql = "SELECT delivery, attempt, sealed FROM reply WHERE delivery = ?1 ORDER BY attempt";
    let mut find = conn.prepare_cached(sql)?;
    let mut rows = find.query([delivery])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row, "reply", tag);
        let (delivery, attempt) = (columns.id()?, columns.id()?);
        found.push(Reply { delivery, attempt, sealed: Sealed(columns.value()?) });
    }
    Ok(found)
}

/// Attempts at a webhook, newest first. The place of one is the row of its id:
/// unlike the time it began, no two share it.
pub(crate) fn list(
    conn: &Connection,
    tag: u64,
    filter: &AttemptFilter,
    (after, limit): (Option<i64>, usize),
) -> Result<Page<(Attempt, EventType)>> {
    let mut wanted = Filter::default();
    wanted
        .when("attempt.webhook = ?", Some(filter.webhook.row()))
        .when("attempt.id < ?", after)
        .of_type("event.type", filter.event_type.as_ref())
        .when("began >= ?", filter.from.map(|from| from.millis()))
        .when("began < ?", filter.to.map(|to| to.millis()))
        .ids_between("attempt.id", filter.from, filter.to);
    match filter.delivered {
        Some(true) => wanted.and("error IS NULL"),
        Some(false) => wanted.and("error IS NOT NULL"),
        None => &mut wanted,
    };
    let sql = format!(
        "SELECT {COLUMNS}, event.type FROM attempt INDEXED BY attempt_webhook JOIN event ON event.id = attempt.event
         WHERE {} ORDER BY attempt.id DESC LIMIT {}",
        wanted.sql(),
        limit + 1
    );
    let mut find = conn.prepare_cached(&sql)?;
    let mut rows = find.query(wanted.values())?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(with_type(row, tag)?);
    }
    Ok(page(found, limit, |(attempt, _)| attempt.id.row()))
}

fn with_type(row: &Row<'_>, tag: u64) -> Result<(Attempt, EventType)> {
    let mut columns = Columns::of(row, "attempt", tag);
    Ok((attempt(&mut columns)?, columns.name()?))
}

fn attempt(columns: &mut Columns<'_, '_>) -> Result<Attempt> {
    Ok(Attempt {
        id: columns.id()?,
        delivery: columns.id()?,
        event: columns.id()?,
        webhook: columns.id()?,
        number: columns.value()?,
        began: columns.time()?,
        status: columns.value()?,
        error: columns.category()?,
        timings: Timings {
            dns: columns.value()?,
            connect: columns.value()?,
            tls: columns.value()?,
            first_byte: columns.value()?,
            total: columns.value()?,
        },
        next: columns.time_if_any()?,
        template: template(columns.value()?),
    })
}

fn template(bits: Option<i64>) -> Option<TemplateVersion> {
    bits.map(|bits| TemplateVersion::from_bits(bits.cast_unsigned()))
}
