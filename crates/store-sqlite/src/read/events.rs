//! What happened, and what was received.

use model::{Event, Id, ObjectKey, Sealed, SubjectKey};
use rusqlite::{Connection, OptionalExtension, Row};
use store::{EventFilter, EventRow, Message, NewEvent, Page};

use super::filter::Filter;
use super::page;
use crate::decisions;
use crate::fault::{Fault, Result};
use crate::rows::{Columns, lane_number};

const COLUMNS: &str =
    "id, organisation, integration, type, object_type, lane, time, received, test, subject, object,
    message, sequence, replaces, caused_by, hops, config_version, decisions,
    EXISTS (SELECT 1 FROM body WHERE event = event.id)";

/// Events that pass the filter, newest first.
pub(crate) fn list(
    conn: &Connection,
    tag: u64,
    filter: &EventFilter,
    (after, limit): (Option<i64>, usize),
) -> Result<Page<EventRow>> {
    let mut wanted = Filter::default();
    wanted
        .when("id < ?", after)
        .when("organisation = ?", filter.organisation.map(Id::row))
        .when("integration = ?", filter.integration.map(Id::row))
        .of_type("type", filter.event_type.as_ref())
        .when("subject = ?", filter.subject.map(|key| key.0.to_vec()))
        .when("lane = ?", filter.lane.map(lane_number))
        .when("received >= ?", filter.from.map(|from| from.millis()))
        .when("received < ?", filter.to.map(|to| to.millis()))
        .ids_between("id", filter.from, filter.to);
    let sql =
        format!("SELECT {COLUMNS} FROM event WHERE {} ORDER BY id DESC LIMIT {}", wanted.sql(), limit + 1);
    let rows = collect(conn, &sql, wanted.values(), tag)?;
    Ok(page(rows, limit, |row| row.event.id.row()))
}

/// One event.
pub(crate) fn find(conn: &Connection, tag: u64, id: i64) -> Result<Option<EventRow>> {
    let sql = format!("SELECT {COLUMNS} FROM event WHERE id = ?1");
    Ok(collect(conn, &sql, [id], tag)?.pop())
}

/// Events that a message became.
pub(crate) fn of_message(conn: &Connection, tag: u64, message: i64) -> Result<Vec<EventRow>> {
    let sql = format!("SELECT {COLUMNS} FROM event WHERE message = ?1 ORDER BY id");
    collect(conn, &sql, [message], tag)
}

/// Events with their bodies, in the order of `rows`.
pub(crate) fn with_bodies(
    conn: &Connection,
    tag: u64,
    rows: &[Option<i64>],
) -> Result<Vec<Option<NewEvent>>> {
    let mut body = conn.prepare_cached("SELECT sealed FROM body WHERE event = ?1")?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let event = match row {
            Some(row) => find(conn, tag, *row)?,
            None => None,
        };
        let Some(EventRow { event, decisions, config_version, has_body }) = event else {
            found.push(None);
            continue;
        };
        let sealed = if has_body { body.query_row([row], |row| row.get(0)).optional()? } else { None };
        found.push(Some(NewEvent { event, decisions, config_version, body: sealed.map(Sealed) }));
    }
    Ok(found)
}

/// What was received. Its bytes are empty once retention removed them.
pub(crate) fn message(conn: &Connection, tag: u64, id: i64) -> Result<Option<Message>> {
    let mut find = conn.prepare_cached(
        "SELECT id, organisation, integration, received, format, kind, subject, events, flaws,
                (SELECT sealed FROM message_raw WHERE message = message.id)
         FROM message WHERE id = ?1",
    )?;
    let mut rows = find.query([id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let mut columns = Columns::of(row, "message", tag);
    Ok(Some(Message {
        id: columns.id()?,
        organisation: columns.id()?,
        integration: columns.id()?,
        received: columns.time()?,
        format: columns.value()?,
        kind: columns.value()?,
        subject: columns.hmac()?.map(SubjectKey),
        events: columns.value()?,
        flaws: serde_json::from_str(&columns.value::<String>()?)
            .map_err(|error| Fault::damaged("message", error.to_string()))?,
        raw: Sealed(columns.value::<Option<Vec<u8>>>()?.unwrap_or_default()),
    }))
}

fn collect(conn: &Connection, sql: &str, values: impl rusqlite::Params, tag: u64) -> Result<Vec<EventRow>> {
    let mut find = conn.prepare_cached(sql)?;
    let mut rows = find.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(event_row(row, tag)?);
    }
    Ok(found)
}

fn event_row(row: &Row<'_>, tag: u64) -> Result<EventRow> {
    let mut columns = Columns::of(row, "event", tag);
    let event = Event {
        id: columns.id()?,
        organisation: columns.id()?,
        integration: columns.id()?,
        event_type: columns.name()?,
        object_type: columns.name()?,
        lane: columns.lane()?,
        time: columns.time()?,
        received: columns.time()?,
        test: columns.value()?,
        subject: columns.hmac()?.map(SubjectKey),
        object: columns.hmac()?.map(ObjectKey),
        message: columns.id_if_any()?,
        sequence: columns.value()?,
        replaces: columns.id_if_any()?,
        caused_by: columns.id_if_any()?,
        hops: columns.value()?,
    };
    let config_version = columns.value::<i64>()?.cast_unsigned();
    let decisions = decisions::read(&columns.value::<Vec<u8>>()?, tag)?;
    Ok(EventRow { event, decisions, config_version, has_body: columns.value()? })
}
