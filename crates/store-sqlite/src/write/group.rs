//! One transaction, and what it tells afterwards.

use std::sync::Arc;

use model::{Clock, Id, Lane, OrderKey, Timestamp, WebhookId};
use rusqlite::Connection;
use store::{Backlog, BlockedKey, Claim, Handover, Recall};

use super::hot::Hot;
use crate::digest::Digest;
use crate::fault::Result;
use crate::tally::Tally;

/// Who writes: the same for all groups of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Who {
    /// The lower half of every id.
    pub(crate) tag: u64,
    /// The present epoch, as rows carry it.
    pub(crate) epoch: i64,
}

impl Who {
    /// The row of an id, if it is one of ours.
    pub(crate) fn row(self, id: impl Id) -> Option<i64> {
        (id.tag() == self.tag).then(|| id.row())
    }
}

/// What outlives a group.
pub(crate) struct Desk {
    pub(crate) who: Who,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) handover: Arc<dyn Handover>,
    pub(crate) chain: audit::Chain,
    pub(crate) digest: Digest,
    /// The last place given out in the feed.
    pub(crate) seq: i64,
    /// Whether a delivery may follow another; once true, it stays so.
    pub(crate) has_followers: bool,
    /// Whether a subject may have been merged; once true, it stays so.
    pub(crate) has_merges: bool,
    /// Whether something was removed whose space may be given back.
    pub(crate) vacuum: bool,
}

/// A transaction under way.
pub(crate) struct Group<'c> {
    pub(crate) conn: &'c Connection,
    pub(crate) hot: Hot<'c>,
    pub(crate) desk: &'c mut Desk,
    pub(crate) now: Timestamp,
    pub(crate) tally: Tally,
    pub(crate) news: News,
    pub(crate) entries: Vec<audit::Entry>,
    /// The decisions and deliveries of the event under way, as bytes.
    pub(crate) decisions: Vec<u8>,
    pub(crate) deliveries: Vec<u8>,
}

/// What the sender hears after the commit.
#[derive(Default)]
pub(crate) struct News {
    claims: Vec<Claim>,
    spilled: Vec<Backlog>,
    /// Keys whose head ended, once for each end.
    pub(crate) ended: Vec<BlockedKey>,
    /// Deliveries that must come back from the sender, to be raised.
    pub(crate) recalled: Vec<Recall>,
    /// Deliveries that a person wants sent now.
    pub(crate) hastened: Vec<model::DeliveryId>,
    /// Deliveries that a person ended.
    pub(crate) withdrawn: Vec<model::DeliveryId>,
}

impl<'c> Group<'c> {
    /// Begins a group on a connection with an open transaction.
    pub(crate) fn begin(conn: &'c Connection, desk: &'c mut Desk) -> Result<Self> {
        let now = desk.clock.now();
        Ok(Group {
            conn,
            hot: Hot::prepare(conn)?,
            desk,
            now,
            tally: Tally::default(),
            news: News::default(),
            entries: Vec::new(),
            decisions: Vec::new(),
            deliveries: Vec::new(),
        })
    }

    /// Writes what all commands of the group added up to, and hands over the news.
    pub(crate) fn end(mut self) -> Result<(News, i64)> {
        self.release_ended()?;
        self.tally.write(self.conn)?;
        super::journal::write(&mut self)?;
        Ok((self.news, self.tally.unfinished()))
    }

    /// The id of a row of this installation.
    pub(crate) fn id<I: Id>(&self, row: i64) -> I {
        I::from_row(row, self.desk.who.tag)
    }

    /// The row of an id, if it is one of ours.
    pub(crate) fn row(&self, id: impl Id) -> Option<i64> {
        self.desk.who.row(id)
    }

    /// A delivery waits on disk, due.
    pub(crate) fn spill(&mut self, webhook: i64, lane: Lane, count: u64) {
        let webhook: WebhookId = self.id(webhook);
        let known = self.news.spilled.iter_mut().rev().take(32);
        match known.into_iter().find(|known| known.webhook == webhook && known.lane == lane) {
            Some(known) => known.count += count,
            None => self.news.spilled.push(Backlog { webhook, lane, count }),
        }
    }

    /// The head of an order key ended.
    pub(crate) fn head_ended(&mut self, webhook: i64, lane: Lane, order: OrderKey) {
        let webhook = self.id(webhook);
        self.news.ended.push(BlockedKey { webhook, lane, order });
    }

    /// A delivery goes to the sender as soon as it is durable.
    pub(crate) fn hand_over(&mut self, claim: Claim) {
        self.news.claims.push(claim);
    }

    /// From now on `sender` hears the news; it asks for what is on disk itself.
    pub(crate) fn join(&mut self, sender: Arc<dyn Handover>) {
        self.desk.handover = sender;
        self.news.spilled.clear();
    }
}

impl News {
    /// Tells the sender, in the order in which it must hear.
    pub(crate) fn tell(self, sender: &dyn Handover) {
        if !self.claims.is_empty() {
            sender.take(self.claims);
        }
        if !self.spilled.is_empty() {
            sender.spilled(self.spilled);
        }
        if !self.recalled.is_empty() {
            sender.recalled(self.recalled);
        }
        if !self.hastened.is_empty() {
            sender.hastened(self.hastened);
        }
        if !self.withdrawn.is_empty() {
            sender.withdrawn(self.withdrawn);
        }
        if !self.ended.is_empty() {
            sender.released(self.ended);
        }
    }
}
