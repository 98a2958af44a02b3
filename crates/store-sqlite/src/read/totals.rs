//! What the attempts at a webhook added up to.

use model::{Environment, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use store::WebhookTotals;

use crate::fault::Result;
use crate::rows::Columns;
use crate::tally::hours;

/// The totals of one webhook, by hour since `since`.
pub(crate) fn of(
    conn: &Connection,
    (webhook, environment): (i64, Environment),
    since: Timestamp,
) -> Result<WebhookTotals> {
    let mut totals = now(conn, webhook, environment)?;
    let mut find = conn.prepare_cached(
        "SELECT hour, counts FROM hour_total WHERE webhook = ?1 AND test = ?2 AND hour >= ?3 ORDER BY hour",
    )?;
    let mut rows = find.query(params![webhook, environment == Environment::Test, since.hour()])?;
    while let Some(row) = rows.next()? {
        let counts: Vec<u8> = row.get(1)?;
        let part = hours::totals(row.get(0)?, &counts)?;
        match totals.hours.last_mut().filter(|last| last.hour == part.hour) {
            Some(last) => last.add(&part),
            None => totals.hours.push(part),
        }
    }
    let mut find = conn
        .prepare_cached("SELECT due FROM delivery WHERE webhook = ?1 AND state = 1 ORDER BY due LIMIT 1")?;
    let next: Option<i64> = find.query_row([webhook], |row| row.get(0)).optional()?;
    totals.next_retry = next.map(Timestamp::from_millis);
    let count = |sql: &str| -> Result<u64> {
        let count: i64 = conn.prepare_cached(sql)?.query_row([webhook], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    };
    totals.waiting = count("SELECT count(*) FROM delivery WHERE webhook = ?1 AND state = 1")?;
    totals.held =
        count("SELECT count(*) FROM delivery INDEXED BY delivery_held WHERE webhook = ?1 AND state = 2")?;
    totals.buffered = count(
        "SELECT count(*) FROM delivery INDEXED BY delivery_ready
         WHERE epoch = 0 AND state = 0 AND webhook = ?1 AND lane >= 2",
    )?;
    Ok(totals)
}

fn now(conn: &Connection, webhook: i64, environment: Environment) -> Result<WebhookTotals> {
    let mut find = conn.prepare_cached(
        "SELECT iif(?2, test_success, last_success), iif(?2, test_failure, last_failure),
                failures_in_a_row, pending, dead
         FROM webhook_total WHERE webhook = ?1",
    )?;
    let mut rows = find.query(params![webhook, environment == Environment::Test])?;
    let Some(row) = rows.next()? else { return Ok(WebhookTotals::default()) };
    let mut columns = Columns::of(row, "webhook_total", 0);
    Ok(WebhookTotals {
        hours: Vec::new(),
        last_success: columns.time_if_any()?,
        last_failure: columns.time_if_any()?,
        failures_in_a_row: columns.number()?,
        pending: columns.number()?,
        dead_lettered: columns.number()?,
        waiting: 0,
        held: 0,
        buffered: 0,
        next_retry: None,
    })
}
