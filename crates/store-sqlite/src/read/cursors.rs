//! How far sources were read.

use rusqlite::Connection;

use crate::fault::Result;

/// The feeds of an integration and their positions, by feed.
pub(crate) fn of(conn: &Connection, integration: i64) -> Result<Vec<(String, String)>> {
    let mut find =
        conn.prepare_cached("SELECT feed, position FROM source_cursor WHERE integration = ?1 ORDER BY feed")?;
    let rows = find.query_map([integration], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
