//! The verbs of [`Store`], each as a command for the writer or a question for a reader.

use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use model::{DeliveryId, EventId, Id, IntegrationId, ObjectKey, Sealed, SubjectKey, Timestamp, WebhookId};
use store::{
    Ask, Asked, Backlog, Batch, Begun, BlockedKey, Claim, Committed, ConfigRow, End, Error, Expiry, Handover,
    Health, Installation, Leftover, NewEvent, ObjectState, Record, RecordOf, Resealed, Result, Store, Twice,
};

use crate::mailbox::{Mailbox, Weight};
use crate::write::group::Group;
use crate::write::resealing::{self, Renewed};
use crate::write::{answers, batch, claims, configure, endings, expiry};
use crate::{SqliteStore, read};

impl SqliteStore {
    pub(crate) fn mailbox(&self) -> Result<Arc<Mailbox>> {
        if let Some(stopped) = self.shared.stopped() {
            return Err(stopped);
        }
        let mailbox = self.mailbox.lock().unwrap_or_else(PoisonError::into_inner).clone();
        mailbox.ok_or_else(|| Error::Stopped("closed".into()))
    }

    async fn expire_kind(&self, kind: expiry::Kind, horizon: Expiry, budget: u64) -> Result<u64> {
        let (mut removed, mut after) = (0, 0);
        while removed < budget {
            let page = self.readers.read(move |conn| kind.candidates(conn, horizon, after)).await?;
            let Some(last) = page.last() else { break };
            after = *last;
            let may_go = self.readers.read(move |conn| {
                let may_go = |row: &i64| kind.may_go(conn, horizon, *row);
                page.into_iter()
                    .filter_map(|row| may_go(&row).map(|may| may.then_some(row)).transpose())
                    .collect()
            });
            let mut rows: Vec<i64> = may_go.await?;
            rows.truncate(usize::try_from(budget - removed).unwrap_or(usize::MAX));
            if !rows.is_empty() {
                let weight = Weight::rows(rows.len() * 4);
                let work = move |group: &mut Group<'_>| expiry::expire(group, kind, horizon, &rows);
                removed += self.mailbox()?.call(weight, work).await?;
            }
        }
        Ok(removed)
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, batch: Batch) -> Result<Committed> {
        let weight = batch::weigh(&batch);
        self.mailbox()?.call(weight, move |group| batch::commit(group, &batch)).await
    }

    async fn begin(&self, asked: Asked) -> Result<Begun> {
        let weight = Weight { intake: asked.twice == Twice::Harmless, ..Weight::rows(2) };
        self.mailbox()?.call(weight, move |group| answers::begin(group, &asked)).await
    }

    async fn claim(&self, ask: Ask) -> Result<Vec<Claim>> {
        self.mailbox()?.call(Weight::rows(ask.max), move |group| claims::claim(group, ask)).await
    }

    async fn due(&self, before: Timestamp, max: usize) -> Result<Vec<Backlog>> {
        self.mailbox()?.call(Weight::rows(max), move |group| claims::due(group, before, max)).await
    }

    async fn events(&self, ids: &[EventId]) -> Result<Vec<Option<NewEvent>>> {
        let rows: Vec<Option<i64>> = ids.iter().map(|id| self.who.row(*id)).collect();
        let tag = self.who.tag;
        self.readers.read(move |conn| read::events::with_bodies(conn, tag, &rows)).await
    }

    async fn rendered(&self, delivery: DeliveryId) -> Result<Option<Sealed>> {
        let Some(row) = self.who.row(delivery) else { return Ok(None) };
        self.readers.read(move |conn| read::deliveries::rendered(conn, row)).await
    }

    async fn objects(&self, keys: &[ObjectKey]) -> Result<Vec<Option<ObjectState>>> {
        let (keys, tag) = (keys.to_vec(), self.who.tag);
        self.readers.read(move |conn| read::objects::states(conn, tag, &keys)).await
    }

    async fn survivors(&self, subjects: &[SubjectKey]) -> Result<Vec<SubjectKey>> {
        let subjects = subjects.to_vec();
        self.readers.read(move |conn| read::objects::survivors(conn, &subjects)).await
    }

    async fn cursors(&self, integration: IntegrationId) -> Result<Vec<(String, String)>> {
        let Some(row) = self.who.row(integration) else { return Ok(Vec::new()) };
        self.readers.read(move |conn| read::cursors::of(conn, row)).await
    }

    async fn leftovers(&self, integration: IntegrationId) -> Result<Vec<Leftover>> {
        let Some(row) = self.who.row(integration) else { return Ok(Vec::new()) };
        self.readers.read(move |conn| read::leftovers::of(conn, (integration, row))).await
    }

    async fn one_with(&self, subject: SubjectKey) -> Result<Vec<SubjectKey>> {
        self.readers.read(move |conn| read::objects::one_with(conn, subject)).await
    }

    async fn backlog(&self) -> Result<(Vec<Backlog>, Vec<BlockedKey>)> {
        // Asked of the writer: nothing may fall between this answer and the news that follow it.
        self.mailbox()?.call(Weight::rows(1), claims::backlog).await
    }

    fn hand_over_to(&self, sender: Arc<dyn Handover>) {
        // A stopped store has nothing to hand over; its verbs say so.
        if let Ok(mailbox) = self.mailbox() {
            mailbox.tell(move |group| {
                group.join(sender.clone());
                Ok(())
            });
        }
    }

    fn installation(&self) -> Installation {
        self.installation_facts()
    }

    async fn config_since(&self, version: u64) -> Result<Vec<ConfigRow>> {
        self.readers.read(move |conn| read::documents::since(conn, version)).await
    }

    async fn config_at(&self, kind: &str, id: u128, version: u64) -> Result<Option<ConfigRow>> {
        let kind = kind.to_owned();
        self.readers.read(move |conn| read::documents::at(conn, (&kind, id), version)).await
    }

    async fn config_apply(
        &self,
        rows: Vec<ConfigRow>,
        audit: Vec<audit::Entry>,
        expected: u64,
    ) -> Result<u64> {
        let weight = Weight::rows(rows.len() + audit.len());
        let work = move |group: &mut Group<'_>| configure::apply(group, &rows, &audit, expected);
        self.mailbox()?.call(weight, work).await?
    }

    async fn end_all(&self, webhook: WebhookId, end: End, now: Timestamp) -> Result<u64> {
        let Some(webhook) = self.who.row(webhook) else { return Ok(0) };
        let (mut ended, mut after, tag) = (0, 0, self.who.tag);
        loop {
            let page = move |conn: &_| read::deliveries::owed_to(conn, webhook, end, after);
            let rows = self.readers.read(page).await?;
            let Some(last) = rows.last() else { return Ok(ended) };
            after = *last;
            let work = move |group: &mut Group<'_>| {
                let mut count = 0;
                for row in &rows {
                    let id = DeliveryId::from_row(*row, tag);
                    count += u64::from(endings::end_by_hand(group, id, end, now)?);
                }
                Ok(count)
            };
            ended += self.mailbox()?.call(Weight::rows(read::deliveries::OWED), work).await?;
        }
    }

    async fn expire(&self, horizon: Expiry, budget: usize) -> Result<u64> {
        let budget = budget as u64;
        let mut removed = 0;
        for kind in expiry::Kind::ALL {
            removed += self.expire_kind(kind, horizon, budget.saturating_sub(removed)).await?;
        }
        if removed < budget {
            let work = move |group: &mut Group<'_>| expiry::expire_small(group, horizon);
            removed += self.mailbox()?.call(Weight::rows(1), work).await?;
        }
        Ok(removed)
    }

    async fn records(&self, of: RecordOf, after: i64, before: i64) -> Result<Vec<Record>> {
        let tag = self.who.tag;
        self.readers.read(move |conn| read::records::between(conn, tag, of, (after, before))).await
    }

    async fn reseal(&self, records: Vec<Resealed>) -> Result<u64> {
        let records: Vec<Renewed> = records.into_iter().map(Renewed::of).collect();
        let bytes = records.iter().map(Renewed::weight).sum();
        let weight = Weight { bytes, ..Weight::rows(records.len()) };
        let work = move |group: &mut Group<'_>| {
            let mut count = 0;
            for record in &records {
                count += u64::from(resealing::reseal(group, record)?);
            }
            Ok(count)
        };
        self.mailbox()?.call(weight, work).await
    }

    async fn retention_clock(&self) -> Result<Option<Timestamp>> {
        self.readers.read(configure::retention_clock).await
    }

    async fn set_retention_clock(&self, at: Timestamp, audit: Vec<audit::Entry>) -> Result<()> {
        let work = move |group: &mut Group<'_>| configure::set_retention_clock(group, at, &audit);
        self.mailbox()?.call(Weight::rows(1), work).await
    }

    async fn health(&self) -> Health {
        let size = |end: &str| {
            let mut path = self.path.clone().into_os_string();
            path.push(end);
            std::fs::metadata(path).map_or(0, |meta| meta.len())
        };
        let disk = disk(&self.path);
        let mailbox = self.mailbox();
        let failed = self.shared.failed().map(str::to_owned);
        Health {
            failed: failed.or_else(|| mailbox.as_ref().err().map(ToString::to_string)),
            waiting_bytes: mailbox.map_or(0, |mailbox| mailbox.waiting()),
            unfinished: self.shared.unfinished(),
            data_bytes: size("") + size("-wal"),
            disk_free_bytes: disk.map(|(free, _)| free),
            disk_bytes: disk.map(|(_, all)| all),
            disk_full: self.shared.is_full(),
        }
    }
}

/// What is free on the disk of a file, and how large it is; none if the system does not say.
fn disk(path: &std::path::Path) -> Option<(u64, u64)> {
    let found = rustix::fs::statvfs(path).ok()?;
    Some((found.f_bavail.saturating_mul(found.f_frsize), found.f_blocks.saturating_mul(found.f_frsize)))
}
