//! How far sources were read.

use model::{Id as _, IntegrationId};
use rusqlite::params;
use store::Cursor;

use super::group::Group;
use crate::fault::Result;

/// Writes how far a feed was read, in place of what was known.
pub(super) fn put(group: &Group<'_>, cursor: Option<&Cursor>) -> Result<()> {
    let Some(cursor) = cursor else { return Ok(()) };
    let mut put = group.conn.prepare_cached(
        "INSERT INTO source_cursor (integration, feed, position) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET position = excluded.position",
    )?;
    put.execute(params![cursor.integration.row(), cursor.feed, cursor.position])?;
    Ok(())
}

/// Forgets how far a source was read: it is gone.
pub(super) fn forget(group: &Group<'_>, source: IntegrationId) -> Result<()> {
    group.conn.prepare_cached("DELETE FROM source_cursor WHERE integration = ?1")?.execute([source.row()])?;
    Ok(())
}
