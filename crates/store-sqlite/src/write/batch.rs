//! One call of commit.

use std::collections::HashMap;

use model::{Attempt, Id, limits};
use rusqlite::params;
use store::{Arrival, Batch, Committed, Reply};

use super::group::Group;
use super::{additions, alerts, answers, arrivals, comebacks, endings, leftovers, rejections};
use crate::fault::Result;
use crate::mailbox::Weight;
use crate::rows::Columns;
use crate::tally::Kind;

/// What a batch takes to hold and to do.
pub(crate) fn weigh(batch: &Batch) -> Weight {
    let (mut bytes, mut rows) = (256, 0);
    for arrival in &batch.arrivals {
        bytes += weight(arrival);
        rows += 1 + arrival.objects.len() + arrival.memories.len();
        rows += arrival.considered.iter().map(|of| 2 + 2 * of.judged.len()).sum::<usize>();
        rows += arrival.events.iter().map(|(_, deliveries)| 2 + 2 * deliveries.len()).sum::<usize>();
    }
    let rendered = batch.settled.iter().filter_map(|settled| settled.rendered.as_ref());
    let rendered = rendered.chain(batch.again.iter().filter_map(|again| again.rendered.as_ref()));
    bytes += rendered.map(|sealed| sealed.0.len()).sum::<usize>();
    bytes += batch.replies.iter().map(|reply| reply.sealed.0.len()).sum::<usize>();
    let moved = batch.replies.len()
        + batch.settled.len()
        + batch.again.len()
        + batch.held.len()
        + batch.attempts.len();
    let refused = batch.rejections.len() + batch.surplus.len() + batch.readmitted.len();
    let kept = batch.rejections.iter().filter_map(|(_, raw)| raw.as_ref());
    bytes += kept.map(|sealed| sealed.0.len()).sum::<usize>() + refused * 256;
    rows += 2 * refused;
    let added: usize = batch.added.iter().map(|added| 1 + 2 * added.deliveries.len()).sum();
    let answers = batch.answers.iter().filter_map(|(_, answer)| answer.as_ref());
    bytes += answers.map(|sealed| sealed.0.len()).sum::<usize>() + added * 128;
    rows += added + batch.answers.len();
    let by_hand = batch.revived.len()
        + batch.ended.len()
        + batch.redrives.len()
        + batch.audit.len()
        + batch.samples.len()
        + batch.leftovers.len()
        + batch.mapped.len();
    let alerts = batch.alerts.len() + batch.notices.len() + batch.acknowledged.len();
    bytes += (moved + by_hand) * 128 + alerts * 1_024;
    rows += moved + by_hand + alerts;
    Weight { bytes, rows: rows.max(1), intake: !(batch.arrivals.is_empty() && batch.rejections.is_empty()) }
}

fn weight(arrival: &Arrival) -> usize {
    let raw = arrival.message.as_ref().map_or(0, |message| message.raw.0.len() + 256);
    let resources = arrival.objects.iter().filter_map(|object| object.resource.as_ref());
    let resources: usize = resources.map(|sealed| sealed.0.len()).sum();
    let events = arrival.events.iter().map(|(event, deliveries)| {
        let body = event.body.as_ref().map_or(0, |sealed| sealed.0.len());
        body + 320 + event.decisions.len() * 40 + deliveries.len() * 80
    });
    let memories: usize = arrival.memories.iter().map(|memory| memory.sealed.0.len() + 128).sum();
    let judged: usize = arrival.considered.iter().map(|of| 64 + of.judged.len() * 160).sum();
    raw + resources + memories + judged + arrival.objects.len() * 128 + events.sum::<usize>()
}

/// Writes a batch; may be asked to do so again after a rollback.
pub(crate) fn commit(group: &mut Group<'_>, batch: &Batch) -> Result<Committed> {
    let mut committed = Committed::default();
    for (place, arrival) in batch.arrivals.iter().enumerate() {
        arrivals::arrive(group, place, arrival, &mut committed)?;
    }
    let mut kinds = Kinds::default();
    for settled in &batch.settled {
        match endings::settle(group, settled)? {
            Some(kind) => kinds.note(settled.delivery.row(), kind),
            None => committed.fenced.push(settled.delivery),
        }
    }
    for again in &batch.again {
        match endings::reschedule(group, again)? {
            Some(kind) => kinds.note(again.delivery.row(), kind),
            None => committed.fenced.push(again.delivery),
        }
    }
    for hold in &batch.held {
        if !endings::hold(group, hold)? {
            committed.fenced.push(hold.delivery);
        }
    }
    for attempt in &batch.attempts {
        note_attempt(group, attempt, &kinds)?;
    }
    for reply in &batch.replies {
        keep_reply(group, reply)?;
    }
    for (delivery, end) in &batch.ended {
        endings::end_by_hand(group, *delivery, *end, group.now)?;
    }
    for addition in &batch.added {
        if !additions::add(group, addition)? {
            committed.refused.push(addition.event);
        }
    }
    for delivery in &batch.revived {
        comebacks::revive(group, *delivery)?;
    }
    for redrive in &batch.redrives {
        comebacks::put_redrive(group, redrive)?;
    }
    rejections::write(group, batch)?;
    batch.samples.iter().for_each(|sample| group.tally.look(sample));
    leftovers::write(group, batch)?;
    for (key, answer) in &batch.answers {
        answers::end(group, *key, answer.as_ref())?;
    }
    for alert in &batch.alerts {
        alerts::put(group, alert)?;
    }
    for (alert, notices) in &batch.notices {
        alerts::put_notices(group, *alert, notices)?;
    }
    for (alert, at, key) in &batch.acknowledged {
        alerts::acknowledge(group, *alert, (*at, *key))?;
    }
    group.entries.extend_from_slice(&batch.audit);
    Ok(committed)
}

/// What the deliveries of a batch are, as far as it was seen on the way.
#[derive(Default)]
struct Kinds(HashMap<i64, Kind>);

impl Kinds {
    fn note(&mut self, delivery: i64, kind: Kind) {
        self.0.insert(delivery, kind);
    }

    fn of(&self, group: &Group<'_>, delivery: i64) -> Result<Option<Kind>> {
        if let Some(kind) = self.0.get(&delivery) {
            return Ok(Some(kind.clone()));
        }
        let mut find = group.conn.prepare_cached(
            "SELECT organisation, type, lane, test, accepted FROM delivery WHERE id = ?1
             UNION ALL
             SELECT organisation, type, lane, test, accepted FROM delivery_log WHERE id = ?1",
        )?;
        let mut rows = find.query([delivery])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let mut columns = Columns::of(row, "delivery", group.desk.who.tag);
        let (organisation, event_type) = (columns.value()?, columns.name()?);
        let (lane, test, since) = (columns.lane()?, columns.value()?, columns.time()?);
        Ok(Some(Kind { organisation, event_type, lane, test, since }))
    }
}

// A fenced attempt is recorded too: the call was made.
fn note_attempt(group: &mut Group<'_>, attempt: &Attempt, kinds: &Kinds) -> Result<()> {
    let delivery = attempt.delivery.row();
    if let Some(kind) = kinds.of(group, delivery)? {
        group.tally.call(attempt, &kind);
    }
    let (error, timings) = (attempt.error.map(|error| error as u8), attempt.timings);
    let next = attempt.next.map(|next| next.millis());
    group.hot.insert_attempt.execute(params![
        delivery,
        attempt.id.row(),
        attempt.event.row(),
        attempt.webhook.row(),
        attempt.number,
        attempt.began.millis(),
        attempt.status,
        error,
        timings.dns,
        timings.connect,
        timings.tls,
        timings.first_byte,
        timings.total,
        next,
        attempt.template.map(|version| version.bits().cast_signed()),
    ])?;
    let digest = group.desk.digest.part(b'A').number(delivery).number(attempt.id.row());
    let outcome = i64::from(attempt.status.unwrap_or(0)) << 8 | i64::from(error.unwrap_or(0));
    digest.number(attempt.began.millis()).number(outcome);
    Ok(())
}

// The last replies of a delivery stay.
fn keep_reply(group: &mut Group<'_>, reply: &Reply) -> Result<()> {
    let (delivery, attempt) = (reply.delivery.row(), reply.attempt.row());
    let mut put =
        group.conn.prepare_cached("INSERT INTO reply (attempt, delivery, sealed) VALUES (?1, ?2, ?3)")?;
    put.execute(params![attempt, delivery, reply.sealed.0])?;
    let mut cut = group.conn.prepare_cached(
        "DELETE FROM reply WHERE attempt IN
           (SELECT attempt FROM reply WHERE delivery = ?1 ORDER BY attempt DESC LIMIT -1 OFFSET ?2)",
    )?;
    cut.execute(params![delivery, limits::REPLIES_KEPT as i64])?;
    group.desk.digest.part(b'N').number(attempt).bytes(&reply.sealed.0);
    Ok(())
}
