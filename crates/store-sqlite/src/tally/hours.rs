//! Attempts of a webhook, by hour, event type and lane, and by the minute.

use std::collections::HashMap;

use model::{Attempt, Category, EventType, Id, Lane};
use rusqlite::{Connection, OptionalExtension, params};
use store::HourTotals;

use super::packed::{Packer, Unpacker};
use super::{Kind, add, bucket, bytes, counts};
use crate::fault::Result;
use crate::rows::lane_number;

const LATENCIES: usize = 17;
const STATUSES: usize = 6;
// `delivered · failed · 17 latencies · 6 classes of status · categories`;
// categories come last because their list grows.
const STATUSES_AT: usize = 2 + LATENCIES;
const ERRORS_AT: usize = STATUSES_AT + STATUSES;
const COUNTS: usize = ERRORS_AT + Category::ALL.len();

/// Sums of one group, by webhook, environment, hour, event type and lane.
#[derive(Default)]
pub(super) struct Hours(HashMap<(i64, bool, i64, EventType, Lane), Counts>);

/// Sums of one group, by minute, webhook and environment.
#[derive(Default)]
pub(super) struct Minutes(HashMap<(i64, i64, bool), Counts>);

type Counts = [u32; COUNTS];

fn count(counts: &mut Counts, attempt: &Attempt) {
    counts[2 + bucket(u64::from(attempt.timings.total / 1_000), LATENCIES)] += 1;
    counts[STATUSES_AT + HourTotals::class(attempt.status)] += 1;
    match attempt.error {
        None => counts[0] += 1,
        Some(category) => {
            counts[1] += 1;
            counts[ERRORS_AT + category as usize - 1] += 1;
        }
    }
}

impl Minutes {
    pub(super) fn call(&mut self, attempt: &Attempt, kind: &Kind) {
        let key = (attempt.began.minute(), attempt.webhook.row(), kind.test);
        count(self.0.entry(key).or_insert([0; COUNTS]), attempt);
    }

    pub(super) fn pack(&self, to: &mut Packer) {
        to.natural(self.0.len() as u64);
        for ((minute, webhook, test), counts) in &self.0 {
            to.number(*minute).number(*webhook).natural(u64::from(*test)).counts(counts);
        }
    }

    pub(super) fn unpack(&mut self, from: &mut Unpacker<'_>) -> Result<()> {
        for _ in 0..from.natural()? {
            let key = (from.number()?, from.number()?, from.natural()? != 0);
            add(self.0.entry(key).or_insert([0; COUNTS]), &from.counts::<COUNTS>()?);
        }
        Ok(())
    }

    pub(super) fn write(&self, conn: &Connection) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut find = conn.prepare_cached(
            "SELECT counts FROM minute_total WHERE minute = ?1 AND webhook = ?2 AND test = ?3",
        )?;
        let mut put = conn.prepare_cached(
            "INSERT INTO minute_total (minute, webhook, test, counts) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET counts = excluded.counts",
        )?;
        for ((minute, webhook, test), new) in &self.0 {
            let key = params![minute, webhook, test];
            let stored: Option<Vec<u8>> = find.query_row(key, |row| row.get(0)).optional()?;
            put.execute(params![minute, webhook, test, bytes(&joined(stored, new)?)])?;
        }
        Ok(())
    }
}

fn joined(stored: Option<Vec<u8>>, new: &Counts) -> Result<Counts> {
    let mut sum = stored.map_or(Ok([0; COUNTS]), |stored| read(&stored))?;
    add(&mut sum, new);
    Ok(sum)
}

impl Hours {
    pub(super) fn call(&mut self, attempt: &Attempt, kind: &Kind) {
        let Kind { event_type, lane, test, .. } = kind;
        let key = (attempt.webhook.row(), *test, attempt.began.hour(), event_type.clone(), *lane);
        count(self.0.entry(key).or_insert([0; COUNTS]), attempt);
    }

    pub(super) fn pack(&self, to: &mut Packer) {
        to.natural(self.0.len() as u64);
        for ((webhook, test, hour, event_type, lane), counts) in &self.0 {
            to.number(*webhook).natural(u64::from(*test)).number(*hour);
            to.text(event_type.as_str()).lane(*lane).counts(counts);
        }
    }

    pub(super) fn unpack(&mut self, from: &mut Unpacker<'_>) -> Result<()> {
        for _ in 0..from.natural()? {
            let (webhook, test, hour) = (from.number()?, from.natural()? != 0, from.number()?);
            let key = (webhook, test, hour, EventType::from(from.text()?), from.lane()?);
            add(self.0.entry(key).or_insert([0; COUNTS]), &from.counts::<COUNTS>()?);
        }
        Ok(())
    }

    pub(super) fn write(&self, conn: &Connection) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut find = conn.prepare_cached(
            "SELECT counts FROM hour_total
             WHERE webhook = ?1 AND test = ?2 AND hour = ?3 AND type = ?4 AND lane = ?5",
        )?;
        let mut put = conn.prepare_cached(
            "INSERT INTO hour_total (webhook, test, hour, type, lane, counts) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET counts = excluded.counts",
        )?;
        for ((webhook, test, hour, event_type, lane), new) in &self.0 {
            let (name, lane) = (event_type.as_str(), lane_number(*lane));
            let key = params![webhook, test, hour, name, lane];
            let stored: Option<Vec<u8>> = find.query_row(key, |row| row.get(0)).optional()?;
            put.execute(params![webhook, test, hour, name, lane, bytes(&joined(stored, new)?)])?;
        }
        Ok(())
    }
}

/// The totals of an hour from their bytes.
pub(crate) fn totals(hour: i64, bytes: &[u8]) -> Result<HourTotals> {
    let counts = read(bytes)?;
    let wide = |at: usize| counts.iter().skip(at).copied().map(u64::from);
    let mut totals =
        HourTotals { hour, delivered: counts[0].into(), failed: counts[1].into(), ..HourTotals::default() };
    totals.latency.iter_mut().zip(wide(2)).for_each(|(bucket, count)| *bucket = count);
    totals.statuses.iter_mut().zip(wide(STATUSES_AT)).for_each(|(class, count)| *class = count);
    let errors = Category::ALL.into_iter().zip(wide(ERRORS_AT));
    totals.errors = errors.filter(|(_, count)| *count > 0).collect();
    Ok(totals)
}

fn read(bytes: &[u8]) -> Result<[u32; COUNTS]> {
    counts("hour_total", bytes, ERRORS_AT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_written_before_a_category_existed_is_still_read() {
        let mut all = [0; COUNTS];
        all[1] = 3;
        all[ERRORS_AT] = 3;
        let old = &bytes(&all)[..(ERRORS_AT + 1) * 4];
        let read = totals(4, old).unwrap();
        assert_eq!((read.failed, read.errors), (3, vec![(Category::Dns, 3)]));
        assert!(totals(4, &old[1..]).is_err());
    }
}
