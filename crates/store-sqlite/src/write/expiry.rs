//! What retention removes. Candidates are found by a reader; the writer looks
//! at each once more, because it may be owed again since.

use std::collections::HashMap;

use audit::{Action, Actor, Entry};
use model::{OrganisationId, first_row_at, limits};
use rusqlite::{Connection, OptionalExtension, params};
use store::{End, Expiry};

use super::endings::{Ended, drop_rendered, finish};
use super::found::find;
use super::gaps;
use super::group::Group;
use super::known;
use super::{answers, triggered};
use crate::decisions;
use crate::fault::{Fault, Result};
use crate::rows::{DEAD, EXPIRED};

/// What is removed, in the order in which it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Contents of events.
    Body,
    /// Bytes of what was received.
    Raw,
    /// Dead letters: they become expired log rows.
    DeadLetter,
    /// Log rows with their attempts.
    Log,
    /// Events with their dedupe keys.
    Event,
    /// What was received, with its dedupe key.
    Message,
    /// Audit rows of machine steps, whose rows the log no longer covers.
    Step,
    /// The oldest audit rows.
    Audit,
    /// What is kept of refused bodies, other than in quarantine.
    Refused,
    /// Rejections.
    Rejection,
    /// What receivers answered.
    Reply,
}

impl Kind {
    /// All kinds.
    pub(crate) const ALL: [Kind; 11] = [
        Kind::Body,
        Kind::Raw,
        Kind::DeadLetter,
        Kind::Log,
        Kind::Event,
        Kind::Message,
        Kind::Step,
        Kind::Audit,
        Kind::Refused,
        Kind::Rejection,
        Kind::Reply,
    ];

    /// Rows above `after` that may be removed, in order.
    pub(crate) fn candidates(self, conn: &Connection, horizon: Expiry, after: i64) -> Result<Vec<i64>> {
        let (sql, before) = match self {
            Kind::Body => {
                ("SELECT event FROM body WHERE event > ?1 AND event < ?2 ORDER BY event", horizon.bodies)
            }
            Kind::Raw => (
                "SELECT message FROM message_raw WHERE message > ?1 AND message < ?2 ORDER BY message",
                horizon.bodies,
            ),
            Kind::DeadLetter => {
                let sql = "SELECT id FROM delivery WHERE id > ?1 AND state = 3 AND ended < ?2 ORDER BY id LIMIT 256";
                return ids(conn, sql, after, horizon.dead_letters.millis());
            }
            Kind::Log => ("SELECT id FROM delivery_log WHERE id > ?1 AND id < ?2 ORDER BY id", horizon.log),
            Kind::Event => ("SELECT id FROM event WHERE id > ?1 AND id < ?2 ORDER BY id", horizon.log),
            Kind::Message => ("SELECT id FROM message WHERE id > ?1 AND id < ?2 ORDER BY id", horizon.log),
            Kind::Refused => (
                "SELECT rejection FROM rejection_raw WHERE rejection > ?1 AND rejection < ?2 ORDER BY rejection",
                horizon.bodies,
            ),
            Kind::Rejection => {
                ("SELECT id FROM rejection WHERE id > ?1 AND id < ?2 ORDER BY id", horizon.log)
            }
            Kind::Reply => (
                "SELECT attempt FROM reply WHERE attempt > ?1 AND attempt < ?2 ORDER BY attempt",
                horizon.bodies,
            ),
            Kind::Step => return gaps::candidates(conn, horizon.log.millis(), after),
            Kind::Audit => return audit_prefix(conn, horizon, after),
        };
        // An id is minted when its row is accepted or later, so no row that may go is left out.
        ids(conn, &format!("{sql} LIMIT {PAGE}"), after, first_row_at(before))
    }

    /// Whether a candidate may go.
    pub(crate) fn may_go(self, conn: &Connection, horizon: Expiry, row: i64) -> Result<bool> {
        match self {
            Kind::Body => body_is_over(conn, horizon, row),
            Kind::Step => gaps::is_step(conn, row),
            Kind::Audit | Kind::Rejection | Kind::Reply => Ok(true),
            Kind::Raw => {
                // What an event that is kept came from is kept with it.
                let mut find = conn.prepare_cached(
                    "SELECT 1 FROM event JOIN body ON body.event = event.id WHERE event.message = ?1",
                )?;
                Ok(!find.exists([row])?)
            }
            Kind::Refused => {
                let mut find =
                    conn.prepare_cached("SELECT 1 FROM rejection WHERE id = ?1 AND standing = 1")?;
                Ok(!find.exists([row])?)
            }
            Kind::DeadLetter => {
                let then = horizon.dead_letters;
                let mut find =
                    conn.prepare_cached("SELECT 1 FROM delivery WHERE id = ?1 AND state = 3 AND ended < ?2")?;
                // By its id too: a clock that was behind makes no dead letter old.
                Ok(row < first_row_at(then) && find.exists(params![row, then.millis()])?)
            }
            Kind::Log => {
                let mut find =
                    conn.prepare_cached("SELECT 1 FROM delivery_log WHERE id = ?1 AND ended < ?2")?;
                Ok(find.exists(params![row, horizon.log.millis()])?)
            }
            Kind::Event => event_is_over(conn, row),
            Kind::Message => {
                let mut find = conn.prepare_cached("SELECT 1 FROM event WHERE message = ?1")?;
                Ok(!find.exists([row])?)
            }
        }
    }

    fn remove(self, group: &mut Group<'_>, row: i64) -> Result<()> {
        match self {
            Kind::Body => delete(group, "DELETE FROM body WHERE event = ?1", row),
            Kind::Raw => delete(group, "DELETE FROM message_raw WHERE message = ?1", row),
            Kind::DeadLetter => bury(group, row),
            Kind::Log => {
                delete(group, "DELETE FROM reply WHERE delivery = ?1", row)?;
                delete(group, "DELETE FROM attempt WHERE delivery = ?1", row)?;
                delete(
                    group,
                    "DELETE FROM feed WHERE (webhook, seq) = (SELECT webhook, seq FROM delivery_log WHERE id = ?1)",
                    row,
                )?;
                delete(group, "DELETE FROM numbered WHERE delivery = ?1", row)?;
                delete(group, "DELETE FROM delivery_log WHERE id = ?1", row)
            }
            Kind::Event => {
                forget_key(group, "SELECT dedupe FROM event WHERE id = ?1", row)?;
                delete(group, "DELETE FROM body WHERE event = ?1", row)?;
                delete(group, "DELETE FROM judged_by WHERE event = ?1", row)?;
                delete(group, "DELETE FROM judged WHERE event = ?1", row)?;
                delete(group, "DELETE FROM event WHERE id = ?1", row)
            }
            Kind::Message => {
                forget_key(group, "SELECT dedupe FROM message WHERE id = ?1", row)?;
                delete(group, "DELETE FROM message_raw WHERE message = ?1", row)?;
                delete(group, "DELETE FROM message WHERE id = ?1", row)
            }
            Kind::Refused => delete(group, "DELETE FROM rejection_raw WHERE rejection = ?1", row),
            Kind::Rejection => {
                delete(group, "DELETE FROM rejection_raw WHERE rejection = ?1", row)?;
                delete(group, "DELETE FROM rejection WHERE id = ?1", row)
            }
            Kind::Reply => delete(group, "DELETE FROM reply WHERE attempt = ?1", row),
            Kind::Step => gaps::take_out(group, row),
            Kind::Audit => cut_audit(group, row),
        }
    }
}

/// Removes candidates that may still go; tells how many.
pub(crate) fn expire(group: &mut Group<'_>, kind: Kind, horizon: Expiry, rows: &[i64]) -> Result<u64> {
    let mut removed = 0;
    let mut dead: HashMap<i64, u64> = HashMap::new();
    for row in rows {
        if !kind.may_go(group.conn, horizon, *row)? {
            continue;
        }
        if kind == Kind::DeadLetter {
            let mut find = group.conn.prepare_cached("SELECT organisation FROM delivery WHERE id = ?1")?;
            *dead.entry(find.query_row([row], |row| row.get(0))?).or_default() += 1;
        }
        kind.remove(group, *row)?;
        if kind != Kind::Step {
            group.desk.digest.part(b'X').number(kind as i64).number(*row);
        }
        removed += 1;
    }
    group.desk.vacuum |= removed > 0;
    for (organisation, count) in dead {
        let entry = Entry {
            at: group.now,
            organisation: Some(group.id::<OrganisationId>(organisation)),
            actor: Actor::System,
            action: Action::Expire,
            target: "delivery".into(),
            detail: format!("{count} dead letters"),
        };
        group.entries.push(entry);
    }
    Ok(removed)
}

/// Removes what is small: totals, former documents, finished redrives, alerts that are over.
pub(crate) fn expire_small(group: &mut Group<'_>, horizon: Expiry) -> Result<u64> {
    group.add_up()?;
    let hours =
        group.conn.prepare_cached("DELETE FROM hour_total WHERE hour < ?1")?.execute([horizon.log.hour()])?;
    // Sums go at once and are no rows of anybody: they are not counted.
    group.conn.prepare_cached("DELETE FROM volume WHERE hour < ?1")?.execute([horizon.log.hour()])?;
    let oldest = (group.now - limits::MINUTES_KEPT).minute();
    group.conn.prepare_cached("DELETE FROM pulse WHERE minute < ?1")?.execute([oldest])?;
    group.conn.prepare_cached("DELETE FROM minute_total WHERE minute < ?1")?.execute([oldest])?;
    let documents = group
        .conn
        .prepare_cached("DELETE FROM config_history WHERE replaced < ?1")?
        .execute([horizon.log.millis()])?;
    let redrives = group
        .conn
        .prepare_cached("DELETE FROM redrive WHERE state <> 0 AND created < ?1")?
        .execute([horizon.log.millis()])?;
    let counts = group
        .conn
        .prepare_cached("DELETE FROM rejection_total WHERE hour < ?1")?
        .execute([horizon.log.hour()])?;
    let answers = answers::expire(group, horizon)?;
    let alerts = group
        .conn
        .prepare_cached("DELETE FROM alert WHERE resolved < ?1")?
        .execute([horizon.log.millis()])?;
    let memories = triggered::expire(group, horizon.log)?;
    Ok((hours + documents + redrives + counts + answers + alerts + memories) as u64)
}

fn body_is_over(conn: &Connection, horizon: Expiry, event: i64) -> Result<bool> {
    let mut owed = conn.prepare_cached("SELECT 1 FROM delivery WHERE id = ?1")?;
    let mut late = conn.prepare_cached("SELECT 1 FROM delivery_log WHERE id = ?1 AND ended >= ?2")?;
    for delivery in deliveries(conn, event)? {
        if owed.exists([delivery])? || late.exists(params![delivery, horizon.bodies.millis()])? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn event_is_over(conn: &Connection, event: i64) -> Result<bool> {
    let mut known = conn.prepare_cached(
        "SELECT 1 FROM delivery WHERE id = ?1 UNION ALL SELECT 1 FROM delivery_log WHERE id = ?1",
    )?;
    for delivery in deliveries(conn, event)? {
        if known.exists([delivery])? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn deliveries(conn: &Connection, event: i64) -> Result<Vec<i64>> {
    let mut find = conn.prepare_cached("SELECT deliveries FROM event WHERE id = ?1")?;
    let bytes: Option<Vec<u8>> = find.query_row([event], |row| row.get(0)).optional()?;
    Ok(bytes.map_or_else(Vec::new, |bytes| decisions::deliveries(&bytes).collect()))
}

fn bury(group: &mut Group<'_>, id: i64) -> Result<()> {
    let found = find(group, id)?.filter(|found| found.state == DEAD);
    let found = found.ok_or_else(|| Fault::damaged("delivery", format!("dead letter {id} is missing")))?;
    // The end names no state of its own here: `EXPIRED` is what is written.
    let ended = Ended { end: End::Cancelled, at: group.now, brought: None };
    finish(group, (id, &found), EXPIRED, &ended)?;
    group.tally.leave(found.spot());
    drop_rendered(group, id)
}

fn delete(group: &Group<'_>, sql: &str, row: i64) -> Result<()> {
    group.conn.prepare_cached(sql)?.execute([row])?;
    Ok(())
}

fn forget_key(group: &mut Group<'_>, sql: &str, row: i64) -> Result<()> {
    let key = group.conn.prepare_cached(sql)?.query_row([row], |row| row.get(0)).optional()?.flatten();
    key.map_or(Ok(()), |key| known::forget(group, key))
}

/// The oldest rows, up to the first that must stay.
fn audit_prefix(conn: &Connection, horizon: Expiry, after: i64) -> Result<Vec<i64>> {
    let mut find =
        conn.prepare_cached("SELECT number, at FROM audit WHERE number > ?1 ORDER BY number LIMIT 256")?;
    let mut rows = find.query([after])?;
    let mut numbers = Vec::new();
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(1)? >= horizon.audit.millis() {
            break;
        }
        numbers.push(row.get(0)?);
    }
    Ok(numbers)
}

// What was cut off is remembered, so that the rest can still be checked.
fn cut_audit(group: &mut Group<'_>, number: i64) -> Result<()> {
    let mut find = group.conn.prepare_cached("SELECT mac FROM audit WHERE number = ?1")?;
    let Some(mac) = find.query_row([number], |row| row.get::<_, [u8; 32]>(0)).optional()? else {
        return Err(Fault::damaged("audit", format!("row {number} is missing")));
    };
    let mut put = group.conn.prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)")?;
    put.execute(params!["audit_base_number", number])?;
    put.execute(params!["audit_base_mac", mac])?;
    delete(group, "DELETE FROM audit_gap WHERE last < ?1", number)?;
    delete(group, "DELETE FROM audit WHERE number = ?1", number)
}

fn ids(conn: &Connection, sql: &str, after: i64, before: i64) -> Result<Vec<i64>> {
    let mut find = conn.prepare_cached(sql)?;
    let rows = find.query_map([after, before], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Candidates looked at in one step.
const PAGE: usize = 256;
