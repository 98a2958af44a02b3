//! Numbers of deliveries to FHIR subscriptions: given in the transaction that owes the delivery.

use rusqlite::params;

use super::group::Group;
use crate::fault::Result;

/// Gives the next number of a webhook to one of its deliveries.
pub(super) fn give(group: &mut Group<'_>, webhook: i64, delivery: i64) -> Result<()> {
    let mut next = group.conn.prepare_cached(
        "INSERT INTO numbering (webhook, last) VALUES (?1, 1)
         ON CONFLICT (webhook) DO UPDATE SET last = last + 1 RETURNING last",
    )?;
    let number: i64 = next.query_row([webhook], |row| row.get(0))?;
    let mut put =
        group.conn.prepare_cached("INSERT INTO numbered (webhook, number, delivery) VALUES (?1, ?2, ?3)")?;
    put.execute(params![webhook, number, delivery])?;
    group.desk.digest.part(b'#').number(delivery).number(number);
    Ok(())
}
