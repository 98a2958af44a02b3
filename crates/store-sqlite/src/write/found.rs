//! A delivery as its row says it is.

use model::{Category, Lane, OrderKey, Timestamp};

use super::group::Group;
use crate::fault::Result;
use crate::rows::{Columns, DEAD};
use crate::tally::{Kind, Spot};

/// A row of the queue.
pub(super) struct Found {
    pub(super) webhook: i64,
    pub(super) lane: Lane,
    pub(super) state: i64,
    pub(super) epoch: i64,
    pub(super) attempts: u16,
    pub(super) order: Option<OrderKey>,
    /// The delivery that must end first.
    pub(super) follows: Option<i64>,
    pub(super) kind: Kind,
    pub(super) ended: Option<Timestamp>,
    pub(super) error: Option<Category>,
    pub(super) rendered: bool,
    pub(super) event: i64,
    pub(super) accepted: i64,
    pub(super) seq: i64,
}

impl Found {
    /// Where it stands in the sums.
    pub(super) fn spot(&self) -> Spot {
        if self.state == DEAD {
            return self.dead_spot(self.error, self.ended.unwrap_or_default());
        }
        self.owed_anew(self.kind.since)
    }

    /// Where it stands once it is owed since a time.
    pub(super) fn owed_anew(&self, since: Timestamp) -> Spot {
        Spot::owed((self.webhook, self.kind.test), self.lane, since)
    }

    pub(super) fn dead_spot(&self, error: Option<Category>, at: Timestamp) -> Spot {
        Spot::dead((self.webhook, self.kind.test), self.lane, error, at)
    }
}

/// A row of the queue.
pub(super) fn find(group: &mut Group<'_>, id: i64) -> Result<Option<Found>> {
    let tag = group.desk.who.tag;
    let mut rows = group.hot.find_delivery.query([id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let mut columns = Columns::of(row, "delivery", tag);
    let (webhook, lane) = (columns.value()?, columns.lane()?);
    Ok(Some(Found {
        webhook,
        lane,
        state: columns.value()?,
        epoch: columns.value()?,
        attempts: columns.number()?,
        order: columns.hmac()?.map(OrderKey),
        rendered: columns.value::<Option<bool>>()?.unwrap_or(false),
        kind: Kind {
            organisation: columns.value()?,
            event_type: columns.name()?,
            lane,
            test: columns.value()?,
            since: columns.time()?,
        },
        follows: columns.value()?,
        ended: columns.time_if_any()?,
        error: columns.category()?,
        event: columns.value()?,
        accepted: columns.value()?,
        seq: columns.value()?,
    }))
}
