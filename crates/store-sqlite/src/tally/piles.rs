//! What is owed and what was given up, by webhook, lane, error and time; tests apart.

use std::collections::HashMap;

use model::{Category, Lane, Timestamp};
use rusqlite::{Connection, params};
use store::Stands;

use super::packed::{Packer, Unpacker};
use crate::fault::{Fault, Result};
use crate::rows::lane_number;

/// Where a delivery stands, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Spot {
    pub(crate) webhook: i64,
    test: bool,
    lane: i64,
    error: i64,
    since: i64,
}

impl Spot {
    /// Owed since a time, to a webhook, of a test event or not.
    pub(crate) fn owed(whose: (i64, bool), lane: Lane, since: Timestamp) -> Self {
        Spot::of(whose, lane, Stands::Owed, since)
    }

    /// Given up at a time.
    pub(crate) fn dead(whose: (i64, bool), lane: Lane, error: Option<Category>, at: Timestamp) -> Self {
        Spot::of(whose, lane, Stands::Dead(error), at)
    }

    fn of((webhook, test): (i64, bool), lane: Lane, place: Stands, at: Timestamp) -> Self {
        let error = match place {
            Stands::Owed => OWED,
            Stands::Dead(error) => error.map_or(UNKNOWN, |error| error as i64),
        };
        Spot {
            webhook,
            test,
            lane: lane_number(lane),
            error,
            since: at.millis().div_euclid(place.step()) * place.step(),
        }
    }

    /// The same in another lane.
    pub(crate) fn in_lane(self, lane: Lane) -> Self {
        Spot { lane: lane_number(lane), ..self }
    }

    pub(super) fn is_owed(self) -> bool {
        self.error == OWED
    }
}

/// The place behind a number.
pub(crate) fn place(number: i64) -> Result<Stands> {
    match number {
        OWED => Ok(Stands::Owed),
        UNKNOWN => Ok(Stands::Dead(None)),
        error => {
            let category = u8::try_from(error).ok().and_then(Category::numbered);
            let category = category.ok_or_else(|| Fault::damaged("pile", format!("error {error}")))?;
            Ok(Stands::Dead(Some(category)))
        }
    }
}

const OWED: i64 = 0;
const UNKNOWN: i64 = 255;

/// Counts anew what is owed: for a start that moved deliveries to other lanes.
pub(crate) fn recount(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute("DELETE FROM pile WHERE error = ?1", [OWED])?;
    conn.execute(
        "INSERT INTO pile (webhook, test, lane, error, since, count)
         SELECT webhook, test, lane, ?1, ifnull(owed_since, accepted) / ?2 * ?2, count(*)
         FROM delivery WHERE state IN (0, 1, 2) GROUP BY 1, 2, 3, 5",
        [OWED, Stands::Owed.step()],
    )?;
    Ok(())
}

/// Changes of one group.
#[derive(Default)]
pub(super) struct Piles(HashMap<Spot, i64>);

impl Piles {
    pub(super) fn change(&mut self, spot: Spot, by: i64) {
        *self.0.entry(spot).or_default() += by;
    }

    pub(super) fn pack(&self, to: &mut Packer) {
        // What came and went in one group has left no trace.
        let changed = || self.0.iter().filter(|(_, by)| **by != 0);
        to.natural(changed().count() as u64);
        for (spot, by) in changed() {
            to.number(spot.webhook).number(spot.test.into()).number(spot.lane).number(spot.error);
            to.number(spot.since).number(*by);
        }
    }

    pub(super) fn unpack(&mut self, from: &mut Unpacker<'_>) -> Result<()> {
        for _ in 0..from.natural()? {
            let (webhook, test) = (from.number()?, from.number()? != 0);
            let (lane, error) = (from.number()?, from.number()?);
            let spot = Spot { webhook, test, lane, error, since: from.number()? };
            self.change(spot, from.number()?);
        }
        Ok(())
    }

    pub(super) fn write(&self, conn: &Connection) -> Result<()> {
        let mut put = conn.prepare_cached(
            "INSERT INTO pile (webhook, test, lane, error, since, count) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET count = count + excluded.count",
        )?;
        let mut cut = conn.prepare_cached(
            "DELETE FROM pile
             WHERE webhook = ?1 AND test = ?2 AND lane = ?3 AND error = ?4 AND since = ?5 AND count = 0",
        )?;
        for (spot, by) in self.0.iter().filter(|(_, by)| **by != 0) {
            put.execute(params![spot.webhook, spot.test, spot.lane, spot.error, spot.since, by])?;
            if *by < 0 {
                cut.execute(params![spot.webhook, spot.test, spot.lane, spot.error, spot.since])?;
            }
        }
        Ok(())
    }
}
