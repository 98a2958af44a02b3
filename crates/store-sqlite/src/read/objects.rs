//! States of tracked objects, and who their subjects are by now.

use model::{ObjectKey, Sealed, SubjectKey};
use rusqlite::Connection;
use store::ObjectState;

use crate::fault::Result;
use crate::rows::{self, Columns};
use crate::write::merges;

/// The states of objects, in order.
pub(crate) fn states(conn: &Connection, tag: u64, keys: &[ObjectKey]) -> Result<Vec<Option<ObjectState>>> {
    let mut find = conn.prepare_cached(
        "SELECT version, status, lane, last_event, last_type, organisation, subject, resource FROM object WHERE key = ?1",
    )?;
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        let mut rows = find.query([key.0])?;
        let Some(row) = rows.next()? else {
            found.push(None);
            continue;
        };
        let mut columns = Columns::of(row, "object", tag);
        found.push(Some(ObjectState {
            key: *key,
            version: columns.value()?,
            status: columns.value::<Option<i64>>()?.map(rows::status).transpose()?,
            lane: columns.lane()?,
            last_event: columns.id_if_any()?,
            last_type: columns.value::<Option<String>>()?.map(|name| name.as_str().into()),
            organisation: columns.id()?,
            subject: columns.hmac()?.map(SubjectKey),
            resource: columns.value::<Option<Vec<u8>>>()?.map(Sealed),
        }));
    }
    Ok(found)
}

/// The other subjects that are one with a subject.
pub(crate) fn one_with(conn: &Connection, subject: SubjectKey) -> Result<Vec<SubjectKey>> {
    let root = merges::root(conn, subject.0)?;
    let merged = merges::merged_into(conn, root)?;
    let all = std::iter::once(root).chain(merged).map(SubjectKey);
    Ok(all.filter(|one| *one != subject).collect())
}

/// Who these subjects are by now, in order.
pub(crate) fn survivors(conn: &Connection, subjects: &[SubjectKey]) -> Result<Vec<SubjectKey>> {
    subjects.iter().map(|subject| merges::root(conn, subject.0).map(SubjectKey)).collect()
}
