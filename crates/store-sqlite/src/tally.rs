//! What a commit group changes in the totals of webhooks: added up in memory, written once.

use std::collections::HashMap;

use model::{Attempt, Category, Id};
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};
use store::HourTotals;

use crate::fault::{Fault, Result};

const LATENCIES: usize = 17;
// `delivered · failed · 17 latencies · categories`, each 32 bits little-endian;
// categories come last because their list grows.
const ERRORS_AT: usize = 2 + LATENCIES;
const COUNTS: usize = ERRORS_AT + Category::ALL.len();

/// Sums of one group.
#[derive(Default)]
pub(crate) struct Tally {
    hours: HashMap<(i64, i64), [u32; COUNTS]>,
    webhooks: HashMap<i64, Change>,
}

#[derive(Default)]
struct Change {
    pending: i64,
    dead: i64,
    success: Option<i64>,
    failure: Option<i64>,
    succeeded: bool,
    failures: i64,
}

impl Tally {
    /// So many more are owed and dead-lettered; less, if negative.
    pub(crate) fn owe(&mut self, webhook: i64, pending: i64, dead: i64) {
        let change = self.webhooks.entry(webhook).or_default();
        change.pending += pending;
        change.dead += dead;
    }

    /// A call was made, and not for a test event.
    pub(crate) fn call(&mut self, attempt: &Attempt) {
        let webhook = attempt.webhook.row();
        let counts = self.hours.entry((webhook, attempt.began.hour())).or_insert([0; COUNTS]);
        counts[2 + bucket(attempt.timings.total)] += 1;
        let change = self.webhooks.entry(webhook).or_default();
        let at = attempt.began.millis();
        match attempt.error {
            None => {
                counts[0] += 1;
                change.success = change.success.max(Some(at));
                change.succeeded = true;
                change.failures = 0;
            }
            Some(category) => {
                counts[1] += 1;
                counts[ERRORS_AT + category as usize - 1] += 1;
                change.failure = change.failure.max(Some(at));
                change.failures += 1;
            }
        }
    }

    /// By how much the number of unfinished deliveries changes.
    pub(crate) fn unfinished(&self) -> i64 {
        self.webhooks.values().map(|change| change.pending + change.dead).sum()
    }

    /// Writes the sums.
    pub(crate) fn write(&self, conn: &Connection) -> Result<()> {
        if !self.webhooks.is_empty() {
            self.write_webhooks(conn)?;
        }
        if self.hours.is_empty() {
            return Ok(());
        }
        let mut find =
            conn.prepare_cached("SELECT counts FROM hour_total WHERE webhook = ?1 AND hour = ?2")?;
        let mut put = conn.prepare_cached(
            "INSERT INTO hour_total (webhook, hour, counts) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET counts = excluded.counts",
        )?;
        for ((webhook, hour), new) in &self.hours {
            let mut sum = stored(&mut find, *webhook, *hour)?;
            for (total, more) in sum.iter_mut().zip(new) {
                *total = total.saturating_add(*more);
            }
            put.execute(params![webhook, hour, bytes(&sum).as_slice()])?;
        }
        Ok(())
    }

    fn write_webhooks(&self, conn: &Connection) -> Result<()> {
        let mut put = conn.prepare_cached(
            "INSERT INTO webhook_total (webhook, pending, dead, last_success, last_failure, failures_in_a_row)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET
               pending = pending + excluded.pending,
               dead = dead + excluded.dead,
               last_success = max(ifnull(last_success, excluded.last_success),
                                  ifnull(excluded.last_success, last_success)),
               last_failure = max(ifnull(last_failure, excluded.last_failure),
                                  ifnull(excluded.last_failure, last_failure)),
               failures_in_a_row = iif(?7, 0, failures_in_a_row) + excluded.failures_in_a_row",
        )?;
        for (webhook, c) in &self.webhooks {
            put.execute(params![webhook, c.pending, c.dead, c.success, c.failure, c.failures, c.succeeded])?;
        }
        Ok(())
    }
}

/// The totals of an hour from their bytes.
pub(crate) fn hour(hour: i64, bytes: &[u8]) -> Result<HourTotals> {
    let counts = counts(bytes)?;
    let errors = Category::ALL.into_iter().zip(counts[ERRORS_AT..].iter().copied().map(u64::from));
    let mut latency = [0; LATENCIES];
    for (bucket, count) in latency.iter_mut().zip(&counts[2..]) {
        *bucket = u64::from(*count);
    }
    Ok(HourTotals {
        hour,
        delivered: u64::from(counts[0]),
        failed: u64::from(counts[1]),
        errors: errors.filter(|(_, count)| *count > 0).collect(),
        latency,
    })
}

// Bucket `n` holds what took less than 2ⁿ ms; the last one holds the rest too.
fn bucket(micros: u32) -> usize {
    let millis = micros / 1_000;
    ((u32::BITS - millis.leading_zeros()) as usize).min(LATENCIES - 1)
}

fn stored(find: &mut CachedStatement<'_>, webhook: i64, hour: i64) -> Result<[u32; COUNTS]> {
    let found: Option<Vec<u8>> = find.query_row(params![webhook, hour], |row| row.get(0)).optional()?;
    found.map_or(Ok([0; COUNTS]), |bytes| counts(&bytes))
}

fn bytes(counts: &[u32; COUNTS]) -> [u8; COUNTS * 4] {
    let mut bytes = [0; COUNTS * 4];
    for (place, count) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(counts) {
        *place = count.to_le_bytes();
    }
    bytes
}

fn counts(bytes: &[u8]) -> Result<[u32; COUNTS]> {
    let (stored, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() || stored.len() < ERRORS_AT || stored.len() > COUNTS {
        return Err(Fault::damaged("hour_total", "counts of a wrong length"));
    }
    let mut counts = [0; COUNTS];
    for (count, bytes) in counts.iter_mut().zip(stored) {
        *count = u32::from_le_bytes(*bytes);
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_falls_into_the_first_bucket_above_it() {
        for (micros, expected) in [(0, 0), (999, 0), (1_000, 1), (2_000, 2), (3_999, 2), (u32::MAX, 16)] {
            assert_eq!(bucket(micros), expected, "{micros}");
        }
    }

    #[test]
    fn an_hour_written_before_a_category_existed_is_still_read() {
        let mut all = [0; COUNTS];
        all[1] = 3;
        all[ERRORS_AT] = 3;
        let old = &bytes(&all)[..(ERRORS_AT + 1) * 4];
        let read = hour(4, old).unwrap();
        assert_eq!((read.failed, read.errors), (3, vec![(Category::Dns, 3)]));
        assert!(hour(4, &old[1..]).is_err());
    }
}
