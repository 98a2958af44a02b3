//! Keys that were seen before, each with the row that it became.
//!
//! The row of an event or of a message carries its key; the table `dedupe` finds the row by it.
//! Keys are HMACs and fall anywhere: written with their rows, each would dirty a page of its own.
//! So new keys wait in memory, and enter the table when they are many, neighbours together.
//! Whatever waited when a process ended is read back from the rows: `keys_from` in `meta` is at
//! or before the first of them, and a key of an earlier row does not wait.

use std::collections::{BTreeMap, HashMap, HashSet};

use model::limits;
use rusqlite::{Connection, OptionalExtension, params};

use super::group::Group;
use crate::fault::Result;

type Key = [u8; 16];

/// Keys that have not entered the table.
pub(crate) struct Known {
    waiting: BTreeMap<Key, i64>,
    /// No key of an earlier row waits.
    from: i64,
    /// The highest row of a key so far.
    last: i64,
    /// The key at which the next ones enter.
    next: Key,
}

/// What a group changes about them, once it is durable.
#[derive(Default)]
pub(crate) struct Changes {
    new: HashMap<Key, i64>,
    /// Keys that wait no more: they have entered the table, or their row has gone.
    gone: HashSet<Key>,
    next: Option<Key>,
    from: Option<i64>,
}

impl Known {
    /// What waited when the last process ended. All rows up to `last` were written by then.
    pub(crate) fn load(conn: &Connection, last: i64) -> Result<Self> {
        // A file that has no bound yet has all of its keys in the table.
        conn.execute("INSERT OR IGNORE INTO meta (name, value) VALUES ('keys_from', ?1)", [last + 1])?;
        let from = conn.query_row("SELECT value FROM meta WHERE name = 'keys_from'", [], |row| row.get(0))?;
        let mut find = conn.prepare(
            "SELECT dedupe, id FROM event WHERE id >= ?1 AND dedupe IS NOT NULL
             UNION ALL SELECT dedupe, id FROM message WHERE id >= ?1 AND dedupe IS NOT NULL",
        )?;
        let waiting = find.query_map([from], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let waiting = waiting.collect::<rusqlite::Result<_>>()?;
        Ok(Known { waiting, from, last, next: Key::default() })
    }

    /// Whether keys wait.
    pub(crate) fn is_behind(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Takes over what a group changed.
    pub(crate) fn apply(&mut self, changes: Changes) {
        for key in &changes.gone {
            self.waiting.remove(key);
        }
        self.last = changes.new.values().copied().fold(self.last, i64::max);
        self.waiting.extend(changes.new);
        self.next = changes.next.unwrap_or(self.next);
        self.from = changes.from.unwrap_or(self.from);
    }
}

/// The row that a key became, if it is known.
pub(super) fn find(group: &mut Group<'_>, key: &Key) -> Result<Option<i64>> {
    let waits = || group.desk.known.waiting.get(key).filter(|_| !group.keys.gone.contains(key));
    if let Some(row) = group.keys.new.get(key).or_else(waits) {
        return Ok(Some(*row));
    }
    Ok(group.hot.find_dedupe.query_row([key], |row| row.get(0)).optional()?)
}

/// Notes what a key has become.
pub(super) fn note(group: &mut Group<'_>, key: Key, row: i64) -> Result<()> {
    if row < group.desk.known.from {
        group.hot.insert_dedupe.execute(params![key, row])?;
    } else {
        group.keys.new.insert(key, row);
    }
    Ok(())
}

/// Forgets a key: its row goes.
pub(super) fn forget(group: &mut Group<'_>, key: Key) -> Result<()> {
    group.keys.new.remove(&key);
    if group.desk.known.waiting.contains_key(&key) {
        group.keys.gone.insert(key);
    }
    group.conn.prepare_cached("DELETE FROM dedupe WHERE key = ?1")?.execute([key])?;
    Ok(())
}

/// Lets as many keys enter the table as keeps what waits within its bound.
pub(super) fn keep_within_bound(group: &mut Group<'_>) -> Result<()> {
    let new = group.keys.new.len();
    if group.desk.known.waiting.len() + new > limits::KEYS_WAITING {
        enter(group, 2 * new)?;
    }
    Ok(())
}

/// Lets keys enter the table, in their order, beginning behind those that entered last.
pub(super) fn enter(group: &mut Group<'_>, most: usize) -> Result<()> {
    let known = &group.desk.known;
    let here = |key: &Key| !group.keys.gone.contains(key);
    let entering = known.waiting.range(known.next..).filter(|(key, _)| here(key)).take(most);
    let entering: Vec<(Key, i64)> = entering.map(|(key, row)| (*key, *row)).collect();
    for (key, row) in &entering {
        group.hot.insert_dedupe.execute(params![key, row])?;
    }
    let is_round = entering.len() < most;
    group.keys.next = if is_round { Some(Key::default()) } else { entering.last().map(|(key, _)| *key) };
    group.keys.gone.extend(entering.into_iter().map(|(key, _)| key));
    if is_round { raise_bound(group) } else { Ok(()) }
}

/// Says from which row on keys wait, so that a start reads no more than it must.
fn raise_bound(group: &mut Group<'_>) -> Result<()> {
    let (known, keys) = (&group.desk.known, &group.keys);
    let waiting = known.waiting.iter().filter(|(key, _)| !keys.gone.contains(*key)).map(|(_, row)| row);
    let first = waiting.chain(keys.new.values()).min().copied();
    let from = first.unwrap_or(known.last + 1);
    if from > known.from {
        let mut put = group.conn.prepare_cached("UPDATE meta SET value = ?1 WHERE name = 'keys_from'")?;
        put.execute([from])?;
        group.keys.from = Some(from);
    }
    Ok(())
}
