//! The schema's version, and the steps from older ones: one file each, `vN.rs`, once there are any.

use rusqlite::Connection;
use store::{Error, Result};

use crate::fault::backend;

/// The version that this program writes.
pub(crate) const VERSION: i64 = 3;

/// Makes the schema in a new file; refuses one that a later program wrote, or one from before the first release.
///
/// # Errors
/// The file is of another version, or cannot be written.
pub(crate) fn bring_up_to_date(conn: &mut Connection) -> Result<()> {
    let found: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(backend)?;
    match found {
        VERSION => Ok(()),
        0 => create(conn).map_err(backend),
        1..VERSION => Err(Error::Stopped(format!(
            "the data has version {found}, from before the first release, and there is no step from it to {VERSION}; \
             name another directory with --data"
        ))),
        _ => Err(Error::Stopped(format!(
            "the data has version {found} and this program understands up to {VERSION}; \
             start the program that wrote it, or a newer one"
        ))),
    }
}

fn create(conn: &mut Connection) -> rusqlite::Result<()> {
    let transaction = conn.transaction()?;
    transaction.execute_batch(include_str!("../schema.sql"))?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}
