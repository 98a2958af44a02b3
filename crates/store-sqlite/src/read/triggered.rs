//! What triggers remember, and what became of them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{EventId, Id, Judged, Judgement, MemoryKey, Sealed, SubjectKey, Timestamp, TriggerId};
use rusqlite::{Connection, OptionalExtension, params};
use store::{Judgements, Page, Remembered, Result, Triggered};

use super::page;
use crate::SqliteStore;
use crate::fault::{self, Fault};
use crate::rows::{Columns, judgement, judgement_number};
use crate::write::triggered::DISAGREEMENT;

#[async_trait]
impl Triggered for SqliteStore {
    async fn memories(&self, keys: &[MemoryKey]) -> Result<Vec<Option<Remembered>>> {
        let (keys, tag) = (keys.to_vec(), self.who.tag);
        self.readers.read(move |conn| memories(conn, tag, &keys)).await
    }

    async fn memories_due(&self, before: Timestamp, max: usize) -> Result<Vec<Remembered>> {
        let tag = self.who.tag;
        self.readers.read(move |conn| due(conn, tag, (before, max))).await
    }

    async fn judged(&self, event: EventId) -> Result<Vec<Judged>> {
        let Some(row) = self.who.row(event) else { return Ok(Vec::new()) };
        self.readers.read(move |conn| judged(conn, row)).await
    }

    async fn judged_by(
        &self,
        trigger: TriggerId,
        judgement: Judgement,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<EventId>> {
        let Some(row) = self.who.row(trigger) else { return Ok(Page { rows: Vec::new(), next: None }) };
        let (number, tag) = (judgement_number(judgement), self.who.tag);
        self.readers.read(move |conn| listed(conn, tag, (row, number), (after, limit))).await
    }

    async fn judgements(
        &self,
        triggers: &[TriggerId],
        since: Timestamp,
    ) -> Result<BTreeMap<TriggerId, Judgements>> {
        let known: Vec<(TriggerId, i64)> =
            triggers.iter().filter_map(|id| Some((*id, self.who.row(*id)?))).collect();
        self.readers
            .read(move |conn| known.iter().map(|(id, row)| Ok((*id, totals(conn, *row, since)?))).collect())
            .await
    }
}

const COLUMNS: &str = "key, version, organisation, trigger_id, subject, due, touched, sealed";

fn memories(conn: &Connection, tag: u64, keys: &[MemoryKey]) -> fault::Result<Vec<Option<Remembered>>> {
    let mut find = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM memory WHERE key = ?1"))?;
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        let mut rows = find.query([key.0])?;
        found.push(rows.next()?.map(|row| remembered(row, tag)).transpose()?);
    }
    Ok(found)
}

fn due(conn: &Connection, tag: u64, (before, max): (Timestamp, usize)) -> fault::Result<Vec<Remembered>> {
    let sql = format!("SELECT {COLUMNS} FROM memory WHERE due < ?1 ORDER BY due LIMIT ?2");
    let mut find = conn.prepare_cached(&sql)?;
    let mut rows = find.query(params![before.millis(), max as i64])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(remembered(row, tag)?);
    }
    Ok(found)
}

fn remembered(row: &rusqlite::Row<'_>, tag: u64) -> fault::Result<Remembered> {
    let mut columns = Columns::of(row, "memory", tag);
    Ok(Remembered {
        key: MemoryKey(columns.value()?),
        version: columns.value()?,
        organisation: columns.id()?,
        trigger: columns.id()?,
        subject: SubjectKey(columns.value()?),
        due: columns.time_if_any()?,
        touched: columns.time()?,
        sealed: Sealed(columns.value()?),
    })
}

fn judged(conn: &Connection, event: i64) -> fault::Result<Vec<Judged>> {
    let mut find = conn.prepare_cached("SELECT judgements FROM judged WHERE event = ?1")?;
    let text: Option<String> = find.query_row([event], |row| row.get(0)).optional()?;
    let Some(text) = text else { return Ok(Vec::new()) };
    serde_json::from_str(&text).map_err(|error| Fault::damaged("judged", error.to_string()))
}

fn listed(
    conn: &Connection,
    tag: u64,
    (trigger, judgement): (i64, i64),
    (after, limit): (Option<i64>, usize),
) -> fault::Result<Page<EventId>> {
    let mut find = conn.prepare_cached(
        "SELECT event FROM judged_by WHERE trigger_id = ?1 AND judgement = ?2 AND event < ?3
         ORDER BY event DESC LIMIT ?4",
    )?;
    let below = after.unwrap_or(i64::MAX);
    let rows = find.query_map(params![trigger, judgement, below, limit as i64 + 1], |row| row.get(0))?;
    let rows: Vec<EventId> =
        rows.map(|row| Ok(EventId::from_row(row?, tag))).collect::<rusqlite::Result<_>>()?;
    Ok(page(rows, limit, |event| event.row()))
}

fn totals(conn: &Connection, trigger: i64, since: Timestamp) -> fault::Result<Judgements> {
    let mut find = conn.prepare_cached(
        "SELECT judgement, sum(count) FROM judgement_total WHERE trigger_id = ?1 AND hour >= ?2
         GROUP BY judgement",
    )?;
    let mut rows = find.query(params![trigger, since.hour()])?;
    let mut total = Judgements::default();
    while let Some(row) = rows.next()? {
        let (number, count): (i64, i64) = (row.get(0)?, row.get(1)?);
        let count = count.cast_unsigned();
        if number == DISAGREEMENT {
            total.disagreements = count;
        } else {
            total.counts.insert(judgement(number)?, count);
        }
    }
    Ok(total)
}
