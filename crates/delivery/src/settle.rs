//! Makes what attempts brought durable, in batches.

use std::sync::Arc;
use std::time::Duration;

use model::{Attempt, Category, OrganisationId, Sealed, Timestamp, limits};
use observe::live::{Feed, Note};
use settings::Settings;
use store::{Batch, Claim, End, Hold, Reply, Reschedule, Settled, Store};
use tokio::sync::mpsc;

use crate::decide::Next;
use crate::ports::Ports;

/// How an attempt left its delivery.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    pub(crate) claim: Claim,
    pub(crate) next: Next,
    /// Whether the delivery waits in memory for its next attempt.
    pub(crate) keep: bool,
    /// The attempt; none if there was no call.
    pub(crate) attempt: Option<Attempt>,
    pub(crate) rendered: Option<Sealed>,
    /// What the receiver answered to a call that failed.
    pub(crate) reply: Option<Sealed>,
    pub(crate) at: Timestamp,
}

impl Ending {
    /// A delivery that could not be tried for as long as it was owed.
    pub(crate) fn overdue(claim: Claim, at: Timestamp) -> Self {
        Ending { claim, next: Next::DeadLetter, keep: false, attempt: None, rendered: None, reply: None, at }
    }

    fn error(&self) -> Option<Category> {
        match &self.attempt {
            Some(attempt) => attempt.error,
            None => Some(Category::BreakerTripped),
        }
    }
}

/// Collects endings while a commit is under way, and commits them together.
pub(crate) struct Settler {
    store: Arc<dyn Store>,
    settings: Arc<Settings>,
    feed: Feed,
    endings: mpsc::Receiver<Ending>,
    back: mpsc::UnboundedReceiver<Hold>,
}

impl Settler {
    pub(crate) fn new(
        ports: &Ports,
        endings: mpsc::Receiver<Ending>,
        back: mpsc::UnboundedReceiver<Hold>,
    ) -> Self {
        let Ports { store, settings, feed, .. } = ports;
        Settler { store: store.clone(), settings: settings.clone(), feed: feed.clone(), endings, back }
    }

    pub(crate) async fn run(mut self) {
        let mut ended = Vec::with_capacity(limits::SETTLED_TOGETHER);
        let mut held = Vec::new();
        loop {
            tokio::select! {
                count = self.endings.recv_many(&mut ended, limits::SETTLED_TOGETHER) => if count == 0 { return },
                Some(hold) = self.back.recv() => held.push(hold),
            }
            while let Ok(hold) = self.back.try_recv() {
                held.push(hold);
            }
            let mut batch = Batch { held: std::mem::take(&mut held), ..Batch::default() };
            let ends = self.ends(&ended);
            ended.drain(..).for_each(|ending| add(&mut batch, ending));
            if !self.commit(batch).await {
                return;
            }
            // What is not durable yet has not ended.
            ends.into_iter().for_each(|(organisation, note)| self.feed.tell(organisation, || note));
        }
    }

    /// What there is to tell of those that came to their end; nothing while nobody watches.
    fn ends(&self, ended: &[Ending]) -> Vec<(OrganisationId, Note)> {
        if !self.feed.is_watched() {
            self.feed.pass_over(ended.len());
            return Vec::new();
        }
        let compiled = self.settings.now();
        let tell = |ending: &Ending| {
            let Claim { delivery, event, webhook, .. } = ending.claim;
            let organisation = compiled.config.webhooks.get(&webhook)?.organisation_id;
            let state = end(ending.next).ok()?.state();
            let note = Note::Delivery { delivery_id: delivery, event_id: event, webhook_id: webhook, state };
            Some((organisation, note))
        };
        ended.iter().filter_map(tell).collect()
    }

    /// Commits until it succeeds; false when the store has stopped for good.
    async fn commit(&self, batch: Batch) -> bool {
        loop {
            let error = match self.store.commit(batch.clone()).await {
                Ok(committed) => {
                    tracing::debug!(fenced = ?committed.fenced, "settled");
                    return true;
                }
                Err(error) => error,
            };
            if !error.is_transient() {
                tracing::error!(%error, "settlements are lost: their deliveries will be sent again");
                return false;
            }
            tracing::warn!(%error, "settlements wait");
            tokio::time::sleep(AGAIN).await;
        }
    }
}

fn add(batch: &mut Batch, ending: Ending) {
    let error = ending.error();
    let Ending { claim, next, keep, attempt, rendered, reply, at } = ending;
    let attempts = attempt.as_ref().map_or(claim.attempts, |attempt| attempt.number);
    let (delivery, epoch) = (claim.delivery, claim.epoch);
    let reply = attempt.as_ref().zip(reply);
    batch.replies.extend(reply.map(|(attempt, sealed)| Reply { delivery, attempt: attempt.id, sealed }));
    batch.attempts.extend(attempt);
    match end(next) {
        Ok(end) => batch.settled.push(Settled { delivery, epoch, end, at, attempts, error, rendered }),
        Err(due) => batch.again.push(Reschedule { delivery, epoch, due, attempts, error, rendered, keep }),
    }
}

/// How a delivery ends, or when it goes on.
fn end(next: Next) -> Result<End, Timestamp> {
    match next {
        Next::RetryAt(due) => Err(due),
        Next::Done => Ok(End::Delivered),
        Next::DeadLetter => Ok(End::DeadLettered),
        Next::Withhold => Ok(End::Withheld),
    }
}

const AGAIN: Duration = Duration::from_millis(100);
