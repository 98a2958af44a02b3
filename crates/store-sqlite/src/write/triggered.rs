//! What triggers remember, each written only on top of the one it was made from; and what became of them.

use model::{Id, Judgement};
use rusqlite::{OptionalExtension, params};
use store::{Considered, Remembered};

use super::group::Group;
use crate::fault::{Fault, Result};
use crate::rows::judgement_number;

/// Whether each memory follows the one that is stored.
pub(super) fn are_next(group: &Group<'_>, memories: &[Remembered]) -> Result<bool> {
    if memories.is_empty() {
        return Ok(true);
    }
    let mut find = group.conn.prepare_cached("SELECT version FROM memory WHERE key = ?1")?;
    for memory in memories {
        let before: u32 = find.query_row([memory.key.0], |row| row.get(0)).optional()?.unwrap_or(0);
        if before.checked_add(1) != Some(memory.version) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Writes what is remembered.
pub(super) fn remember(group: &mut Group<'_>, memories: &[Remembered]) -> Result<()> {
    if memories.is_empty() {
        return Ok(());
    }
    let mut put = group.conn.prepare_cached(
        "INSERT INTO memory (key, version, organisation, trigger_id, subject, due, touched, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT DO UPDATE SET
           version = excluded.version, subject = excluded.subject, due = excluded.due,
           touched = excluded.touched, sealed = excluded.sealed",
    )?;
    for memory in memories {
        put.execute(params![
            memory.key.0,
            memory.version,
            memory.organisation.row(),
            memory.trigger.row(),
            memory.subject.0,
            memory.due.map(|due| due.millis()),
            memory.touched.millis(),
            memory.sealed.0,
        ])?;
        let digest = group.desk.digest.part(b'T').bytes(&memory.key.0).number(memory.version.into());
        digest.bytes(&memory.sealed.0);
    }
    Ok(())
}

/// Writes what triggers made of events, and adds it up.
pub(super) fn consider(group: &mut Group<'_>, considered: &[Considered]) -> Result<()> {
    for of in considered.iter().filter(|of| !of.judged.is_empty()) {
        let event = of.event.row();
        let text =
            serde_json::to_string(&of.judged).map_err(|error| Fault::damaged("judged", error.to_string()))?;
        let mut put = group.conn.prepare_cached("INSERT INTO judged (event, judgements) VALUES (?1, ?2)")?;
        put.execute(params![event, text])?;
        group.desk.digest.part(b'V').number(event).bytes(text.as_bytes());
        let mut list = group.conn.prepare_cached(
            "INSERT OR IGNORE INTO judged_by (trigger_id, judgement, event) VALUES (?1, ?2, ?3)",
        )?;
        for one in of.judged.iter().filter(|one| one.judgement.is_listed()) {
            list.execute(params![one.trigger.row(), judgement_number(one.judgement), event])?;
        }
        if !of.test {
            count(group, of)?;
        }
    }
    Ok(())
}

fn count(group: &Group<'_>, of: &Considered) -> Result<()> {
    let mut add = group.conn.prepare_cached(
        "INSERT INTO judgement_total (trigger_id, hour, judgement, count) VALUES (?1, ?2, ?3, 1)
         ON CONFLICT DO UPDATE SET count = count + 1",
    )?;
    for one in &of.judged {
        let (trigger, hour) = (one.trigger.row(), of.at.hour());
        add.execute(params![trigger, hour, judgement_number(one.judgement)])?;
        if one.disagrees {
            add.execute(params![trigger, hour, DISAGREEMENT])?;
        }
    }
    Ok(())
}

/// Forgets what did not change since `then` and waits for nothing, and counts of hours before.
pub(super) fn expire(group: &mut Group<'_>, then: model::Timestamp) -> Result<usize> {
    let mut counts = group.conn.prepare_cached("DELETE FROM judgement_total WHERE hour < ?1")?;
    counts.execute([then.hour()])?;
    let mut old = group.conn.prepare_cached("DELETE FROM memory WHERE touched < ?1 AND due IS NULL")?;
    Ok(old.execute([then.millis()])?)
}

/// The number in place of a judgement under which disagreements are counted.
pub(crate) const DISAGREEMENT: i64 = 255;
const _: () = assert!(Judgement::ALL.len() < DISAGREEMENT as usize);
