//! What commit groups change in the sums: each group adds up in memory and writes one small row,
//! and what stands in these rows is added to the sums about once a second, or before somebody reads.
//!
//! Each file holds one sum, its bytes and its table. Test events have rows of their own (T1).

pub(crate) mod hours; // Attempts of a webhook, by hour, type and lane, and by the minute.
pub(crate) mod pulses; // What flows through an organisation, by minute and lane.
pub(crate) mod piles; // What is owed and what was given up.
pub(crate) mod volumes; // What was accepted, by hour, integration and type.
pub(crate) mod webhooks; // What a webhook is owed now, and how its last attempts went.
mod packed; // The changes of a group in few bytes.

use model::{Attempt, Event, EventType, Id, Lane, Timestamp};
use rusqlite::Connection;
use store::{End, Sample};

use crate::fault::{Fault, Result};
use hours::{Hours, Minutes};
use packed::{Packer, Unpacker};
use piles::Piles;
pub(crate) use piles::Spot;
use pulses::Pulses;
use volumes::Volumes;
use webhooks::Webhooks;

/// Sums of one group.
#[derive(Default)]
pub(crate) struct Tally {
    hours: Hours,
    minutes: Minutes,
    pulses: Pulses,
    piles: Piles,
    volumes: Volumes,
    webhooks: Webhooks,
}

/// What the sums need to know of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) organisation: i64,
    pub(crate) event_type: EventType,
    pub(crate) lane: Lane,
    pub(crate) test: bool,
    /// When it was accepted, or owed again.
    pub(crate) since: Timestamp,
}

impl Tally {
    /// An event was accepted.
    pub(crate) fn accept(&mut self, event: &Event) {
        self.volumes.accept(event);
        self.pulses.at((event.organisation.row(), event.test), event.lane, event.received).accept();
    }

    /// A delivery stands here from now on.
    pub(crate) fn enter(&mut self, spot: Spot) {
        self.piles.change(spot, 1);
        self.webhooks.stand(spot, 1);
    }

    /// A delivery stands here no more.
    pub(crate) fn leave(&mut self, spot: Spot) {
        self.piles.change(spot, -1);
        self.webhooks.stand(spot, -1);
    }

    /// A call was made.
    pub(crate) fn call(&mut self, attempt: &Attempt, kind: &Kind) {
        self.hours.call(attempt, kind);
        self.minutes.call(attempt, kind);
        self.webhooks.call(attempt, kind.test);
        self.pulses
            .at((kind.organisation, kind.test), kind.lane, attempt.began)
            .call(attempt.error.is_none());
    }

    /// A delivery came to its end.
    pub(crate) fn end(&mut self, kind: &Kind, end: End, at: Timestamp) {
        self.pulses.at((kind.organisation, kind.test), kind.lane, at).end(end, at.since(kind.since));
    }

    /// Somebody looked at what is owed.
    pub(crate) fn look(&mut self, sample: &Sample) {
        self.pulses.at((sample.organisation.row(), sample.test), sample.lane, sample.at).look(sample);
    }

    /// By how much the number of unfinished deliveries changes.
    pub(crate) fn unfinished(&self) -> i64 {
        self.webhooks.unfinished()
    }

    /// Puts what changed beside the sums; tells whether there was anything.
    pub(crate) fn put_aside(&self, conn: &Connection) -> Result<bool> {
        let bytes = self.pack();
        // Every sum begins with how many it has.
        let is_any = bytes.iter().any(|byte| *byte != 0);
        if is_any {
            conn.prepare_cached("INSERT INTO sums_behind (changes) VALUES (?1)")?.execute([bytes])?;
        }
        Ok(is_any)
    }

    fn pack(&self) -> Vec<u8> {
        let mut to = Packer::default();
        self.webhooks.pack(&mut to);
        self.piles.pack(&mut to);
        self.hours.pack(&mut to);
        self.minutes.pack(&mut to);
        self.volumes.pack(&mut to);
        self.pulses.pack(&mut to);
        to.into_bytes()
    }

    /// Adds what a later group changed.
    fn unpack(&mut self, bytes: &[u8]) -> Result<()> {
        let mut from = Unpacker::of(bytes);
        self.webhooks.unpack(&mut from)?;
        self.piles.unpack(&mut from)?;
        self.hours.unpack(&mut from)?;
        self.minutes.unpack(&mut from)?;
        self.volumes.unpack(&mut from)?;
        self.pulses.unpack(&mut from)?;
        if from.is_over() { Ok(()) } else { Err(Fault::damaged("sums_behind", "more than a group writes")) }
    }

    fn write(&self, conn: &Connection) -> Result<()> {
        self.webhooks.write(conn)?;
        self.piles.write(conn)?;
        self.hours.write(conn)?;
        self.minutes.write(conn)?;
        self.volumes.write(conn)?;
        self.pulses.write(conn)
    }
}

/// Adds to the sums what stands beside them, and then what changed `last`.
pub(crate) fn add_up(conn: &Connection, last: &Tally) -> Result<()> {
    let mut all = Tally::default();
    {
        let mut find = conn.prepare_cached("SELECT changes FROM sums_behind ORDER BY number")?;
        let mut rows = find.query([])?;
        while let Some(row) = rows.next()? {
            all.unpack(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?;
        }
    }
    all.unpack(&last.pack())?;
    conn.prepare_cached("DELETE FROM sums_behind")?.execute([])?;
    all.write(conn)
}

// Bucket `n` holds what took less than 2ⁿ ms; the last one holds the rest too.
fn bucket(millis: u64, buckets: usize) -> usize {
    ((u64::BITS - millis.leading_zeros()) as usize).min(buckets - 1)
}

fn bytes(counts: &[u32]) -> Vec<u8> {
    counts.iter().flat_map(|count| count.to_le_bytes()).collect()
}

/// Counts from their bytes: 32 bits little-endian each; a list that has grown since is read with zeros.
fn counts<const N: usize>(table: &'static str, bytes: &[u8], least: usize) -> Result<[u32; N]> {
    let (stored, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() || stored.len() < least || stored.len() > N {
        return Err(Fault::damaged(table, "counts of a wrong length"));
    }
    let mut counts = [0; N];
    for (count, bytes) in counts.iter_mut().zip(stored) {
        *count = u32::from_le_bytes(*bytes);
    }
    Ok(counts)
}

/// Adds counts, and stays at the most that can be told.
fn add(sum: &mut [u32], more: &[u32]) {
    sum.iter_mut().zip(more).for_each(|(total, more)| *total = total.saturating_add(*more));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_falls_into_the_first_bucket_above_it() {
        for (millis, expected) in [(0, 0), (1, 1), (2, 2), (3, 2), (u64::MAX, 16)] {
            assert_eq!(bucket(millis, 17), expected, "{millis}");
        }
    }
}
