//! What comes in: written whole, or not at all if it is known.

use model::{Event, EventId, Id, OrderKey, Timestamp};
use rusqlite::params;
use store::{Arrival, Claim, Committed, Message, NewDelivery, NewEvent, Place};

use super::group::Group;
use super::{cursors, followers, known, merges, numbers, objects, orders, triggered};
use crate::decisions;
use crate::fault::{Fault, Result};
use crate::rows::{DEAD, HELD, READY, lane_number};
use crate::tally::Spot;

/// Writes an arrival, unless it is known or builds on something that has changed.
pub(super) fn arrive(
    group: &mut Group<'_>,
    place: usize,
    arrival: &Arrival,
    committed: &mut Committed,
) -> Result<()> {
    // Everything is looked up before anything is written: nothing must be taken back.
    if let Some(key) = &arrival.dedupe
        && let Some(first) = known::find(group, key)?
    {
        committed.duplicates.push((place, group.id(first)));
        return cursors::put(group, arrival.cursor.as_ref());
    }
    if let Some(name) = &arrival.name
        && known::find(group, name)?.is_some()
    {
        committed.clashes.push(place);
        return Ok(());
    }
    if !objects::are_next(group, &arrival.objects)? || !triggered::are_next(group, &arrival.memories)? {
        committed.conflicts.push(place);
        return Ok(());
    }
    let mut dedupe = arrival.dedupe;
    if let Some(message) = &arrival.message {
        // The key is with the first event, so that the message has room for the name.
        let own = if arrival.events.is_empty() { dedupe.take() } else { arrival.name };
        put_message(group, message, own)?;
    }
    merges::put(group, &arrival.merges)?;
    for (event, deliveries) in &arrival.events {
        let rows = deliveries.iter().map(|delivery| delivery.id.row());
        decisions::write_deliveries(rows, &mut group.deliveries);
        put_event(group, event, dedupe.take())?;
        for delivery in deliveries {
            put_delivery(group, &event.event, event.event.received, delivery)?;
        }
    }
    objects::put(group, &arrival.objects)?;
    triggered::remember(group, &arrival.memories)?;
    triggered::consider(group, &arrival.considered)?;
    cursors::put(group, arrival.cursor.as_ref())
}

fn put_message(group: &mut Group<'_>, message: &Message, dedupe: Option<[u8; 16]>) -> Result<()> {
    let id = message.id.row();
    let flaws = serde_json::to_string(&message.flaws)
        .map_err(|error| Fault::damaged("message", error.to_string()))?;
    let mut put = group.conn.prepare_cached(
        "INSERT INTO message (id, organisation, integration, received, format, kind, subject, events, flaws,
                              dedupe)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    put.execute(params![
        id,
        message.organisation.row(),
        message.integration.row(),
        message.received.millis(),
        message.format,
        message.kind,
        message.subject.map(|subject| subject.0),
        message.events,
        flaws,
        dedupe,
    ])?;
    let mut put = group.conn.prepare_cached("INSERT INTO message_raw (message, sealed) VALUES (?1, ?2)")?;
    put.execute(params![id, message.raw.0])?;
    if let Some(key) = dedupe {
        known::note(group, key, id)?;
    }
    group.desk.digest.part(b'M').number(id).bytes(&message.raw.0);
    Ok(())
}

fn put_event(group: &mut Group<'_>, new: &NewEvent, dedupe: Option<[u8; 16]>) -> Result<()> {
    let event = &new.event;
    let id = event.id.row();
    decisions::write(&new.decisions, &mut group.decisions);
    group.hot.insert_event.execute(params![
        id,
        event.organisation.row(),
        event.integration.row(),
        event.event_type.as_str(),
        event.object_type.as_str(),
        lane_number(event.lane),
        event.time.millis(),
        event.received.millis(),
        event.test,
        event.subject.as_ref().map(|key| key.0.as_slice()),
        event.object.as_ref().map(|key| key.0.as_slice()),
        event.message.map(Id::row),
        event.sequence,
        event.replaces.map(Id::row),
        event.caused_by.map(Id::row),
        event.hops,
        new.config_version.cast_signed(),
        group.decisions,
        group.deliveries,
        dedupe.as_ref().map(<[u8; 16]>::as_slice),
    ])?;
    if let Some(key) = dedupe {
        known::note(group, key, id)?;
    }
    group.tally.accept(event);
    let digest = group.desk.digest.part(b'E').number(id).number(event.received.millis());
    digest
        .number(event.organisation.row())
        .bytes(event.event_type.as_str().as_bytes())
        .bytes(&group.decisions);
    if let Some(body) = &new.body {
        group.hot.insert_body.execute(params![id, body.0])?;
        group.desk.digest.part(b'B').bytes(&body.0);
    }
    Ok(())
}

/// Owes a delivery; its horizon counts from `at`.
pub(super) fn put_delivery(
    group: &mut Group<'_>,
    event: &Event,
    at: Timestamp,
    new: &NewDelivery,
) -> Result<()> {
    let webhook = new.webhook.row();
    let order = merges::order(group, new.order)?;
    let before = if new.dead.is_some() { None } else { followers::before(group, new, order)? };
    let lane = before.map_or(new.lane, |(_, lane)| new.lane.min(lane));
    let new = &NewDelivery { order, lane, ..*new };
    let (state, epoch) = match (new.dead, before) {
        (Some(_), _) => (DEAD, 0),
        (None, Some(_)) => (HELD, 0),
        (None, None) => stand(group, new)?,
    };
    group.desk.seq += 1;
    let accepted = at.millis();
    group.hot.insert_delivery.execute(params![
        new.id.row(),
        event.id.row(),
        event.organisation.row(),
        event.event_type.as_str(),
        webhook,
        lane_number(new.lane),
        state,
        epoch,
        accepted,
        event.test,
        group.desk.seq,
        new.order.as_ref().map(|order| order.0.as_slice()),
        new.dead.map(|error| error as u8),
        new.dead.map(|_| accepted),
        before.map(|(before, _)| before),
    ])?;
    group.hot.insert_feed.execute(params![webhook, group.desk.seq, new.id.row()])?;
    if new.numbered {
        numbers::give(group, webhook, new.id.row())?;
    }
    group.tally.enter(match new.dead {
        Some(error) => Spot::dead((webhook, event.test), new.lane, Some(error), at),
        None => Spot::owed((webhook, event.test), new.lane, at),
    });
    if epoch != 0 {
        group.hand_over(claim(group, event, at, new));
    } else if state == READY {
        group.spill(webhook, new.lane, 1);
    }
    group.desk.digest.part(b'D').number(new.id.row()).number(webhook).number(state);
    if let Some((before, _)) = before {
        group.desk.has_followers = true;
        followers::urge(group, before, lane)?;
    }
    Ok(())
}

/// The state and epoch in which a new delivery begins.
fn stand(group: &mut Group<'_>, new: &NewDelivery) -> Result<(i64, i64)> {
    Ok(match (group.desk.handover.place(new.webhook, new.lane, new.order), new.order) {
        (Place::Memory, _) => (READY, group.desk.who.epoch),
        (Place::Behind, Some(order)) if is_behind(group, new, order)? => (HELD, 0),
        (Place::Disk | Place::Behind, _) => (READY, 0),
    })
}

// The head may have ended in this very group, and nobody would let the new one go.
fn is_behind(group: &Group<'_>, new: &NewDelivery, order: OrderKey) -> Result<bool> {
    orders::is_blocked(group, new.webhook.row(), new.lane, order, new.id.row())
}

fn claim(group: &Group<'_>, event: &Event, at: Timestamp, new: &NewDelivery) -> Claim {
    Claim {
        delivery: new.id,
        event: EventId::from_row(event.id.row(), group.desk.who.tag),
        webhook: new.webhook,
        lane: new.lane,
        order: new.order,
        accepted: at,
        attempts: 0,
        rendered: false,
        test: event.test,
        epoch: group.desk.who.epoch.cast_unsigned(),
    }
}
