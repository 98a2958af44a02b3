//! The configuration.

use model::Sealed;
use rusqlite::{Connection, OptionalExtension, params};
use store::ConfigRow;

use crate::fault::Result;

/// Documents changed since `version`, oldest first.
pub(crate) fn since(conn: &Connection, version: u64) -> Result<Vec<ConfigRow>> {
    let mut find = conn.prepare_cached(
        "SELECT kind, id, version, doc FROM config WHERE version > ?1 ORDER BY version, place",
    )?;
    let rows = find.query_map([version.cast_signed()], |row| {
        Ok(ConfigRow {
            kind: row.get(0)?,
            id: u128::from_be_bytes(row.get(1)?),
            version: row.get::<_, i64>(2)?.cast_unsigned(),
            doc: row.get::<_, Option<Vec<u8>>>(3)?.map(Sealed),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One document as it stood at a version.
pub(crate) fn at(conn: &Connection, (kind, id): (&str, u128), version: u64) -> Result<Option<ConfigRow>> {
    let mut find = conn.prepare_cached(
        "SELECT version, doc FROM (
             SELECT version, doc FROM config WHERE kind = ?1 AND id = ?2
             UNION ALL SELECT version, doc FROM config_history WHERE kind = ?1 AND id = ?2)
         WHERE version <= ?3 ORDER BY version DESC LIMIT 1",
    )?;
    let found = find.query_row(params![kind, id.to_be_bytes(), version.cast_signed()], |row| {
        Ok(ConfigRow {
            kind: kind.to_owned(),
            id,
            version: row.get::<_, i64>(0)?.cast_unsigned(),
            doc: row.get::<_, Option<Vec<u8>>>(1)?.map(Sealed),
        })
    });
    Ok(found.optional()?)
}
