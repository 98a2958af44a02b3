//! What messages said that no table takes up.

use model::{Id as _, IntegrationId};
use rusqlite::params;
use store::{Batch, LeftOut, Leftover};

use super::group::Group;
use crate::fault::Result;
use crate::rows::{DROPPED, PLACE};

/// Adds what a batch left over, once what its changed tables left over is forgotten.
pub(super) fn write(group: &Group<'_>, batch: &Batch) -> Result<()> {
    for (integration, table) in &batch.mapped {
        let sql = "DELETE FROM leftover WHERE integration = ?1 AND kind = ?2";
        group.conn.prepare_cached(sql)?.execute(params![integration.row(), table.name()])?;
    }
    batch.leftovers.iter().try_for_each(|left| add(group, left))
}

/// Forgets what was left over of a source: it is gone.
pub(super) fn forget(group: &Group<'_>, source: IntegrationId) -> Result<()> {
    group.conn.prepare_cached("DELETE FROM leftover WHERE integration = ?1")?.execute([source.row()])?;
    Ok(())
}

fn add(group: &Group<'_>, left: &Leftover) -> Result<()> {
    let (kind, what, system) = match &left.what {
        LeftOut::Code(code) => {
            (code.table.name(), code.code.as_str(), code.system.as_deref().unwrap_or_default())
        }
        LeftOut::Place(place) => (PLACE, place.as_str(), ""),
        LeftOut::Dropped => (DROPPED, "", ""),
    };
    let mut put = group.conn.prepare_cached(
        "INSERT INTO leftover (integration, kind, what, system, count, first, last)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT DO UPDATE SET count = count + excluded.count,
             first = min(first, excluded.first), last = max(last, excluded.last)",
    )?;
    put.execute(params![
        left.integration.row(),
        kind,
        what,
        system,
        left.count.cast_signed(),
        left.first.millis(),
        left.last.millis(),
    ])?;
    Ok(())
}
