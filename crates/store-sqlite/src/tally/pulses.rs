//! What flows through an organisation, by minute and lane.

use std::collections::HashMap;
use std::time::Duration;

use model::{Lane, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use store::{End, Pulse, Sample, WAITS};

use super::packed::{Packer, Unpacker};
use super::{add, bucket, bytes, counts};
use crate::fault::Result;
use crate::rows::lane_number;

// `accepted · delivered · failed · dead-lettered · pending · oldest in ms · 29 waits`.
const ACCEPTED: usize = 0;
const DELIVERED: usize = 1;
const FAILED: usize = 2;
const DEAD: usize = 3;
const PENDING: usize = 4;
const OLDEST: usize = 5;
const WAITS_AT: usize = 6;
const COUNTS: usize = WAITS_AT + WAITS;

/// Sums of one group, by organisation, environment, minute and lane.
#[derive(Default)]
pub(super) struct Pulses(HashMap<(i64, bool, i64, Lane), Minute>);

pub(super) struct Minute([u32; COUNTS]);

impl Minute {
    pub(super) fn accept(&mut self) {
        self.0[ACCEPTED] += 1;
    }

    pub(super) fn call(&mut self, good: bool) {
        self.0[if good { DELIVERED } else { FAILED }] += 1;
    }

    pub(super) fn end(&mut self, end: End, wait: Duration) {
        match end {
            End::Delivered => {
                let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                self.0[WAITS_AT + bucket(millis, WAITS)] += 1;
            }
            End::DeadLettered => self.0[DEAD] += 1,
            End::Cancelled | End::Withheld => {}
        }
    }

    pub(super) fn look(&mut self, sample: &Sample) {
        let narrow = |wide: u64| u32::try_from(wide).unwrap_or(u32::MAX);
        self.0[PENDING] = self.0[PENDING].max(narrow(sample.pending));
        self.0[OLDEST] = self.0[OLDEST].max(narrow(sample.oldest_ms));
    }

    fn join(&mut self, stored: &[u32; COUNTS]) {
        let highest = [PENDING, OLDEST].map(|at| (at, self.0[at].max(stored[at])));
        add(&mut self.0, stored);
        highest.into_iter().for_each(|(at, most)| self.0[at] = most);
    }
}

impl Pulses {
    pub(super) fn at(&mut self, (organisation, test): (i64, bool), lane: Lane, at: Timestamp) -> &mut Minute {
        self.0.entry((organisation, test, at.minute(), lane)).or_insert(Minute([0; COUNTS]))
    }

    pub(super) fn pack(&self, to: &mut Packer) {
        to.natural(self.0.len() as u64);
        for ((organisation, test, minute, lane), counts) in &self.0 {
            to.number(*organisation).natural(u64::from(*test)).number(*minute).lane(*lane).counts(&counts.0);
        }
    }

    pub(super) fn unpack(&mut self, from: &mut Unpacker<'_>) -> Result<()> {
        for _ in 0..from.natural()? {
            let key = (from.number()?, from.natural()? != 0, from.number()?, from.lane()?);
            self.0.entry(key).or_insert(Minute([0; COUNTS])).join(&from.counts()?);
        }
        Ok(())
    }

    pub(super) fn write(&self, conn: &Connection) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut find = conn.prepare_cached(
            "SELECT counts FROM pulse WHERE organisation = ?1 AND test = ?2 AND minute = ?3 AND lane = ?4",
        )?;
        let mut put = conn.prepare_cached(
            "INSERT INTO pulse (organisation, test, minute, lane, counts) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET counts = excluded.counts",
        )?;
        for ((organisation, test, minute, lane), new) in &self.0 {
            let key = params![organisation, test, minute, lane_number(*lane)];
            let stored: Option<Vec<u8>> = find.query_row(key, |row| row.get(0)).optional()?;
            let mut sum = Minute(new.0);
            if let Some(stored) = stored {
                sum.join(&read(&stored)?);
            }
            put.execute(params![organisation, test, minute, lane_number(*lane), bytes(&sum.0)])?;
        }
        Ok(())
    }
}

/// A minute from its bytes.
pub(crate) fn pulse(minute: i64, lane: Lane, bytes: &[u8]) -> Result<Pulse> {
    let counts = read(bytes)?;
    let wide = |at: usize| u64::from(counts[at]);
    let mut pulse = Pulse {
        accepted: wide(ACCEPTED),
        delivered: wide(DELIVERED),
        failed: wide(FAILED),
        dead_lettered: wide(DEAD),
        pending: wide(PENDING),
        oldest_ms: wide(OLDEST),
        ..Pulse::quiet(minute, lane)
    };
    pulse.waits.iter_mut().zip(&counts[WAITS_AT..]).for_each(|(wait, count)| *wait = (*count).into());
    Ok(pulse)
}

fn read(bytes: &[u8]) -> Result<[u32; COUNTS]> {
    counts("pulse", bytes, COUNTS)
}
