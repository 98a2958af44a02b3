//! Deliveries that follow another: held until it has ended, however far apart their lanes are (N5).
//!
//! The one that is followed is raised to the most urgent lane of its followers:
//! at once where it rests on disk, and where the sender has it, when it comes back.

use model::{Id, Lane, OrderKey};
use rusqlite::{OptionalExtension, params};
use store::{NewDelivery, Recall};

use super::found::{Found, find};
use super::group::Group;
use super::{merges, orders};
use crate::fault::{Fault, Result};
use crate::rows::{HELD, READY, WAITING, lane_number};

/// The delivery that a new one must not overtake, with its lane, if there is one.
///
/// Who comes into a line in which one waits for its original waits for that one,
/// and who comes after a merge waits for what is still owed under the other identifier.
pub(super) fn before(
    group: &mut Group<'_>,
    new: &NewDelivery,
    order: Option<OrderKey>,
) -> Result<Option<(i64, Lane)>> {
    if let Some(id) = new.follows.and_then(|id| group.row(id))
        && let Some(found) = find(group, id)?.filter(is_owed)
    {
        return Ok(Some((id, found.lane)));
    }
    let Some(order) = order else { return Ok(None) };
    let before = match last_following(group, new, order)? {
        None => last_of_merged(group, new, order)?,
        found => found,
    };
    Ok(before.map(|id| (id, new.lane)))
}

fn is_owed(found: &Found) -> bool {
    matches!(found.state, READY | WAITING | HELD)
}

fn last_following(group: &Group<'_>, new: &NewDelivery, order: OrderKey) -> Result<Option<i64>> {
    if !group.desk.has_followers {
        return Ok(None);
    }
    let mut last = group.conn.prepare_cached(
        "SELECT max(id) FROM delivery INDEXED BY delivery_follows
         WHERE follows IS NOT NULL AND webhook = ?1 AND lane = ?2 AND order_key = ?3",
    )?;
    Ok(last.query_row(params![new.webhook.row(), lane_number(new.lane), order.0], |row| row.get(0))?)
}

fn last_of_merged(group: &Group<'_>, new: &NewDelivery, order: OrderKey) -> Result<Option<i64>> {
    let mut last = group.conn.prepare_cached(
        "SELECT max(id) FROM delivery
         WHERE webhook = ?1 AND lane = ?2 AND order_key = ?3 AND state IN (0, 1, 2)",
    )?;
    let mut found = None;
    for former in merges::into(group, order)? {
        let of_key = params![new.webhook.row(), lane_number(new.lane), former.0];
        found = found.max(last.query_row(of_key, |row| row.get(0))?);
    }
    Ok(found)
}

/// Raises a delivery, and those that it follows itself, to the lane of one that follows it.
pub(super) fn urge(group: &mut Group<'_>, id: i64, lane: Lane) -> Result<()> {
    let mut next = Some(id);
    while let Some(id) = next {
        let Some(found) = find(group, id)?.filter(is_owed) else { return Ok(()) };
        // Nobody is less urgent than whoever follows: what is before this one was raised with it.
        if found.lane <= lane {
            return Ok(());
        }
        next = found.follows;
        if found.epoch == 0 {
            raise(group, id, &found, lane)?;
        } else {
            let recall =
                Recall { delivery: group.id(id), webhook: group.id(found.webhook), attempts: found.attempts };
            group.news.recalled.push(recall);
        }
    }
    Ok(())
}

/// Moves a delivery to a more urgent lane, on disk and due. It leaves the line it stood in.
pub(super) fn raise(group: &mut Group<'_>, id: i64, found: &Found, lane: Lane) -> Result<()> {
    let state = if found.follows.is_some() { HELD } else { READY };
    let mut put = group.conn.prepare_cached(
        "UPDATE delivery SET lane = ?2, state = ?3, order_key = NULL, epoch = 0, due = NULL, held = NULL
         WHERE id = ?1",
    )?;
    put.execute(params![id, lane_number(lane), state])?;
    group.tally.leave(found.spot());
    group.tally.enter(found.spot().in_lane(lane));
    if state == READY {
        group.spill(found.webhook, lane, 1);
    }
    group.desk.digest.part(b'L').number(id).number(lane_number(lane));
    orders::note_end(group, found)
}

/// The most urgent lane of those that follow a delivery, if it is more urgent than `own`.
pub(super) fn urgency(group: &Group<'_>, id: i64, own: Lane) -> Result<Option<Lane>> {
    if !group.desk.has_followers {
        return Ok(None);
    }
    let mut find = group
        .conn
        .prepare_cached("SELECT min(lane) FROM delivery INDEXED BY delivery_follows WHERE follows = ?1")?;
    let found: Option<u8> = find.query_row([id], |row| row.get(0))?;
    Ok(found.map(lane_at).transpose()?.filter(|lane| *lane < own))
}

/// A delivery ended: those that followed it are due, or follow what it followed.
pub(super) fn let_go(group: &mut Group<'_>, id: i64, found: &Found) -> Result<()> {
    if !group.desk.has_followers {
        return Ok(());
    }
    if let Some(before) = found.follows {
        let mut put = group.conn.prepare_cached("UPDATE delivery SET follows = ?2 WHERE follows = ?1")?;
        put.execute([id, before])?;
        return Ok(());
    }
    let lanes: Vec<u8> = {
        let mut find = group
            .conn
            .prepare_cached("SELECT lane FROM delivery INDEXED BY delivery_follows WHERE follows = ?1")?;
        find.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?
    };
    if lanes.is_empty() {
        return Ok(());
    }
    let mut put =
        group.conn.prepare_cached("UPDATE delivery SET state = 0, follows = NULL WHERE follows = ?1")?;
    put.execute([id])?;
    for lane in lanes {
        group.spill(found.webhook, lane_at(lane)?, 1);
    }
    group.desk.digest.part(b'G').number(id);
    Ok(())
}

fn lane_at(number: u8) -> Result<Lane> {
    Lane::at(number.into()).ok_or_else(|| Fault::damaged("delivery", format!("lane {number}")))
}

/// Whether anything follows anything.
pub(crate) fn are_there(conn: &rusqlite::Connection) -> Result<bool> {
    let found = conn.query_row(
        "SELECT 1 FROM delivery INDEXED BY delivery_follows WHERE follows IS NOT NULL LIMIT 1",
        [],
        |_| Ok(()),
    );
    Ok(found.optional()?.is_some())
}

/// At a start: what was on its way back to be raised is raised, and nothing is held by what has gone.
/// Tells whether any was raised.
pub(crate) fn take_over(conn: &rusqlite::Connection) -> rusqlite::Result<bool> {
    let mut raised = false;
    // A chain is raised from its end to its beginning, one link at a time.
    while 0 < conn.execute(
        "UPDATE delivery SET
               lane = (SELECT min(lane) FROM delivery AS f WHERE f.follows = delivery.id),
               order_key = NULL, due = NULL, held = NULL, state = iif(follows IS NULL, 0, 2)
             WHERE state IN (0, 1, 2)
               AND id IN (SELECT follows FROM delivery WHERE follows IS NOT NULL)
               AND lane > (SELECT min(lane) FROM delivery AS f WHERE f.follows = delivery.id)",
        [],
    )? {
        raised = true;
    }
    conn.execute(
        "UPDATE delivery SET state = 0, follows = NULL
         WHERE follows IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM delivery AS first WHERE first.id = delivery.follows AND first.state IN (0, 1, 2))",
        [],
    )?;
    Ok(raised)
}
