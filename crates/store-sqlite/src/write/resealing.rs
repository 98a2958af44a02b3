//! Records that were sealed anew, in the place of the old ones.

use rusqlite::params;
use store::{RecordOf, Resealed};

use super::group::Group;
use crate::fault::Result;

/// A record on its way to the writer, without the bytes that it replaces.
pub(crate) struct Renewed {
    of: RecordOf,
    row: i64,
    /// How the old record ends: its tag tells it from every other.
    tail: Vec<u8>,
    sealed: Vec<u8>,
}

impl Renewed {
    pub(crate) fn of(resealed: Resealed) -> Self {
        let Resealed { was, sealed } = resealed;
        let mut tail = was.sealed.0;
        tail.drain(..tail.len().saturating_sub(TAIL));
        Renewed { of: was.of, row: was.row, tail, sealed: sealed.0 }
    }

    /// Bytes that wait with it.
    pub(crate) fn weight(&self) -> usize {
        self.sealed.len()
    }
}

/// Replaces a record that is still as it was read; tells whether it was.
pub(crate) fn reseal(group: &mut Group<'_>, record: &Renewed) -> Result<bool> {
    let sql = match record.of {
        RecordOf::Event => "UPDATE body SET sealed = ?2 WHERE event = ?1 AND substr(sealed, -32) = ?3",
        RecordOf::Message => {
            "UPDATE message_raw SET sealed = ?2 WHERE message = ?1 AND substr(sealed, -32) = ?3"
        }
        RecordOf::Delivery => {
            "UPDATE rendered SET sealed = ?2 WHERE delivery = ?1 AND substr(sealed, -32) = ?3"
        }
        RecordOf::Rejection => {
            "UPDATE rejection_raw SET sealed = ?2 WHERE rejection = ?1 AND substr(sealed, -32) = ?3"
        }
        RecordOf::Reply => "UPDATE reply SET sealed = ?2 WHERE attempt = ?1 AND substr(sealed, -32) = ?3",
    };
    let changed = group.conn.prepare_cached(sql)?.execute(params![record.row, record.sealed, record.tail])?;
    if changed > 0 {
        group.desk.digest.part(b'K').number(record.of as i64).number(record.row).bytes(&record.sealed);
    }
    Ok(changed > 0)
}

/// Bytes of the tail, as the statements have it.
const TAIL: usize = 32;
