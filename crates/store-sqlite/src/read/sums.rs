//! What was added up while it was written.

use async_trait::async_trait;
use model::{Environment, Id, IntegrationId, OrganisationId, Timestamp, WebhookId};
use rusqlite::{Connection, OptionalExtension, params};
use store::{Beat, Flow, Heard, Latest, Pile, Pulse, Result, Sums, Volume};

use crate::SqliteStore;
use crate::fault;
use crate::mailbox::Weight;
use crate::rows::Columns;
use crate::tally::{hours, piles, pulses};
use crate::write::group::Group;

#[async_trait]
impl Sums for SqliteStore {
    async fn pulse(
        &self,
        (organisation, environment): (OrganisationId, Environment),
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Pulse>> {
        let Some(row) = self.who.row(organisation) else { return Ok(Vec::new()) };
        self.add_up().await;
        self.readers.read(move |conn| pulse(conn, (row, environment), (from, to))).await
    }

    async fn flow(
        &self,
        (webhook, environment): (WebhookId, Environment),
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Flow>> {
        let Some(row) = self.who.row(webhook) else { return Ok(Vec::new()) };
        self.add_up().await;
        self.readers.read(move |conn| flow(conn, (row, environment), (from, to))).await
    }

    async fn beats(
        &self,
        (webhook, environment): (WebhookId, Environment),
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Beat>> {
        let Some(row) = self.who.row(webhook) else { return Ok(Vec::new()) };
        self.add_up().await;
        self.readers.read(move |conn| beats(conn, (row, environment), (from, to))).await
    }

    async fn volume(
        &self,
        organisation: OrganisationId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Volume>> {
        let Some(row) = self.who.row(organisation) else { return Ok(Vec::new()) };
        let tag = self.who.tag;
        self.add_up().await;
        self.readers.read(move |conn| volume(conn, tag, row, (from, to))).await
    }

    async fn heard(&self, integrations: &[IntegrationId]) -> Result<Vec<Heard>> {
        let rows: Vec<i64> = integrations.iter().filter_map(|id| self.who.row(*id)).collect();
        let tag = self.who.tag;
        self.add_up().await;
        self.readers.read(move |conn| heard(conn, tag, &rows)).await
    }

    async fn latest(&self, webhooks: &[WebhookId]) -> Result<Vec<Latest>> {
        let rows: Vec<i64> = webhooks.iter().filter_map(|id| self.who.row(*id)).collect();
        let tag = self.who.tag;
        self.add_up().await;
        self.readers.read(move |conn| latest(conn, tag, &rows)).await
    }

    async fn piles(&self, webhooks: &[WebhookId]) -> Result<Vec<Pile>> {
        let rows: Vec<i64> = webhooks.iter().filter_map(|id| self.who.row(*id)).collect();
        let tag = self.who.tag;
        self.add_up().await;
        self.readers.read(move |conn| piles(conn, tag, &rows)).await
    }
}

impl SqliteStore {
    /// Lets the sums hold all that is durable; those of a store that has stopped stay as they are.
    pub(super) async fn add_up(&self) {
        if !self.shared.is_behind() {
            return;
        }
        let Ok(mailbox) = self.mailbox() else { return };
        if let Err(error) = mailbox.call(Weight::rows(8), |group: &mut Group<'_>| group.add_up()).await {
            tracing::warn!(%error, "sums are told that lack the last second");
        }
    }
}

type Span = (Timestamp, Timestamp);

fn is_test(environment: Environment) -> bool {
    environment == Environment::Test
}

fn pulse(
    conn: &Connection,
    (organisation, environment): (i64, Environment),
    (from, to): Span,
) -> fault::Result<Vec<Pulse>> {
    let mut find = conn.prepare_cached(
        "SELECT minute, lane, counts FROM pulse
         WHERE organisation = ?1 AND test = ?2 AND minute BETWEEN ?3 AND ?4 ORDER BY minute, lane",
    )?;
    let mut rows = find.query(params![organisation, is_test(environment), from.minute(), to.minute()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row, "pulse", 0);
        let (minute, lane, counts) = (columns.value()?, columns.lane()?, columns.value::<Vec<u8>>()?);
        found.push(pulses::pulse(minute, lane, &counts)?);
    }
    Ok(found)
}

/// Minute by minute, so that the sums of other webhooks are not looked at.
fn beats(
    conn: &Connection,
    (webhook, environment): (i64, Environment),
    (from, to): Span,
) -> fault::Result<Vec<Beat>> {
    let mut find = conn
        .prepare_cached("SELECT counts FROM minute_total WHERE minute = ?1 AND webhook = ?2 AND test = ?3")?;
    let mut found = Vec::new();
    for minute in from.minute()..=to.minute() {
        let key = params![minute, webhook, is_test(environment)];
        let stored: Option<Vec<u8>> = find.query_row(key, |row| row.get(0)).optional()?;
        if let Some(counts) = stored {
            found.push(Beat { minute, totals: hours::totals(minute.div_euclid(60), &counts)? });
        }
    }
    Ok(found)
}

fn flow(
    conn: &Connection,
    (webhook, environment): (i64, Environment),
    (from, to): Span,
) -> fault::Result<Vec<Flow>> {
    let mut find = conn.prepare_cached(
        "SELECT hour, type, lane, counts FROM hour_total
         WHERE webhook = ?1 AND test = ?2 AND hour BETWEEN ?3 AND ?4 ORDER BY hour, type, lane",
    )?;
    let mut rows = find.query(params![webhook, is_test(environment), from.hour(), to.hour()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row, "hour_total", 0);
        let (hour, event_type, lane) = (columns.value()?, columns.name()?, columns.lane()?);
        let totals = hours::totals(hour, &columns.value::<Vec<u8>>()?)?;
        found.push(Flow { event_type, lane, totals });
    }
    Ok(found)
}

fn volume(conn: &Connection, tag: u64, organisation: i64, (from, to): Span) -> fault::Result<Vec<Volume>> {
    let mut find = conn.prepare_cached(
        "SELECT hour, integration, type, test, count FROM volume
         WHERE organisation = ?1 AND hour BETWEEN ?2 AND ?3 ORDER BY hour, integration, type, test",
    )?;
    let mut rows = find.query(params![organisation, from.hour(), to.hour()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row, "volume", tag);
        let hour = columns.value()?;
        let (integration, event_type) = (columns.id()?, columns.name()?);
        let (test, count) = (columns.value()?, columns.number()?);
        found.push(Volume { hour, integration, event_type, test, count });
    }
    Ok(found)
}

fn heard(conn: &Connection, tag: u64, integrations: &[i64]) -> fault::Result<Vec<Heard>> {
    let mut find = conn.prepare_cached("SELECT last, live FROM heard WHERE integration = ?1")?;
    let mut found = Vec::new();
    for integration in integrations {
        let mut rows = find.query([integration])?;
        let Some(row) = rows.next()? else { continue };
        let mut columns = Columns::of(row, "heard", tag);
        let (last, last_live) = (columns.time()?, columns.time_if_any()?);
        found.push(Heard { integration: Id::from_row(*integration, tag), last, last_live });
    }
    Ok(found)
}

fn latest(conn: &Connection, tag: u64, webhooks: &[i64]) -> fault::Result<Vec<Latest>> {
    let mut find = conn.prepare_cached(
        "SELECT last_success, last_failure, failures_in_a_row FROM webhook_total
         WHERE webhook = ?1 AND (last_success IS NOT NULL OR last_failure IS NOT NULL)",
    )?;
    let mut found = Vec::new();
    for webhook in webhooks {
        let mut rows = find.query([webhook])?;
        let Some(row) = rows.next()? else { continue };
        let mut columns = Columns::of(row, "webhook_total", tag);
        let (last_success, last_failure) = (columns.time_if_any()?, columns.time_if_any()?);
        let failures_in_a_row = columns.number()?;
        found.push(Latest {
            webhook: Id::from_row(*webhook, tag),
            last_success,
            last_failure,
            failures_in_a_row,
        });
    }
    Ok(found)
}

fn piles(conn: &Connection, tag: u64, webhooks: &[i64]) -> fault::Result<Vec<Pile>> {
    let mut find = conn.prepare_cached(
        "SELECT test, lane, error, sum(count), min(since), max(since) FROM pile
         WHERE webhook = ?1 GROUP BY test, lane, error",
    )?;
    let mut found = Vec::new();
    for webhook in webhooks {
        let mut rows = find.query([webhook])?;
        while let Some(row) = rows.next()? {
            let mut columns = Columns::of(row, "pile", tag);
            let (test, lane) = (columns.value()?, columns.lane()?);
            let (place, count) = (piles::place(columns.value()?)?, columns.number()?);
            let (first, last) = (columns.time()?, columns.time()?);
            found.push(Pile { webhook: Id::from_row(*webhook, tag), test, lane, place, count, first, last });
        }
    }
    Ok(found)
}
