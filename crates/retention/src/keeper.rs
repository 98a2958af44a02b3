//! The loop: believe the clock or not, remove what is over, drop keys of days.

use std::sync::Arc;
use std::time::Duration;

use model::{Clock, Timestamp};
use observe::{Metrics, Stop};
use privacy::Keyring;
use store::Store;
use tokio::time::Instant;

use crate::Options;
use crate::days::{self, Floor};
use crate::trusted::Trusted;

/// What retention stands on.
pub struct Ports {
    /// What is kept.
    pub store: Arc<dyn Store>,
    /// The keys of days.
    pub keyring: Arc<Keyring>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Counts.
    pub metrics: Arc<Metrics>,
}

/// Looks after what is kept.
pub struct Keeper {
    ports: Ports,
    options: Options,
    trusted: Option<Trusted>,
    floor: Option<Floor>,
    stand: Stand,
}

/// Whether things are removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// The clock is believed.
    Runs,
    /// The clock stepped by more than the uptime explains; somebody must look at it.
    Stopped,
}

/// Why a round was not finished. The next one begins anew.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store.
    #[error("the store failed")]
    Store(#[from] store::Error),
    /// The keys.
    #[error("the keys cannot be had")]
    Keys(#[from] privacy::Error),
}

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

impl Keeper {
    /// Retention over its ports.
    #[must_use]
    pub fn new(ports: Ports, options: Options) -> Self {
        Keeper { ports, options, trusted: None, floor: None, stand: Stand::Runs }
    }

    /// Goes round until asked to stop.
    pub async fn run(mut self, stop: Stop) {
        while !stop.is_stopped() {
            let pause = match self.round(&stop).await {
                Ok(Stand::Runs) => EVERY,
                Ok(Stand::Stopped) => EVERY_STOPPED,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "retention waits");
                    EVERY
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.stopped() => {}
            }
        }
    }

    /// One round.
    ///
    /// # Errors
    /// The store or the key file fails; nothing that is owed is touched by half a round.
    pub async fn round(&mut self, stop: &Stop) -> Result<Stand> {
        let (now, at) = (self.ports.clock.now(), Instant::now());
        let stand = self.believe(now, at).await?;
        self.tell(stand, now);
        if stand == Stand::Stopped {
            return Ok(stand);
        }
        self.ports.store.set_retention_clock(now, Vec::new()).await?;
        self.expire(now, stop).await?;
        if !stop.is_stopped() {
            let first = self.options.first_day(now);
            days::forget(&self.ports, &mut self.floor, first, (now, at)).await?;
        }
        Ok(stand)
    }

    /// Whether the clock can be believed. What was believed last outlives restarts,
    /// and a person may have set it since.
    async fn believe(&mut self, now: Timestamp, at: Instant) -> Result<Stand> {
        if !self.trusted.is_some_and(|trusted| trusted.follows(now, at)) {
            let stored = self.ports.store.retention_clock().await?;
            match (stored, self.trusted) {
                (None, _) => self.trusted = Some(Trusted::new(now, at)),
                (Some(stored), Some(trusted)) if trusted.wall == stored => {}
                (Some(stored), _) => self.trusted = Some(Trusted::new(stored, at)),
            }
        }
        if !self.trusted.is_some_and(|trusted| trusted.follows(now, at)) {
            return Ok(Stand::Stopped);
        }
        self.trusted = Some(Trusted::new(now, at));
        Ok(Stand::Runs)
    }

    fn tell(&mut self, stand: Stand, now: Timestamp) {
        self.ports.metrics.retention_stopped(stand == Stand::Stopped);
        if self.stand == stand {
            return;
        }
        self.stand = stand;
        match stand {
            Stand::Runs => tracing::info!("retention goes on"),
            Stand::Stopped => tracing::error!(
                clock = %now,
                believed = self.trusted.map(|trusted| tracing::field::display(trusted.wall)),
                "the clock stepped by more than a day that the uptime does not explain: nothing is \
                 removed until the clock is right again, or its time is accepted by POST /admin/retention/clock"
            ),
        }
    }

    async fn expire(&self, now: Timestamp, stop: &Stop) -> Result<()> {
        let horizon = self.options.expiry(now);
        while !stop.is_stopped() {
            let removed = self.ports.store.expire(horizon, GROUP).await?;
            if removed == 0 {
                return Ok(());
            }
            tracing::debug!(removed, "retention");
            tokio::time::sleep(BREATH).await;
        }
        Ok(())
    }
}

const EVERY: Duration = Duration::from_secs(60);
/// Somebody who accepts the time sees soon that it goes on.
const EVERY_STOPPED: Duration = Duration::from_secs(1);
const GROUP: usize = 500;
pub(crate) const BREATH: Duration = Duration::from_millis(200);
