//! What a change of the configuration would make of what is stored.
//!
//! The present configuration and the changed one each get an intake of their own over an empty store in
//! memory (`aside`). Both take the same stored messages (`found`, `retold`) in the order in which they came,
//! through the very code of every door; what became of each (`became`) is compared (`compare`) and added
//! up (`sums`). Nothing is written to the real store, sent, announced or counted.

mod found; // Which messages and events.
mod retold; // One of them, opened.
mod aside; // An intake that keeps nothing.
mod became; // What one configuration makes of a message.
mod compare; // Which of it is the same.
mod sums; // All of it, added up.
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use matching::Compiled;
use model::{Change, Code, Forecast, Foretell, Problem, Sides, Stopped, Stretch, Timestamp, limits};
use tokio::time::{Instant, sleep};

use self::aside::{Apart, Aside};
use self::found::{Found, Item};
use self::sums::Sums;
use crate::intake::Intake;

#[async_trait]
impl Foretell for Intake {
    async fn foretell(&self, change: Change, over: Stretch) -> Result<Forecast, Problem> {
        self.foretell_within(change, over, Bounds::default()).await
    }
}

/// How much one forecast does.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    messages: usize,
    bytes: u64,
    time: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            messages: limits::FORECAST_MESSAGES,
            bytes: limits::FORECAST_BYTES,
            time: limits::FORECAST_TIME,
        }
    }
}

impl Intake {
    async fn foretell_within(
        &self,
        change: Change,
        over: Stretch,
        bounds: Bounds,
    ) -> Result<Forecast, Problem> {
        let _alone = self.forecasting.try_lock().map_err(|_| busy())?;
        let present = self.ports.settings.now();
        let mut config = present.config.clone();
        config.apply(change, present.config.version + 1);
        let changed = Arc::new(Compiled::after(config, &present));
        let apart = Apart::new(&self.ports);
        let sides = Sides { before: apart.intake(present), after: apart.intake(changed) };
        let found = self.found(&over, bounds.messages).await?;
        Fold { intake: self, apart, sides, sums: Sums::default(), bounds }.run(found, &over).await
    }
}

fn busy() -> Problem {
    let why = "Another forecast runs: one is made at a time, so that deliveries do not suffer.";
    Problem::new(Code::Overloaded, why).after(5)
}

/// A forecast under way.
struct Fold<'a> {
    intake: &'a Intake,
    apart: Apart,
    sides: Sides<Aside>,
    sums: Sums,
    bounds: Bounds,
}

impl Fold<'_> {
    async fn run(mut self, found: Found, over: &Stretch) -> Result<Forecast, Problem> {
        let mut pace = Pace::new();
        let mut stopped = found.is_cut.then_some(Stopped::Messages);
        let mut end = over.to;
        for item in &found.items {
            if let Some(why) = self.must_stop(&pace) {
                (stopped, end) = (Some(why), item.at);
                break;
            }
            self.take(item).await?;
            pace.breathe().await;
        }
        if end == over.to {
            self.notice_absences(end).await?;
        }
        let mut told = self.sums.told();
        (told.from, told.to, told.stopped) = (found.from, end, stopped);
        let left = [(over.from, found.from), (end, over.to)];
        told.left = left.into_iter().filter(|(from, to)| from < to).collect();
        Ok(told)
    }

    fn must_stop(&self, pace: &Pace) -> Option<Stopped> {
        match () {
            () if pace.began.elapsed() >= self.bounds.time => Some(Stopped::Time),
            () if self.sums.bytes() >= self.bounds.bytes => Some(Stopped::Bytes),
            () => None,
        }
    }

    async fn take(&mut self, item: &Item) -> Result<(), Problem> {
        let Some(retold) = self.intake.retold(item, &self.sides.before).await? else {
            self.sums.gone();
            return Ok(());
        };
        if retold.is_nothing() {
            return Ok(());
        }
        self.notice_absences(item.at).await?;
        let became = Sides {
            before: self.sides.before.take(item, &retold).await?,
            after: self.sides.after.take(item, &retold).await?,
        };
        self.sums.took(item, &retold);
        self.compare(item, became);
        Ok(())
    }

    /// Whatever should have come until a time and did not.
    async fn notice_absences(&mut self, until: Timestamp) -> Result<(), Problem> {
        self.apart.clock.set(until);
        let before = self.sides.before.absences().await?;
        let after = self.sides.after.absences().await?;
        for (integration, became) in became::by_integration(before, after) {
            self.compare(&Item::of_nothing(integration, until), became);
        }
        Ok(())
    }

    fn compare(&mut self, item: &Item, became: Sides<became::Became>) {
        let look = compare::Look { sides: &self.sides, item, became: &became };
        let compared = look.compared();
        self.sums.add(compared);
    }
}

/// How long a forecast has worked, and when it rests: whoever sends goes first.
struct Pace {
    began: Instant,
    slice: Instant,
}

impl Pace {
    fn new() -> Pace {
        Pace { began: Instant::now(), slice: Instant::now() }
    }

    /// Between two messages; whoever asked may have gone meanwhile, then it ends here.
    async fn breathe(&mut self) {
        tokio::task::yield_now().await;
        let worked = self.slice.elapsed();
        if worked >= limits::FORECAST_SLICE {
            sleep(worked).await;
            self.slice = Instant::now();
        }
    }
}
