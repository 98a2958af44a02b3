//! New deliveries of what came in before.

use model::{Decision, DecisionReason, Event, Id, limits};
use rusqlite::params;
use store::{Addition, End, EventRow};

use super::group::Group;
use super::{arrivals, endings, found};
use crate::fault::Result;
use crate::rows::DEAD;
use crate::{decisions, read};

/// Owes an event anew; false if it cannot be, and nothing was written.
pub(super) fn add(group: &mut Group<'_>, addition: &Addition) -> Result<bool> {
    let Some(row) = group.row(addition.event) else { return Ok(false) };
    let found = read::events::find(group.conn, group.desk.who.tag, row)?;
    let fits = |found: &EventRow| {
        found.has_body && found.decisions.len() + addition.deliveries.len() <= limits::DELIVERIES_PER_EVENT
    };
    let Some(EventRow { event, decisions, .. }) = found.filter(fits) else { return Ok(false) };
    tell_event(group, &event, decisions, addition)?;
    for delivery in &addition.deliveries {
        arrivals::put_delivery(group, &event, addition.at, delivery)?;
    }
    for delivery in &addition.instead_of {
        let Some(id) = group.row(*delivery) else { continue };
        if found::find(group, id)?.is_some_and(|found| found.state == DEAD) {
            endings::end_by_hand(group, *delivery, End::Cancelled, addition.at)?;
        }
    }
    Ok(true)
}

/// The event leads to its deliveries: retention and the lineage follow it.
fn tell_event(
    group: &mut Group<'_>,
    event: &Event,
    mut decided: Vec<Decision>,
    addition: &Addition,
) -> Result<()> {
    decided.extend(addition.deliveries.iter().map(|delivery| Decision {
        webhook: delivery.webhook,
        delivery: Some(delivery.id),
        reason: DecisionReason::Replayed,
    }));
    decisions::write(&decided, &mut group.decisions);
    let id = event.id.row();
    let mut find = group.conn.prepare_cached("SELECT deliveries FROM event WHERE id = ?1")?;
    let known: Vec<u8> = find.query_row([id], |row| row.get(0))?;
    let new = addition.deliveries.iter().map(|delivery| delivery.id.row());
    let rows: Vec<i64> = decisions::deliveries(&known).chain(new).collect();
    decisions::write_deliveries(rows.into_iter(), &mut group.deliveries);
    let mut put =
        group.conn.prepare_cached("UPDATE event SET decisions = ?2, deliveries = ?3 WHERE id = ?1")?;
    put.execute(params![id, group.decisions, group.deliveries])?;
    group.desk.digest.part(b'N').number(id).bytes(&group.decisions);
    Ok(())
}
