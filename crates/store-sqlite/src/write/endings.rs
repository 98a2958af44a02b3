//! Deliveries that leave the sender: settled, to be tried again, or given back.

use model::{Category, DeliveryId, HoldReason, Sealed, Timestamp};
use rusqlite::params;
use store::{End, Hold, Reschedule, Settled};

use super::found::{Found, find};
use super::group::Group;
use super::{followers, orders};
use crate::fault::Result;
use crate::rows::{CANCELLED, DEAD, DELIVERED, HELD, READY, WITHHELD, hold_number, lane_number};
use crate::tally::Kind;

/// How a delivery came to its end.
pub(crate) struct Ended {
    pub(crate) end: End,
    pub(crate) at: Timestamp,
    /// Attempts and the last error, if they are known better than the row does.
    pub(crate) brought: Option<(u16, Option<Category>)>,
}

/// Ends a delivery that our epoch holds and tells what it was; none if it is fenced.
pub(super) fn settle(group: &mut Group<'_>, settled: &Settled) -> Result<Option<Kind>> {
    let Some((id, found)) = held_by(group, settled.delivery, settled.epoch)? else { return Ok(None) };
    let brought = Some((settled.attempts, settled.error));
    let rendered = settled.rendered.as_ref().filter(|_| settled.end == End::DeadLettered);
    if let Some(sealed) = rendered {
        keep_rendered(group, id, sealed)?;
    }
    end(group, id, &found, &Ended { end: settled.end, at: settled.at, brought })?;
    Ok(Some(found.kind))
}

/// Puts a delivery off and tells what it is; none if it is fenced.
pub(super) fn reschedule(group: &mut Group<'_>, again: &Reschedule) -> Result<Option<Kind>> {
    let Some((id, found)) = held_by(group, again.delivery, again.epoch)? else { return Ok(None) };
    if let Some(sealed) = &again.rendered {
        keep_rendered(group, id, sealed)?;
    }
    let epoch = if again.keep { found.epoch } else { 0 };
    let mut put = group.conn.prepare_cached(
        "UPDATE delivery SET state = 1, epoch = ?2, due = ?3, attempts = ?4, error = ?5, held = NULL WHERE id = ?1",
    )?;
    let error = again.error.map(|error| error as u8);
    put.execute(params![id, epoch, again.due.millis(), again.attempts, error])?;
    let digest = group.desk.digest.part(b'W').number(id).number(again.due.millis());
    digest.number(again.attempts.into());
    match followers::urgency(group, id, found.lane)? {
        Some(lane) if again.keep => followers::urge(group, id, lane)?,
        Some(lane) => followers::raise(group, id, &found, lane)?,
        None => {}
    }
    Ok(Some(found.kind))
}

/// Takes a delivery back to disk; false if it is fenced.
pub(super) fn hold(group: &mut Group<'_>, hold: &Hold) -> Result<bool> {
    let Some((id, found)) = held_by(group, hold.delivery, hold.epoch)? else { return Ok(false) };
    if let Some(lane) = followers::urgency(group, id, found.lane)? {
        followers::raise(group, id, &found, lane)?;
        return Ok(true);
    }
    let behind = match (hold.reason, found.order) {
        (HoldReason::Ordering, Some(order)) => {
            orders::is_blocked(group, found.webhook, found.lane, order, id)?
        }
        _ => false,
    };
    let reason = (hold.reason != HoldReason::Ordering).then(|| hold_number(hold.reason));
    let state = if behind { HELD } else { READY };
    let mut put = group
        .conn
        .prepare_cached("UPDATE delivery SET state = ?2, epoch = 0, held = ?3, due = NULL WHERE id = ?1")?;
    put.execute(params![id, state, reason])?;
    if !behind {
        group.spill(found.webhook, found.lane, 1);
    }
    group.desk.digest.part(b'H').number(id).number(state);
    Ok(true)
}

/// Ends a delivery by somebody's word, and tells whoever holds it; false if there is nothing to end.
pub(crate) fn end_by_hand(
    group: &mut Group<'_>,
    delivery: DeliveryId,
    how: End,
    at: Timestamp,
) -> Result<bool> {
    let Some(id) = group.row(delivery) else { return Ok(false) };
    let Some(found) = find(group, id)? else { return Ok(false) };
    if found.state == DEAD && how == End::DeadLettered {
        return Ok(false);
    }
    if found.epoch != 0 {
        group.news.withdrawn.push(delivery);
    }
    end(group, id, &found, &Ended { end: how, at, brought: None })?;
    Ok(true)
}

fn end(group: &mut Group<'_>, id: i64, found: &Found, ended: &Ended) -> Result<()> {
    group.tally.leave(found.spot());
    group.tally.end(&found.kind, ended.end, ended.at);
    let logged = match ended.end {
        End::DeadLettered => {
            bury(group, id, ended)?;
            let error = ended.brought.map_or(found.error, |(_, error)| error);
            group.tally.enter(found.dead_spot(error, ended.at));
            None
        }
        End::Delivered => Some(DELIVERED),
        End::Cancelled => Some(CANCELLED),
        End::Withheld => Some(WITHHELD),
    };
    if let Some(state) = logged {
        finish(group, (id, found), state, ended)?;
        if found.rendered {
            drop_rendered(group, id)?;
        }
    }
    let digest = group.desk.digest.part(b'S').number(id).number(logged.unwrap_or(DEAD));
    digest.number(ended.at.millis());
    followers::let_go(group, id, found)?;
    orders::note_end(group, found)
}

/// Moves a row from the queue to the log.
pub(super) fn finish(
    group: &mut Group<'_>,
    (id, found): (i64, &Found),
    state: i64,
    ended: &Ended,
) -> Result<()> {
    let (attempts, error) = ended.brought.unwrap_or((found.attempts, found.error));
    group.hot.log_delivery.execute(params![
        id,
        found.event,
        found.kind.organisation,
        found.kind.event_type.as_str(),
        found.webhook,
        lane_number(found.lane),
        state,
        attempts,
        found.accepted,
        found.kind.test,
        found.seq,
        found.order.map(|order| order.0),
        error.map(|error| error as u8),
        ended.at.millis(),
    ])?;
    group.hot.delete_delivery.execute([id])?;
    Ok(())
}

fn bury(group: &mut Group<'_>, id: i64, ended: &Ended) -> Result<()> {
    let mut put = group.conn.prepare_cached(
        "UPDATE delivery SET state = 3, epoch = 0, ended = ?2, due = NULL, held = NULL, follows = NULL,
                             attempts = ifnull(?3, attempts), error = iif(?3 IS NULL, error, ?4)
         WHERE id = ?1",
    )?;
    let attempts = ended.brought.map(|(attempts, _)| attempts);
    let error = ended.brought.and_then(|(_, error)| error).map(|error| error as u8);
    put.execute(params![id, ended.at.millis(), attempts, error])?;
    Ok(())
}

/// The row of a delivery, if `epoch` holds it.
fn held_by(group: &mut Group<'_>, delivery: DeliveryId, epoch: u64) -> Result<Option<(i64, Found)>> {
    let Some(id) = group.row(delivery) else { return Ok(None) };
    let found = find(group, id)?.filter(|found| found.epoch != 0 && found.epoch.cast_unsigned() == epoch);
    Ok(found.map(|found| (id, found)))
}

// The first rendering stays: a delivery has the same bytes on every attempt (R5).
fn keep_rendered(group: &mut Group<'_>, id: i64, sealed: &Sealed) -> Result<()> {
    let mut put = group
        .conn
        .prepare_cached("INSERT INTO rendered (delivery, sealed) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    put.execute(params![id, sealed.0])?;
    group.conn.prepare_cached("UPDATE delivery SET rendered = 1 WHERE id = ?1")?.execute([id])?;
    group.desk.digest.part(b'R').number(id).bytes(&sealed.0);
    Ok(())
}

/// Removes rendered bytes.
pub(super) fn drop_rendered(group: &Group<'_>, id: i64) -> Result<()> {
    group.conn.prepare_cached("DELETE FROM rendered WHERE delivery = ?1")?.execute([id])?;
    Ok(())
}
