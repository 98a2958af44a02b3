//! States of tracked objects: each written only on top of the one it was made from.

use std::collections::HashMap;

use model::{Id, ObjectKey};
use rusqlite::{OptionalExtension, params};
use store::ObjectState;

use super::group::Group;
use crate::fault::Result;
use crate::rows::{lane_number, status_number};

/// Whether each state follows the one that is stored, or an earlier one of the same arrival.
pub(super) fn are_next(group: &Group<'_>, objects: &[ObjectState]) -> Result<bool> {
    if objects.is_empty() {
        return Ok(true);
    }
    let mut find = group.conn.prepare_cached("SELECT version FROM object WHERE key = ?1")?;
    let mut seen: HashMap<ObjectKey, u32> = HashMap::with_capacity(objects.len());
    for object in objects {
        let before = match seen.get(&object.key) {
            Some(version) => *version,
            None => find.query_row([object.key.0], |row| row.get(0)).optional()?.unwrap_or(0),
        };
        if before.checked_add(1) != Some(object.version) {
            return Ok(false);
        }
        seen.insert(object.key, object.version);
    }
    Ok(true)
}

/// Writes the states.
pub(super) fn put(group: &mut Group<'_>, objects: &[ObjectState]) -> Result<()> {
    if objects.is_empty() {
        return Ok(());
    }
    let mut put = group.conn.prepare_cached(
        "INSERT INTO object (key, version, status, lane, last_event, last_type, organisation, subject,
                             resource)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT DO UPDATE SET
           version = excluded.version, status = excluded.status, lane = excluded.lane,
           last_event = excluded.last_event, last_type = excluded.last_type,
           organisation = excluded.organisation, subject = excluded.subject,
           resource = excluded.resource",
    )?;
    for object in objects {
        put.execute(params![
            object.key.0,
            object.version,
            object.status.map(status_number),
            lane_number(object.lane),
            object.last_event.map(Id::row),
            object.last_type.as_ref().map(|name| name.as_str()),
            object.organisation.row(),
            object.subject.map(|subject| subject.0),
            object.resource.as_ref().map(|sealed| sealed.0.as_slice()),
        ])?;
        let digest = group.desk.digest.part(b'O').bytes(&object.key.0).number(object.version.into());
        digest.bytes(object.resource.as_ref().map_or(&[], |sealed| sealed.0.as_slice()));
    }
    Ok(())
}
