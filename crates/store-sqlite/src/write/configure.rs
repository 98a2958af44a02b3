//! The configuration: documents replaced under one rising version.

use model::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use store::{ConfigRow, Error};

use super::group::Group;
use super::{cursors, leftovers};
use crate::fault::Result;

/// Writes documents, if the version is still the expected one.
pub(crate) fn apply(
    group: &mut Group<'_>,
    rows: &[ConfigRow],
    audit: &[audit::Entry],
    expected: u64,
) -> Result<Result<u64, Error>> {
    let current = version(group.conn)?;
    if current.cast_unsigned() != expected {
        return Ok(Err(Error::Stale(expected)));
    }
    let next = current + 1;
    let mut keep = group.conn.prepare_cached(
        "INSERT INTO config_history (version, kind, id, replaced, doc)
         SELECT version, kind, id, ?3, doc FROM config WHERE kind = ?1 AND id = ?2",
    )?;
    let mut put = group.conn.prepare_cached(
        "INSERT INTO config (kind, id, version, place, doc) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET version = excluded.version, place = excluded.place, doc = excluded.doc",
    )?;
    for (place, row) in rows.iter().enumerate() {
        let id = row.id.to_be_bytes();
        let doc = row.doc.as_ref().map(|sealed| sealed.0.as_slice());
        let twice = rows[..place].iter().any(|before| before.kind == row.kind && before.id == row.id);
        if !twice {
            keep.execute(params![row.kind, id, group.now.millis()])?;
        }
        put.execute(params![row.kind, id, next, place as i64, doc])?;
        if let Some(source) = row.dropped_source() {
            cursors::forget(group, source)?;
            leftovers::forget(group, source)?;
        }
        group.desk.digest.part(b'C').bytes(row.kind.as_bytes()).bytes(&id).bytes(doc.unwrap_or(&[]));
    }
    group
        .conn
        .prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES ('config_version', ?1)")?
        .execute([next])?;
    group.entries.extend_from_slice(audit);
    Ok(Ok(next.cast_unsigned()))
}

/// The time that retention last went by.
pub(crate) fn retention_clock(conn: &Connection) -> Result<Option<Timestamp>> {
    let mut find = conn.prepare_cached("SELECT value FROM meta WHERE name = 'retention_clock'")?;
    Ok(find.query_row([], |row| row.get(0)).optional()?.map(Timestamp::from_millis))
}

/// Writes the time that retention goes by.
pub(crate) fn set_retention_clock(
    group: &mut Group<'_>,
    at: Timestamp,
    audit: &[audit::Entry],
) -> Result<()> {
    group
        .conn
        .prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES ('retention_clock', ?1)")?
        .execute([at.millis()])?;
    group.entries.extend_from_slice(audit);
    Ok(())
}

/// The present version; 0 before the first document.
pub(crate) fn version(conn: &Connection) -> Result<i64> {
    let mut find = conn.prepare_cached("SELECT value FROM meta WHERE name = 'config_version'")?;
    Ok(find.query_row([], |row| row.get(0)).optional()?.unwrap_or(0))
}
