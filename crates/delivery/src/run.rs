//! The loop that ties the parts together.
//!
//! One event loop decides; senders make the calls. A sender that has ended a
//! call takes the next one itself, so under load nothing waits for the loop.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use model::limits;
use observe::{Stop, tasks};
use tokio::time::Instant;

use crate::engine::Engine;
use crate::settle::Ending;
use crate::{challenge, fetch, pulse, redrive, sender};

impl Engine {
    /// Takes over from the store and sends until asked to stop; calls under way are finished.
    ///
    /// # Errors
    /// The store cannot say what it holds, or write how the webhooks stand.
    pub async fn run(self: Arc<Self>, stop: Stop) -> Result<(), settings::Error> {
        // Before the first look: a change that falls into it must be heard.
        let mut changes = self.ports.settings.watch();
        challenge::stand(&self).await?;
        self.take_over().await?;
        if let Some(settler) = self.settler.lock().unwrap_or_else(PoisonError::into_inner).take() {
            tasks::spawn("settler", settler.run());
        }
        tasks::spawn("fetcher", fetch::run(self.clone(), stop.clone()));
        tasks::spawn("redrives", redrive::run(self.clone(), stop.clone()));
        tasks::spawn("care", self.clone().look_after(stop.clone()));
        tasks::spawn("subscriptions", pulse::run(self.clone(), stop.clone()));
        tasks::spawn("challenges", challenge::run(self.clone(), stop.clone()));
        loop {
            let next = self.clone().start_senders();
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep_until(next.unwrap_or_else(|| Instant::now() + IDLE)) => {}
                changed = changes.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    self.configure();
                }
                () = stop.stopped() => break,
            }
        }
        self.drain().await;
        self.idle.close();
        Ok(())
    }

    async fn take_over(&self) -> store::Result<()> {
        self.configure();
        let (backlogs, blocked) = self.ports.store.backlog().await?;
        self.care.load(&*self.ports.store, &self.ports.settings.now().config).await?;
        let now = self.now();
        let mut desk = self.desk();
        desk.blocked(&blocked, now);
        desk.spilled(&backlogs, now);
        self.hungry.notify_one();
        Ok(())
    }

    fn configure(&self) {
        let compiled = self.ports.settings.now();
        self.hooks.keep(&compiled.config.webhooks);
        self.states
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .tell(&compiled.config.webhooks, &self.ports.feed);
        self.desk().configure(&compiled.config.webhooks, self.now());
        self.hungry.notify_one();
    }

    /// Starts every attempt that may begin; the time of what comes next.
    fn start_senders(self: Arc<Self>) -> Option<Instant> {
        let now = self.now();
        self.desk().run_timers(now);
        loop {
            let start = self.desk().pick(now);
            let Some(start) = start else { break };
            tasks::spawn("sender", sender::run(self.clone(), start));
        }
        // Asked last: a pick that was too early has set a timer.
        self.desk().next_timer()
    }

    /// Gives up what is owed too long behind a breaker or a pause.
    async fn look_after(self: Arc<Self>, stop: Stop) {
        while !stop.is_stopped() {
            tokio::select! {
                () = tokio::time::sleep(OVERDUE) => {}
                () = stop.stopped() => break,
            }
            let now = self.now();
            let overdue = self.desk().take_overdue(now);
            for claim in overdue {
                self.settle(Ending::overdue(claim, now.wall)).await;
            }
            let (in_memory, in_flight) = self.desk().load();
            self.ports.metrics.in_memory(in_memory, in_flight);
            self.ports.caller.sweep();
        }
    }

    /// Waits until the calls under way have ended, or the time for it is over.
    async fn drain(&self) {
        let until = Instant::now() + limits::DRAIN;
        while self.desk().load().1 > 0 && Instant::now() < until {
            tokio::time::sleep(BREATH).await;
        }
        let done = self.endings.reserve_many(limits::ENDINGS);
        // All places free means that the settler has taken everything.
        if tokio::time::timeout_at(until, done).await.is_err() {
            tracing::warn!("stopped with settlements under way: their deliveries will be sent again");
        }
    }
}

const IDLE: Duration = Duration::from_secs(3_600);
const OVERDUE: Duration = Duration::from_secs(5);
const BREATH: Duration = Duration::from_millis(20);
