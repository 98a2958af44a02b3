//! Sealed records, for retention.

use model::{SubjectKey, limits};
use rusqlite::{Connection, params};
use store::{Record, RecordOf};

use crate::fault::Result;
use crate::rows::Columns;

/// Records of a kind above one row and below another, as many as are read together.
pub(crate) fn between(conn: &Connection, tag: u64, of: RecordOf, rows: (i64, i64)) -> Result<Vec<Record>> {
    let (records, bytes) = limits::RESEAL;
    let mut find = conn.prepare_cached(select(of))?;
    let mut found = find.query(params![rows.0, rows.1, records as i64])?;
    let (mut kept, mut left) = (Vec::new(), bytes);
    while left > 0
        && let Some(row) = found.next()?
    {
        let mut columns = Columns::of(row, "record", tag);
        let record = Record {
            of,
            row: columns.value()?,
            organisation: columns.id()?,
            subject: columns.hmac()?.map(SubjectKey),
            sealed: model::Sealed(columns.value()?),
        };
        left = left.saturating_sub(record.sealed.0.len());
        kept.push(record);
    }
    Ok(kept)
}

fn select(of: RecordOf) -> &'static str {
    match of {
        RecordOf::Event => {
            "SELECT body.event, event.organisation, event.subject, body.sealed
             FROM body JOIN event ON event.id = body.event
             WHERE body.event > ?1 AND body.event < ?2 ORDER BY body.event LIMIT ?3"
        }
        RecordOf::Message => {
            "SELECT message_raw.message, message.organisation, message.subject, message_raw.sealed
             FROM message_raw JOIN message ON message.id = message_raw.message
             WHERE message_raw.message > ?1 AND message_raw.message < ?2 ORDER BY message_raw.message LIMIT ?3"
        }
        RecordOf::Delivery => {
            "SELECT rendered.delivery, delivery.organisation, event.subject, rendered.sealed
             FROM rendered JOIN delivery ON delivery.id = rendered.delivery JOIN event ON event.id = delivery.event
             WHERE rendered.delivery > ?1 AND rendered.delivery < ?2 ORDER BY rendered.delivery LIMIT ?3"
        }
        RecordOf::Rejection => {
            "SELECT rejection_raw.rejection, rejection.organisation, NULL, rejection_raw.sealed
             FROM rejection_raw JOIN rejection ON rejection.id = rejection_raw.rejection
             WHERE rejection_raw.rejection > ?1 AND rejection_raw.rejection < ?2
             ORDER BY rejection_raw.rejection LIMIT ?3"
        }
        RecordOf::Reply => {
            "SELECT reply.attempt, event.organisation, event.subject, reply.sealed
             FROM reply JOIN attempt ON attempt.delivery = reply.delivery AND attempt.id = reply.attempt
               JOIN event ON event.id = attempt.event
             WHERE reply.attempt > ?1 AND reply.attempt < ?2 ORDER BY reply.attempt LIMIT ?3"
        }
    }
}
