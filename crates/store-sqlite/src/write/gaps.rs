//! Machine steps whose rows are gone, taken out of the audit chain.

use audit::{Action, Gap, Head};
use rusqlite::{Connection, OptionalExtension, params};

use super::group::Group;
use super::journal;
use crate::fault::{Fault, Result};

/// Rows behind `after` that are older than `then`, of whatever kind: those of machines may be taken out.
/// The last row stays, so that the chain can go on from it.
pub(super) fn candidates(conn: &Connection, then: i64, after: i64) -> Result<Vec<i64>> {
    let mut find = conn.prepare_cached(
        "SELECT number, at FROM audit
         WHERE number > max(?1, ifnull((SELECT max(last) FROM audit_gap), 0))
           AND number < (SELECT max(number) FROM audit)
         ORDER BY number LIMIT 256",
    )?;
    let mut rows = find.query([after])?;
    let mut numbers = Vec::new();
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(1)? >= then {
            break;
        }
        numbers.push(row.get(0)?);
    }
    Ok(numbers)
}

/// Whether a row is a machine step.
pub(super) fn is_step(conn: &Connection, number: i64) -> Result<bool> {
    let mut find = conn.prepare_cached("SELECT 1 FROM audit WHERE number = ?1 AND action = ?2")?;
    Ok(find.exists(params![number, Action::Group.number()])?)
}

/// Takes out a row; the gap before it grows, or one begins.
pub(super) fn take_out(group: &mut Group<'_>, number: i64) -> Result<()> {
    let missing = || Fault::damaged("audit", format!("row {number} is missing"));
    let last = row_head(group.conn, number)?.ok_or_else(missing)?;
    let former = ending_at(group.conn, number - 1)?;
    let before = match former {
        Some(gap) => gap.before,
        None => match row_head(group.conn, number - 1)? {
            Some(head) => head,
            None => journal::base(group.conn)?,
        },
    };
    let gap = group.desk.chain.gap(before, last);
    group.conn.prepare_cached("DELETE FROM audit_gap WHERE last = ?1")?.execute([number - 1])?;
    let mut put = group.conn.prepare_cached(
        "INSERT INTO audit_gap (last, before, before_mac, last_mac, seal) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    put.execute(params![number, gap.before.number.cast_signed(), gap.before.mac, gap.last.mac, gap.seal])?;
    group.conn.prepare_cached("DELETE FROM audit WHERE number = ?1")?.execute([number])?;
    Ok(())
}

/// The gap that begins behind a row.
pub(crate) fn behind(conn: &Connection, before: i64) -> Result<Option<Gap>> {
    find(conn, "SELECT before, before_mac, last, last_mac, seal FROM audit_gap WHERE last > ?1 ORDER BY last LIMIT 1", before)
        .map(|found| found.filter(|gap| gap.before.number == before.cast_unsigned()))
}

fn ending_at(conn: &Connection, last: i64) -> Result<Option<Gap>> {
    find(conn, "SELECT before, before_mac, last, last_mac, seal FROM audit_gap WHERE last = ?1", last)
}

fn find(conn: &Connection, sql: &str, number: i64) -> Result<Option<Gap>> {
    let gap = |row: &rusqlite::Row<'_>| {
        let head = |number: i64, mac| Head { number: number.cast_unsigned(), mac };
        Ok(Gap {
            before: head(row.get(0)?, row.get(1)?),
            last: head(row.get(2)?, row.get(3)?),
            seal: row.get(4)?,
        })
    };
    Ok(conn.prepare_cached(sql)?.query_row([number], gap).optional()?)
}

fn row_head(conn: &Connection, number: i64) -> Result<Option<Head>> {
    let mut find = conn.prepare_cached("SELECT mac FROM audit WHERE number = ?1")?;
    let mac = find.query_row([number], |row| row.get(0)).optional()?;
    Ok(mac.map(|mac| Head { number: number.cast_unsigned(), mac }))
}
