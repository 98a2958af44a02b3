//! When somebody should look, and how long things have been owed.

use model::{AlertTarget, Id, KeyId, Severity};
use rusqlite::{Connection, Params, Row};
use store::{Alert, AlertFilter, Oldest, Page};

use super::filter::Filter;
use super::page;
use crate::fault::{Fault, Result};
use crate::rows::Columns;
use crate::write::alerts::{severity_number, target_row};

const COLUMNS: &str =
    "id, organisation, rule, target, is_source, severity, value, threshold, since, resolved,
    acknowledged, acknowledged_by, notices";

/// Alerts that pass the filter, newest first.
pub(crate) fn list(
    conn: &Connection,
    tag: u64,
    filter: &AlertFilter,
    (after, limit): (Option<i64>, usize),
) -> Result<Page<Alert>> {
    let target = filter.target.map(target_row);
    let mut wanted = Filter::default();
    wanted
        .when("id < ?", after)
        .when("organisation = ?", filter.organisation.map(Id::row))
        .when("rule = ?", filter.rule.map(Id::row))
        .when("target = ?", target.map(|(row, _)| row))
        .when("is_source = ?", target.map(|(_, is_source)| is_source))
        .when("(resolved IS NULL) = ?", filter.is_open)
        .when("since >= ?", filter.from.map(|from| from.millis()))
        .when("since < ?", filter.to.map(|to| to.millis()))
        .ids_between("id", filter.from, filter.to);
    let most = limit + 1;
    let sql = format!("SELECT {COLUMNS} FROM alert WHERE {} ORDER BY id DESC LIMIT {most}", wanted.sql());
    Ok(page(collect(conn, &sql, wanted.values(), tag)?, limit, |alert| alert.id.row()))
}

/// One alert.
pub(crate) fn find(conn: &Connection, tag: u64, id: i64) -> Result<Option<Alert>> {
    Ok(collect(conn, &format!("SELECT {COLUMNS} FROM alert WHERE id = ?1"), [id], tag)?.pop())
}

/// Alerts that are open or of which somebody is still to be told, the oldest first.
pub(crate) fn live(conn: &Connection, tag: u64) -> Result<Vec<Alert>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM alert WHERE id IN
           (SELECT id FROM alert WHERE resolved IS NULL UNION SELECT id FROM alert WHERE owes = 1)
         ORDER BY id"
    );
    collect(conn, &sql, [], tag)
}

/// The oldest of what is owed, by webhook and lane. Goes through the whole
/// queue: an index for it would have to be kept up on the way through memory.
pub(crate) fn oldest_owed(conn: &Connection, tag: u64) -> Result<Vec<Oldest>> {
    let mut find = conn.prepare_cached(
        "SELECT webhook, lane, min(ifnull(owed_since, accepted)), count(*) FROM delivery
         WHERE state < 3 AND test = 0 GROUP BY webhook, lane ORDER BY webhook, lane",
    )?;
    let mut rows = find.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row, "delivery", tag);
        let (webhook, lane) = (columns.id()?, columns.lane()?);
        found.push(Oldest { webhook, lane, since: columns.time()?, count: columns.number()? });
    }
    Ok(found)
}

fn collect(conn: &Connection, sql: &str, values: impl Params, tag: u64) -> Result<Vec<Alert>> {
    let mut find = conn.prepare_cached(sql)?;
    let mut rows = find.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(alert(row, tag)?);
    }
    Ok(found)
}

fn alert(row: &Row<'_>, tag: u64) -> Result<Alert> {
    let mut columns = Columns::of(row, "alert", tag);
    let (id, organisation, rule) = (columns.id()?, columns.id()?, columns.id()?);
    let (target, is_source): (i64, bool) = (columns.value()?, columns.value()?);
    let severity = severity(columns.value()?)?;
    let (value, threshold) = (columns.value()?, columns.value()?);
    let (since, resolved) = (columns.time()?, columns.time_if_any()?);
    let acknowledged = columns.time_if_any()?.zip(columns.id_if_any::<KeyId>()?);
    let notices = serde_json::from_str(&columns.value::<String>()?)
        .map_err(|error| Fault::damaged("alert", error.to_string()))?;
    let target = if is_source {
        AlertTarget::Integration(Id::from_row(target, tag))
    } else {
        AlertTarget::Webhook(Id::from_row(target, tag))
    };
    Ok(Alert {
        id,
        organisation,
        rule,
        target,
        severity,
        value,
        threshold,
        since,
        resolved,
        acknowledged,
        notices,
    })
}

fn severity(number: i64) -> Result<Severity> {
    let found = Severity::ALL.into_iter().find(|severity| severity_number(*severity) == number);
    found.ok_or_else(|| Fault::damaged("alert", format!("severity {number}")))
}
