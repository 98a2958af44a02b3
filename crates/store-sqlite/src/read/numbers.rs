//! Numbers of deliveries to FHIR subscriptions.

use async_trait::async_trait;
use model::{DeliveryId, WebhookId};
use rusqlite::{Connection, OptionalExtension, params};
use store::{DeliveryRow, Numbers, Result};

use super::deliveries;
use crate::SqliteStore;
use crate::fault;

#[async_trait]
impl Numbers for SqliteStore {
    async fn number_of(&self, delivery: DeliveryId) -> Result<Option<u64>> {
        let Some(row) = self.who.row(delivery) else { return Ok(None) };
        self.readers.read(move |conn| number_of(conn, row)).await
    }

    async fn last_number(&self, webhook: WebhookId) -> Result<u64> {
        let Some(row) = self.who.row(webhook) else { return Ok(0) };
        self.readers.read(move |conn| last(conn, row)).await
    }

    async fn numbered(&self, webhook: WebhookId, from: u64, limit: usize) -> Result<Vec<(u64, DeliveryRow)>> {
        let Some(row) = self.who.row(webhook) else { return Ok(Vec::new()) };
        let tag = self.who.tag;
        self.readers.read(move |conn| list(conn, tag, row, (from, limit))).await
    }
}

fn number_of(conn: &Connection, delivery: i64) -> fault::Result<Option<u64>> {
    let mut find = conn.prepare_cached("SELECT number FROM numbered WHERE delivery = ?1")?;
    Ok(find.query_row([delivery], |row| row.get::<_, i64>(0)).optional()?.map(i64::unsigned_abs))
}

fn last(conn: &Connection, webhook: i64) -> fault::Result<u64> {
    let mut find = conn.prepare_cached("SELECT last FROM numbering WHERE webhook = ?1")?;
    let last = find.query_row([webhook], |row| row.get::<_, i64>(0)).optional()?;
    Ok(last.map_or(0, i64::unsigned_abs))
}

fn list(
    conn: &Connection,
    tag: u64,
    webhook: i64,
    (from, limit): (u64, usize),
) -> fault::Result<Vec<(u64, DeliveryRow)>> {
    let mut find = conn.prepare_cached(
        "SELECT number, delivery FROM numbered WHERE webhook = ?1 AND number >= ?2 ORDER BY number LIMIT ?3",
    )?;
    let from = i64::try_from(from).unwrap_or(i64::MAX);
    let rows = find.query_map(params![webhook, from, limit as i64], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let given: Vec<(i64, i64)> = rows.collect::<rusqlite::Result<_>>()?;
    let mut found = Vec::with_capacity(given.len());
    for (number, delivery) in given {
        if let Some(row) = deliveries::find(conn, tag, delivery)? {
            found.push((number.unsigned_abs(), row));
        }
    }
    Ok(found)
}
