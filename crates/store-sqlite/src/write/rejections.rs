//! What doors refused.

use model::Id;
use rusqlite::params;
use store::{Batch, Kept, Rejection, Standing, Surplus};

use super::group::Group;
use crate::fault::Result;
use crate::rows::door_number;

/// Writes what a batch says of rejections.
pub(super) fn write(group: &mut Group<'_>, batch: &Batch) -> Result<()> {
    for (rejection, raw) in &batch.rejections {
        put(group, rejection)?;
        if let Some(raw) = raw {
            let sql = "INSERT INTO rejection_raw (rejection, sealed) VALUES (?1, ?2)";
            group.conn.prepare_cached(sql)?.execute(params![rejection.id.row(), raw.0])?;
            group.desk.digest.part(b'K').bytes(&raw.0);
        }
        let Rejection { organisation, integration, code, at, .. } = *rejection;
        count(group, &Surplus { organisation, integration, hour: at.hour(), code, count: 1 })?;
    }
    for surplus in &batch.surplus {
        count(group, surplus)?;
    }
    for id in &batch.readmitted {
        let Some(row) = group.row(*id) else { continue };
        let sql = "UPDATE rejection SET standing = 2 WHERE id = ?1 AND standing = 1";
        group.conn.prepare_cached(sql)?.execute([row])?;
        group.desk.digest.part(b'Q').number(row);
    }
    Ok(())
}

fn put(group: &mut Group<'_>, rejection: &Rejection) -> Result<()> {
    let id = rejection.id.row();
    let standing = standing_number(rejection.standing);
    let mut put = group.conn.prepare_cached(
        "INSERT INTO rejection (id, organisation, integration, door, at, code, reason, peer, bytes, standing, whole)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    put.execute(params![
        id,
        rejection.organisation.row(),
        rejection.integration.row(),
        door_number(rejection.door),
        rejection.at.millis(),
        rejection.code.name(),
        rejection.reason,
        rejection.peer.map(|peer| peer.to_string()),
        rejection.bytes.cast_signed(),
        standing,
        rejection.kept == Kept::Whole,
    ])?;
    let digest = group.desk.digest.part(b'J').number(id).number(standing);
    digest.bytes(rejection.code.name().as_bytes());
    Ok(())
}

fn count(group: &Group<'_>, surplus: &Surplus) -> Result<()> {
    let mut put = group.conn.prepare_cached(
        "INSERT INTO rejection_total (organisation, hour, integration, code, count) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET count = count + excluded.count",
    )?;
    put.execute(params![
        surplus.organisation.row(),
        surplus.hour,
        surplus.integration.row(),
        surplus.code.name(),
        surplus.count.cast_signed(),
    ])?;
    Ok(())
}

/// The number of a standing.
pub(crate) fn standing_number(standing: Standing) -> i64 {
    match standing {
        Standing::Listed => 0,
        Standing::Quarantined => 1,
        Standing::Replayed => 2,
    }
}
