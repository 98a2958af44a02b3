//! Audit rows: one for each commit group that changed something, one for each act of a person.

use audit::{Action, Actor, Entry, Head, Row};
use model::{Id, KeyId, OrganisationId};
use rusqlite::{Connection, OptionalExtension, params};

use super::group::Group;
use crate::fault::{Fault, Result};
use crate::rows::Columns;

/// Appends what the group and its commands did.
pub(super) fn write(group: &mut Group<'_>) -> Result<()> {
    let mut entries = std::mem::take(&mut group.entries);
    if let Some(detail) = group.desk.digest.finish() {
        entries.push(Entry {
            at: group.now,
            organisation: None,
            actor: Actor::System,
            action: Action::Group,
            target: String::new(),
            detail,
        });
    }
    let mut put = group.conn.prepare_cached(
        "INSERT INTO audit (number, at, organisation, actor, action, target, detail, mac)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for entry in entries {
        let Row { number, entry, mac } = group.desk.chain.append(entry);
        put.execute(params![
            number.cast_signed(),
            entry.at.millis(),
            entry.organisation.map(Id::row),
            actor_number(entry.actor),
            entry.action.number(),
            entry.target,
            entry.detail,
            mac,
        ])?;
    }
    Ok(())
}

/// The columns that [`row`] reads.
pub(crate) const COLUMNS: &str = "number, at, organisation, actor, action, target, detail, mac";

/// An audit row.
pub(crate) fn row(row: &rusqlite::Row<'_>, tag: u64) -> Result<Row> {
    let mut columns = Columns::of(row, "audit", tag);
    let number = columns.number()?;
    let at = columns.time()?;
    let organisation = columns.id_if_any::<OrganisationId>()?;
    let actor = match columns.value()? {
        0 => Actor::System,
        1 => Actor::CommandLine,
        key => Actor::Key(KeyId::from_row(key, tag)),
    };
    let action = columns.value()?;
    let action =
        Action::numbered(action).ok_or_else(|| Fault::damaged("audit", format!("action {action}")))?;
    let (target, detail, mac) = (columns.value()?, columns.value()?, columns.value()?);
    Ok(Row { number, entry: Entry { at, organisation, actor, action, target, detail }, mac })
}

/// The end of the stored chain.
pub(crate) fn head(conn: &Connection) -> Result<Head> {
    let mut find = conn.prepare_cached("SELECT number, mac FROM audit ORDER BY number DESC LIMIT 1")?;
    let last = find.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?))).optional()?;
    match last {
        Some((number, mac)) => Ok(Head { number: number.cast_unsigned(), mac }),
        None => base(conn),
    }
}

/// The last row that retention cut off: where checking begins.
pub(crate) fn base(conn: &Connection) -> Result<Head> {
    let mut find = conn.prepare_cached(
        "SELECT (SELECT value FROM meta WHERE name = 'audit_base_number'), value
         FROM meta WHERE name = 'audit_base_mac'",
    )?;
    let base = find.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?))).optional()?;
    Ok(base.map_or(Head::EMPTY, |(number, mac)| Head { number: number.cast_unsigned(), mac }))
}

/// What stands for who acted.
pub(crate) fn actor_number(actor: Actor) -> i64 {
    match actor {
        Actor::System => 0,
        Actor::CommandLine => 1,
        Actor::Key(key) => key.row(),
    }
}
