//! Who waits for whom.
//!
//! The head of an order key is ready, in memory, or waits for a retry; the
//! others behind it may be held here. Each end of a head makes everything held
//! behind it due, once the whole group is written, so that nothing can be held
//! behind a head that has gone in the same commit.

use std::collections::HashSet;

use model::{Id, Lane, OrderKey};
use rusqlite::{OptionalExtension, params};

use super::found::Found;
use super::group::Group;
use crate::fault::Result;
use crate::rows::{HELD, READY, WAITING, lane_number};

impl Group<'_> {
    /// Makes due what was held behind heads that ended in this group.
    pub(super) fn release_ended(&mut self) -> Result<()> {
        let keys: HashSet<_> = self.news.ended.iter().copied().collect();
        for key in keys {
            let mut release = self.conn.prepare_cached(
                "UPDATE delivery SET state = 0
                 WHERE webhook = ?1 AND lane = ?2 AND order_key = ?3 AND state = 2 AND follows IS NULL",
            )?;
            let webhook = key.webhook.row();
            let count = release.execute(params![webhook, lane_number(key.lane), key.order.0])?;
            if count > 0 {
                self.desk.digest.part(b'F').number(webhook).bytes(&key.order.0).number(count as i64);
                self.spill(webhook, key.lane, count as u64);
            }
        }
        Ok(())
    }
}

/// Whether something of this key, other than `except`, is ready, in memory or waiting.
pub(super) fn is_blocked(
    group: &Group<'_>,
    webhook: i64,
    lane: Lane,
    order: OrderKey,
    except: i64,
) -> Result<bool> {
    let mut find = group.conn.prepare_cached(
        "SELECT 1 FROM delivery
         WHERE webhook = ?1 AND lane = ?2 AND order_key = ?3 AND state IN (0, 1) AND id <> ?4 LIMIT 1",
    )?;
    Ok(find.exists(params![webhook, lane_number(lane), order.0, except])?)
}

/// Notes that a delivery is no longer owed, if others may have waited for it.
pub(super) fn note_end(group: &mut Group<'_>, found: &Found) -> Result<()> {
    let Some(order) = found.order else { return Ok(()) };
    let was_head = match found.state {
        READY | WAITING if found.epoch != 0 => true,
        WAITING => true,
        READY => !is_waiting(group, found, order)?,
        HELD => false,
        _ => false,
    };
    if was_head {
        group.head_ended(found.webhook, found.lane, order);
    }
    Ok(())
}

fn is_waiting(group: &Group<'_>, found: &Found, order: OrderKey) -> Result<bool> {
    let mut find = group.conn.prepare_cached(
        "SELECT 1 FROM delivery WHERE webhook = ?1 AND lane = ?2 AND order_key = ?3 AND state = 1 LIMIT 1",
    )?;
    let waiting =
        find.query_row(params![found.webhook, lane_number(found.lane), order.0], |_| Ok(())).optional()?;
    Ok(waiting.is_some())
}
