//! Decisions and deliveries of an event in few bytes: 17 for each decision, 8 for each delivery.
//!
//! `webhook row · delivery row or 0 · reason`, the rows little-endian.

use model::{Decision, DeliveryId, Id, WebhookId};

use crate::fault::{Fault, Result};
use crate::rows::{reason, reason_number};

const SIZE: usize = 17;

/// Writes decisions.
pub(crate) fn write(decisions: &[Decision], to: &mut Vec<u8>) {
    to.clear();
    for decision in decisions {
        to.extend_from_slice(&decision.webhook.row().to_le_bytes());
        to.extend_from_slice(&decision.delivery.map_or(0, Id::row).to_le_bytes());
        to.push(reason_number(decision.reason));
    }
}

/// Reads decisions of the installation `tag`.
pub(crate) fn read(bytes: &[u8], tag: u64) -> Result<Vec<Decision>> {
    let (whole, rest) = bytes.as_chunks::<SIZE>();
    if !rest.is_empty() {
        return Err(Fault::damaged("event", "decisions of odd length"));
    }
    whole.iter().map(|bytes| read_one(bytes, tag)).collect()
}

fn read_one(bytes: &[u8; SIZE], tag: u64) -> Result<Decision> {
    let [webhook, delivery] = rows(bytes);
    let reason = reason(bytes[SIZE - 1]).ok_or_else(|| Fault::damaged("event", "unknown reason"))?;
    let delivery = (delivery != 0).then(|| DeliveryId::from_row(delivery, tag));
    Ok(Decision { webhook: WebhookId::from_row(webhook, tag), delivery, reason })
}

/// Writes the rows of deliveries.
pub(crate) fn write_deliveries(rows: impl Iterator<Item = i64>, to: &mut Vec<u8>) {
    to.clear();
    to.extend(rows.flat_map(i64::to_le_bytes));
}

/// Reads the rows of deliveries.
pub(crate) fn deliveries(bytes: &[u8]) -> impl Iterator<Item = i64> {
    bytes.as_chunks::<8>().0.iter().map(|row| i64::from_le_bytes(*row))
}

fn rows(bytes: &[u8; SIZE]) -> [i64; 2] {
    let (rows, _) = bytes.as_chunks::<8>();
    [i64::from_le_bytes(rows[0]), i64::from_le_bytes(rows[1])]
}

#[cfg(test)]
mod tests {
    use model::DecisionReason;

    use super::*;

    #[test]
    fn decisions_survive_their_bytes() {
        let webhook = WebhookId::from_row(i64::MAX, 7);
        let delivery = Some(DeliveryId::from_row(5, 7));
        let all = vec![
            Decision { webhook, delivery, reason: DecisionReason::Matched },
            Decision { webhook, delivery: None, reason: DecisionReason::Echo },
        ];
        let mut bytes = Vec::new();
        write(&all, &mut bytes);
        assert_eq!(read(&bytes, 7).unwrap(), all);
        assert!(read(&bytes[1..], 7).is_err());
        write_deliveries([5, i64::MAX].into_iter(), &mut bytes);
        assert_eq!(deliveries(&bytes).collect::<Vec<_>>(), [5, i64::MAX]);
    }
}
