//! Makes what attempts brought durable, in batches.

use std::sync::Arc;
use std::time::Duration;

use model::{Attempt, Category, Sealed, Timestamp};
use store::{Batch, Claim, End, Hold, Reschedule, Settled, Store};
use tokio::sync::mpsc;

use crate::decide::Next;

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
    pub(crate) at: Timestamp,
}

impl Ending {
    /// A delivery that could not be tried for as long as it was owed.
    pub(crate) fn overdue(claim: Claim, at: Timestamp) -> Self {
        Ending { claim, next: Next::DeadLetter, keep: false, attempt: None, rendered: None, at }
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
    endings: mpsc::Receiver<Ending>,
    back: mpsc::UnboundedReceiver<Hold>,
}

impl Settler {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        endings: mpsc::Receiver<Ending>,
        back: mpsc::UnboundedReceiver<Hold>,
    ) -> Self {
        Settler { store, endings, back }
    }

    pub(crate) async fn run(mut self) {
        let mut ended = Vec::with_capacity(GROUP);
        let mut held = Vec::new();
        loop {
            tokio::select! {
                count = self.endings.recv_many(&mut ended, GROUP) => if count == 0 { return },
                Some(hold) = self.back.recv() => held.push(hold),
            }
            while let Ok(hold) = self.back.try_recv() {
                held.push(hold);
            }
            let mut batch = Batch { held: std::mem::take(&mut held), ..Batch::default() };
            ended.drain(..).for_each(|ending| add(&mut batch, ending));
            if !self.commit(batch).await {
                return;
            }
        }
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
    let Ending { claim, next, keep, attempt, rendered, at } = ending;
    let attempts = attempt.as_ref().map_or(claim.attempts, |attempt| attempt.number);
    batch.attempts.extend(attempt);
    let end = match next {
        Next::RetryAt(due) => {
            let (delivery, epoch) = (claim.delivery, claim.epoch);
            batch.again.push(Reschedule { delivery, epoch, due, attempts, error, rendered, keep });
            return;
        }
        Next::Done => End::Delivered,
        Next::DeadLetter => End::DeadLettered,
        Next::Withhold => End::Withheld,
    };
    let (delivery, epoch) = (claim.delivery, claim.epoch);
    batch.settled.push(Settled { delivery, epoch, end, at, attempts, error, rendered });
}

const GROUP: usize = 1_024;
const AGAIN: Duration = Duration::from_millis(100);
