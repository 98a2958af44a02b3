//! Deliveries of several webhooks in the order in which they were committed.

use rusqlite::Connection;
use store::{DeliveryRow, Page};

use super::deliveries;
use crate::fault::Result;

/// What was committed after the place `cursor`.
///
/// Places rise with every commit, so nothing can appear behind a cursor later.
/// `next` is the place of the last row, at the end too.
pub(crate) fn follow(
    conn: &Connection,
    tag: u64,
    webhooks: &[i64],
    (cursor, limit): (i64, usize),
) -> Result<Page<DeliveryRow>> {
    let mut found: Vec<(i64, DeliveryRow)> = Vec::new();
    for webhook in webhooks {
        found.extend(deliveries::in_feed(conn, tag, *webhook, (cursor, limit))?);
        // Keeps memory bounded however many webhooks there are.
        if found.len() > 4 * limit {
            cut(&mut found, limit);
        }
    }
    cut(&mut found, limit);
    let next = found.last().map(|(place, _)| *place);
    Ok(Page { rows: found.into_iter().map(|(_, row)| row).collect(), next })
}

fn cut(found: &mut Vec<(i64, DeliveryRow)>, limit: usize) {
    found.sort_unstable_by_key(|(place, _)| *place);
    found.truncate(limit);
}
