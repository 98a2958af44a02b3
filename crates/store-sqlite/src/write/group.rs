//! One transaction, and what it tells afterwards.

use std::sync::Arc;

use model::{Clock, Id, Lane, OrderKey, Timestamp, WebhookId, limits};
use rusqlite::Connection;
use store::{Backlog, BlockedKey, Claim, Handover, Recall};
use tokio::time::Instant;

use super::hot::Hot;
use super::known::{self, Changes, Known};
use crate::digest::Digest;
use crate::fault::Result;
use crate::tally::{self, Tally};

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
    /// Keys that were seen before and have not entered their table.
    pub(crate) known: Known,
    /// When the sums held everything for the last time.
    pub(crate) added_up: Option<Instant>,
    /// Whether something stands beside the sums.
    pub(crate) is_behind: bool,
}

/// How much of what was put off a group does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// What cannot wait any longer.
    Busy,
    /// As much as it can.
    Idle,
}

/// What a group leaves, once it is durable.
pub(crate) struct Done {
    pub(crate) news: News,
    /// By how much the number of unfinished deliveries changed.
    pub(crate) unfinished: i64,
    keys: Changes,
    /// Whether the sums hold everything; none if nothing changed about it.
    is_added_up: Option<bool>,
}

/// A transaction under way.
pub(crate) struct Group<'c> {
    pub(crate) conn: &'c Connection,
    pub(crate) hot: Hot<'c>,
    pub(crate) desk: &'c mut Desk,
    pub(crate) now: Timestamp,
    pub(crate) tally: Tally,
    unfinished: i64,
    is_added_up: Option<bool>,
    pub(super) keys: Changes,
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
            unfinished: 0,
            is_added_up: None,
            keys: Changes::default(),
            news: News::default(),
            entries: Vec::new(),
            decisions: Vec::new(),
            deliveries: Vec::new(),
        })
    }

    /// Writes what all commands of the group added up to, and hands over the news.
    pub(crate) fn end(mut self, pace: Pace) -> Result<Done> {
        self.release_ended()?;
        if self.must_add_up(pace) {
            self.add_up()?;
        } else {
            self.unfinished += self.tally.unfinished();
            let is_behind = self.tally.put_aside(self.conn)?;
            self.is_added_up = is_behind.then_some(false);
        }
        match pace {
            Pace::Busy => known::keep_within_bound(&mut self)?,
            Pace::Idle => known::enter(&mut self, limits::KEYS_WRITTEN)?,
        }
        super::journal::write(&mut self)?;
        let Group { news, unfinished, keys, is_added_up, .. } = self;
        Ok(Done { news, unfinished, keys, is_added_up })
    }

    fn must_add_up(&self, pace: Pace) -> bool {
        let is_long = || self.desk.added_up.is_none_or(|at| at.elapsed() >= limits::SUMS_BEHIND);
        pace == Pace::Idle || self.is_added_up == Some(true) || is_long()
    }

    /// Lets the sums hold everything up to here.
    pub(crate) fn add_up(&mut self) -> Result<()> {
        let last = std::mem::take(&mut self.tally);
        self.unfinished += last.unfinished();
        self.is_added_up = Some(true);
        tally::add_up(self.conn, &last)
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

impl Desk {
    /// Takes over what a group left, once it is durable.
    pub(crate) fn apply(&mut self, done: Done) -> (News, i64) {
        self.known.apply(done.keys);
        if let Some(is_added_up) = done.is_added_up {
            self.is_behind = !is_added_up;
            self.added_up = if is_added_up { Some(Instant::now()) } else { self.added_up };
        }
        (done.news, done.unfinished)
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
