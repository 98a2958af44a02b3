//! What messages said that no table takes up.

use model::{IntegrationId, LocalCode, SiteTable, Timestamp};
use rusqlite::{Connection, Row};
use store::{LeftOut, Leftover};

use crate::fault::Result;
use crate::rows::PLACE;

/// All of an integration, by what it is.
pub(crate) fn of(conn: &Connection, (integration, row): (IntegrationId, i64)) -> Result<Vec<Leftover>> {
    let mut find = conn.prepare_cached(
        "SELECT kind, what, system, count, first, last FROM leftover WHERE integration = ?1",
    )?;
    let rows = find.query_map([row], |row| leftover(integration, row))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn leftover(integration: IntegrationId, row: &Row<'_>) -> rusqlite::Result<Leftover> {
    let (kind, what, system): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let table = SiteTable::ALL.into_iter().find(|table| table.name() == kind);
    let what = match table {
        Some(table) => LeftOut::Code(LocalCode {
            table,
            code: what,
            system: Some(system).filter(|name| !name.is_empty()),
        }),
        None if kind == PLACE => LeftOut::Place(what),
        None => LeftOut::Dropped,
    };
    let count: i64 = row.get(3)?;
    Ok(Leftover {
        integration,
        what,
        count: count.cast_unsigned(),
        first: Timestamp::from_millis(row.get(4)?),
        last: Timestamp::from_millis(row.get(5)?),
    })
}
