//! When somebody should look.

use model::{AlertId, AlertTarget, Id, KeyId, Severity, Timestamp};
use rusqlite::params;
use store::{Alert, Notice, NoticeState};

use super::group::Group;
use crate::fault::{Fault, Result};

/// Makes an alert or moves it on; who acknowledged it and who was told stays.
pub(super) fn put(group: &mut Group<'_>, alert: &Alert) -> Result<()> {
    let notices = written(&alert.notices)?;
    let (target, is_source) = target_row(alert.target);
    let resolved = alert.resolved.map(|resolved| resolved.millis());
    let mut put = group.conn.prepare_cached(
        "INSERT INTO alert (id, organisation, rule, target, is_source, severity, value, threshold, since,
                            resolved, owes, notices)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT DO UPDATE SET
           severity = excluded.severity, value = excluded.value, threshold = excluded.threshold,
           resolved = excluded.resolved",
    )?;
    put.execute(params![
        alert.id.row(),
        alert.organisation.row(),
        alert.rule.row(),
        target,
        is_source,
        severity_number(alert.severity),
        alert.value,
        alert.threshold,
        alert.since.millis(),
        resolved,
        owes(&alert.notices),
        notices,
    ])?;
    let digest = group.desk.digest.part(b'L').number(alert.id.row()).number(resolved.unwrap_or(0));
    digest.number(target).bytes(notices.as_bytes());
    Ok(())
}

/// Replaces who was told of an alert.
pub(super) fn put_notices(group: &mut Group<'_>, alert: AlertId, notices: &[Notice]) -> Result<()> {
    let Some(id) = group.row(alert) else { return Ok(()) };
    let text = written(notices)?;
    let mut put = group.conn.prepare_cached("UPDATE alert SET notices = ?2, owes = ?3 WHERE id = ?1")?;
    put.execute(params![id, text, owes(notices)])?;
    group.desk.digest.part(b'T').number(id).bytes(text.as_bytes());
    Ok(())
}

fn written(notices: &[Notice]) -> Result<String> {
    serde_json::to_string(notices).map_err(|error| Fault::damaged("alert", error.to_string()))
}

fn owes(notices: &[Notice]) -> bool {
    notices.iter().any(|notice| notice.state == NoticeState::Owed)
}

/// Remembers who took notice first.
pub(super) fn acknowledge(
    group: &mut Group<'_>,
    alert: AlertId,
    (at, key): (Timestamp, KeyId),
) -> Result<()> {
    let Some(id) = group.row(alert) else { return Ok(()) };
    let mut put = group.conn.prepare_cached(
        "UPDATE alert SET acknowledged = ?2, acknowledged_by = ?3 WHERE id = ?1 AND acknowledged IS NULL",
    )?;
    put.execute(params![id, at.millis(), key.row()])?;
    group.desk.digest.part(b'N').number(id).number(at.millis()).number(key.row());
    Ok(())
}

/// A target as it is written: its row, and whether it is an integration.
pub(crate) fn target_row(target: AlertTarget) -> (i64, bool) {
    match target {
        AlertTarget::Webhook(id) => (id.row(), false),
        AlertTarget::Integration(id) => (id.row(), true),
    }
}

/// The number of a severity.
pub(crate) fn severity_number(severity: Severity) -> i64 {
    match severity {
        Severity::Info => 0,
        Severity::Warning => 1,
        Severity::Critical => 2,
    }
}
