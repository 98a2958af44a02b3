//! Deliveries that are owed again, and the redrives that ask for it.

use model::{DeliveryId, Id};
use rusqlite::{OptionalExtension, params};
use store::{Redrive, RedriveState};

use super::found::find;
use super::group::Group;
use crate::fault::{Fault, Result};
use crate::rows::{DEAD, DELIVERED, WAITING};
use crate::tally::Spot;

/// Has a delivery sent now: a dead letter and a delivered one are owed again, one that
/// waits is due, whether on disk or in the sender's memory.
pub(super) fn revive(group: &mut Group<'_>, delivery: DeliveryId) -> Result<()> {
    let Some(id) = group.row(delivery) else { return Ok(()) };
    let revived = match find(group, id)? {
        None => revive_from_log(group, id)?,
        Some(found) if found.state == DEAD => {
            ready(group, id, true)?;
            group.tally.leave(found.spot());
            group.tally.enter(found.owed_anew(group.now));
            group.spill(found.webhook, found.lane, 1);
            true
        }
        Some(found) if found.state == WAITING && found.epoch == 0 => {
            ready(group, id, false)?;
            group.spill(found.webhook, found.lane, 1);
            true
        }
        Some(found) if found.epoch != 0 => hasten(group, delivery, found.state == WAITING)?,
        Some(_) => false,
    };
    if revived {
        group.desk.digest.part(b'V').number(id).number(group.now.millis());
    }
    Ok(())
}

// Attempts go on counting, but the horizon begins anew for what was given up.
fn ready(group: &Group<'_>, id: i64, anew: bool) -> Result<()> {
    let mut put = group.conn.prepare_cached(
        "UPDATE delivery SET state = 0, epoch = 0, due = NULL, ended = NULL, held = NULL,
                             owed_since = iif(?3, ?2, owed_since)
         WHERE id = ?1",
    )?;
    put.execute(params![id, group.now.millis(), anew])?;
    Ok(())
}

// The holder may not have told yet that the delivery waits: it knows for itself.
fn hasten(group: &mut Group<'_>, delivery: DeliveryId, waits: bool) -> Result<bool> {
    if waits {
        let mut put = group.conn.prepare_cached("UPDATE delivery SET due = ?2 WHERE id = ?1")?;
        put.execute([delivery.row(), group.now.millis()])?;
    }
    group.news.hastened.push(delivery);
    Ok(waits)
}

fn revive_from_log(group: &mut Group<'_>, id: i64) -> Result<bool> {
    let found: Option<(i64, bool, u8)> = group
        .conn
        .prepare_cached("SELECT webhook, test, lane FROM delivery_log WHERE id = ?1 AND state = ?2")?
        .query_row([id, DELIVERED], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((webhook, test, lane)) = found else { return Ok(false) };
    let lane =
        model::Lane::at(lane.into()).ok_or_else(|| Fault::damaged("delivery_log", format!("lane {lane}")))?;
    let mut back = group.conn.prepare_cached(
        "INSERT INTO delivery (id, event, organisation, type, webhook, lane, state, epoch, attempts, accepted,
                               test, seq, order_key, owed_since, error)
         SELECT id, event, organisation, type, webhook, lane, 0, 0, attempts, accepted,
                test, seq, order_key, ?2, error
         FROM delivery_log WHERE id = ?1",
    )?;
    back.execute(params![id, group.now.millis()])?;
    group.conn.prepare_cached("DELETE FROM delivery_log WHERE id = ?1")?.execute([id])?;
    group.tally.enter(Spot::owed((webhook, test), lane, group.now));
    group.spill(webhook, lane, 1);
    Ok(true)
}

/// Makes a redrive, or moves it on.
pub(super) fn put_redrive(group: &mut Group<'_>, redrive: &Redrive) -> Result<()> {
    let filter = serde_json::to_string(&redrive.filter)
        .map_err(|error| Fault::damaged("redrive", error.to_string()))?;
    let state = match redrive.state {
        RedriveState::Running => 0,
        RedriveState::Done => 1,
        RedriveState::Cancelled => 2,
    };
    // A page that was under way when a person stopped the redrive does not start it again.
    let mut put = group.conn.prepare_cached(
        "INSERT INTO redrive (id, organisation, filter, planned, state, revived, cursor, created, fresh, per_second)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT DO UPDATE SET
           state = max(state, excluded.state), revived = max(revived, excluded.revived),
           cursor = max(cursor, excluded.cursor)",
    )?;
    put.execute(params![
        redrive.id.row(),
        redrive.organisation.row(),
        filter,
        redrive.planned.cast_signed(),
        state,
        redrive.progress.revived.cast_signed(),
        redrive.progress.cursor,
        redrive.created.millis(),
        redrive.fresh,
        redrive.per_second,
    ])?;
    group.desk.digest.part(b'P').number(redrive.id.row()).number(state).number(redrive.progress.cursor);
    Ok(())
}
