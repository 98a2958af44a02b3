//! The configuration.

use model::Sealed;
use rusqlite::Connection;
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
