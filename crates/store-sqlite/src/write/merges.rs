//! Subjects that were merged, and the order keys of each.

use model::{Id, OrderKey, limits};
use rusqlite::{Connection, OptionalExtension, params};
use store::Merge;

use super::group::Group;
use crate::fault::Result;

/// Makes the subjects of each merge one. What was merged before into the one given up goes with it.
pub(super) fn put(group: &mut Group<'_>, merges: &[Merge]) -> Result<()> {
    for merge in merges {
        let organisation = merge.organisation.row();
        join(group.conn, organisation, (merge.subjects.0.0, merge.subjects.1.0))?;
        join(group.conn, organisation, (merge.orders.0.0, merge.orders.1.0))?;
        group.desk.has_merges = true;
        group.desk.digest.part(b'J').bytes(&merge.subjects.0.0).bytes(&merge.subjects.1.0);
    }
    Ok(())
}

fn join(conn: &Connection, organisation: i64, (from, into): ([u8; 16], [u8; 16])) -> Result<()> {
    let (from, into) = (root(conn, from)?, root(conn, into)?);
    if from == into {
        return Ok(());
    }
    let mut follow = conn.prepare_cached("UPDATE merged SET into_key = ?2 WHERE into_key = ?1")?;
    follow.execute([from, into])?;
    let mut put =
        conn.prepare_cached("INSERT INTO merged (key, into_key, organisation) VALUES (?1, ?2, ?3)")?;
    put.execute(params![from, into, organisation])?;
    Ok(())
}

/// What a key became.
pub(crate) fn root(conn: &Connection, key: [u8; 16]) -> Result<[u8; 16]> {
    let mut find = conn.prepare_cached("SELECT into_key FROM merged WHERE key = ?1")?;
    Ok(find.query_row([key], |row| row.get(0)).optional()?.unwrap_or(key))
}

/// The order key that a key became.
pub(super) fn order(group: &Group<'_>, order: Option<OrderKey>) -> Result<Option<OrderKey>> {
    match order {
        Some(order) if group.desk.has_merges => Ok(Some(OrderKey(root(group.conn, order.0)?))),
        order => Ok(order),
    }
}

/// The keys that were merged into this one.
pub(super) fn into(group: &Group<'_>, order: OrderKey) -> Result<Vec<OrderKey>> {
    if !group.desk.has_merges {
        return Ok(Vec::new());
    }
    Ok(merged_into(group.conn, order.0)?.into_iter().map(OrderKey).collect())
}

/// The keys that became this one.
pub(crate) fn merged_into(conn: &Connection, key: [u8; 16]) -> Result<Vec<[u8; 16]>> {
    let mut find = conn.prepare_cached("SELECT key FROM merged WHERE into_key = ?1 LIMIT ?2")?;
    let keys = find.query_map(params![key, limits::MERGED as i64], |row| row.get(0))?;
    Ok(keys.collect::<rusqlite::Result<_>>()?)
}

/// Whether anybody was merged.
pub(crate) fn are_there(conn: &Connection) -> Result<bool> {
    Ok(conn.query_row("SELECT 1 FROM merged LIMIT 1", [], |_| Ok(())).optional()?.is_some())
}
