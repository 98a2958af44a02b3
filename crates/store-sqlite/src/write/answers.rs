//! What writes with an `Idempotency-Key` were answered.

use model::{AnswerKey, Id, Sealed, Timestamp, limits};
use rusqlite::{OptionalExtension, params};
use store::{Answered, Asked, Begun, Expiry, Twice};

use super::group::Group;
use crate::fault::Result;

/// Notes that a write begins, unless it did before.
pub(crate) fn begin(group: &mut Group<'_>, asked: &Asked) -> Result<Begun> {
    let since = asked.at - limits::ANSWER_KEPT;
    if let Some(known) = find(group, asked.key)?.filter(|known| known.at > since) {
        return Ok(Begun::Before(known));
    }
    if asked.twice == Twice::Done
        && let Some(oldest) = oldest_of_many(group, asked, since)?
    {
        return Ok(Begun::Full(oldest + limits::ANSWER_KEPT));
    }
    let mut put = group.conn.prepare_cached(
        "INSERT OR REPLACE INTO answer (key, organisation, begun, print, counted) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let counted = asked.twice == Twice::Done;
    put.execute(params![asked.key.0, asked.organisation.row(), asked.at.millis(), asked.print, counted])?;
    group.desk.digest.part(b'I').bytes(&asked.key.0).bytes(&asked.print);
    Ok(Begun::Now)
}

/// Keeps the answer of a write that was begun, or forgets that it was.
pub(super) fn end(group: &mut Group<'_>, key: AnswerKey, answer: Option<&Sealed>) -> Result<()> {
    let changed = match answer {
        Some(sealed) => group
            .conn
            .prepare_cached("UPDATE answer SET sealed = ?2 WHERE key = ?1")?
            .execute(params![key.0, sealed.0])?,
        None => group.conn.prepare_cached("DELETE FROM answer WHERE key = ?1")?.execute([key.0])?,
    };
    if changed > 0 {
        let digest = group.desk.digest.part(b'J').bytes(&key.0);
        digest.bytes(answer.map_or(&[], |sealed| &sealed.0));
    }
    Ok(())
}

/// Removes answers that are too old, a small group of them.
pub(super) fn expire(group: &mut Group<'_>, horizon: Expiry) -> Result<usize> {
    let mut remove = group.conn.prepare_cached(
        "DELETE FROM answer WHERE key IN (SELECT key FROM answer WHERE begun < ?1 ORDER BY begun LIMIT ?2)",
    )?;
    Ok(remove.execute(params![horizon.answers.millis(), REMOVED])?)
}

fn find(group: &Group<'_>, key: AnswerKey) -> Result<Option<Answered>> {
    let mut find = group.conn.prepare_cached("SELECT begun, print, sealed FROM answer WHERE key = ?1")?;
    let found = find.query_row([key.0], |row| {
        let answer = row.get::<_, Option<Vec<u8>>>(2)?.map(Sealed);
        Ok(Answered { at: Timestamp::from_millis(row.get(0)?), print: row.get(1)?, answer })
    });
    Ok(found.optional()?)
}

/// When the oldest of as many answers as are kept was begun; none if there is room.
fn oldest_of_many(group: &Group<'_>, asked: &Asked, since: Timestamp) -> Result<Option<Timestamp>> {
    let mut find = group.conn.prepare_cached(
        "SELECT begun FROM answer WHERE organisation = ?1 AND begun > ?2 AND counted = 1
         ORDER BY begun DESC LIMIT 1 OFFSET ?3",
    )?;
    let skipped = limits::ANSWERS as i64 - 1;
    let found = find
        .query_row(params![asked.organisation.row(), since.millis(), skipped], |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(found.map(Timestamp::from_millis))
}

// Answers may be large: so many go in one commit.
const REMOVED: i64 = 64;
