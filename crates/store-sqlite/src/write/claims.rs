//! Deliveries on their way from disk to the sender.

use model::{Id, OrderKey, Timestamp};
use rusqlite::params;
use store::{Ask, Backlog, BlockedKey, Claim};

use super::group::Group;
use crate::fault::Result;
use crate::rows::{Columns, lane_number};

/// Stamps due deliveries with our epoch, the oldest first.
pub(crate) fn claim(group: &mut Group<'_>, ask: Ask) -> Result<Vec<Claim>> {
    let Some(webhook) = group.row(ask.webhook) else { return Ok(Vec::new()) };
    let mut find = group.conn.prepare_cached(
        "SELECT id, event, order_key, ifnull(owed_since, accepted), attempts, ifnull(rendered, 0), test
         FROM delivery INDEXED BY delivery_ready
         WHERE epoch = 0 AND state = 0 AND webhook = ?1 AND lane = ?2 ORDER BY id LIMIT ?3",
    )?;
    let most = i64::try_from(ask.max).unwrap_or(i64::MAX);
    let mut rows = find.query(params![webhook, lane_number(ask.lane), most])?;
    let mut claims = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row, "delivery", group.desk.who.tag);
        claims.push(Claim {
            delivery: columns.id()?,
            event: columns.id()?,
            webhook: ask.webhook,
            lane: ask.lane,
            order: columns.hmac()?.map(OrderKey),
            accepted: columns.time()?,
            attempts: columns.number()?,
            rendered: columns.value()?,
            test: columns.value()?,
            epoch: group.desk.who.epoch.cast_unsigned(),
        });
    }
    drop(rows);
    let mut stamp = group.conn.prepare_cached("UPDATE delivery SET epoch = ?2, held = NULL WHERE id = ?1")?;
    for claim in &claims {
        stamp.execute([claim.delivery.row(), group.desk.who.epoch])?;
    }
    Ok(claims)
}

/// Makes waiting deliveries due whose time has come.
pub(crate) fn due(group: &mut Group<'_>, before: Timestamp, max: usize) -> Result<Vec<Backlog>> {
    let mut find = group.conn.prepare_cached(
        "SELECT id, webhook, lane FROM delivery INDEXED BY delivery_due
         WHERE epoch = 0 AND state = 1 AND due <= ?1 ORDER BY due LIMIT ?2",
    )?;
    let most = i64::try_from(max).unwrap_or(i64::MAX);
    let mut rows = find.query(params![before.millis(), most])?;
    let mut ids: Vec<i64> = Vec::new();
    let mut backlogs: Vec<Backlog> = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row, "delivery", group.desk.who.tag);
        ids.push(columns.value()?);
        let (webhook, lane) = (columns.id()?, columns.lane()?);
        let known = backlogs.iter_mut().find(|known| known.webhook == webhook && known.lane == lane);
        match known {
            Some(known) => known.count += 1,
            None => backlogs.push(Backlog { webhook, lane, count: 1 }),
        }
    }
    drop(rows);
    let mut put = group.conn.prepare_cached("UPDATE delivery SET state = 0, due = NULL WHERE id = ?1")?;
    for id in ids {
        put.execute([id])?;
    }
    Ok(backlogs)
}

/// What waits on disk for whom.
pub(crate) fn backlog(group: &mut Group<'_>) -> Result<(Vec<Backlog>, Vec<BlockedKey>)> {
    let mut find = group.conn.prepare_cached(
        "SELECT webhook, lane, count(*) FROM delivery INDEXED BY delivery_ready
         WHERE epoch = 0 AND state = 0 GROUP BY webhook, lane",
    )?;
    let mut rows = find.query([])?;
    let mut backlogs = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row, "delivery", group.desk.who.tag);
        let (webhook, lane, count) = (columns.id()?, columns.lane()?, columns.number()?);
        backlogs.push(Backlog { webhook, lane, count });
    }
    let mut find = group.conn.prepare_cached(
        "SELECT DISTINCT webhook, lane, order_key FROM delivery INDEXED BY delivery_order
         WHERE order_key IS NOT NULL AND state = 1",
    )?;
    let mut rows = find.query([])?;
    let mut blocked = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row, "delivery", group.desk.who.tag);
        let (webhook, lane, order) = (columns.id()?, columns.lane()?, OrderKey(columns.value()?));
        blocked.push(BlockedKey { webhook, lane, order });
    }
    Ok((backlogs, blocked))
}
