//! What happens by the clock: retention, keys that grow old, gauges.

use std::sync::Arc;
use std::time::Duration;

use model::{Clock, Span};
use observe::Stop;
use privacy::{Keyring, Warm};
use store::{Expiry, Store};

use crate::config::Retention;

/// What upkeep looks after.
pub(crate) struct Upkeep {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) warm: Arc<Warm>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) retention: Retention,
}

impl Upkeep {
    /// Runs until asked to stop. A clock that jumps stops expiry: better kept too long than lost.
    pub(crate) async fn run(self, stop: Stop) {
        let mut seen = self.clock.now();
        while !stop.is_stopped() {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stop.stopped() => break,
            }
            let now = self.clock.now();
            self.keyring.sweep();
            self.warm.clear_older(now - model::limits::OPENED_KEY_AGE);
            if now.since(seen) > JUMP {
                tracing::error!(
                    "the clock jumped by more than a day: nothing is expired until the next start"
                );
                stop.stopped().await;
                break;
            }
            seen = seen.max(now);
            self.expire().await;
        }
    }

    async fn expire(&self) {
        let now = self.clock.now();
        let before = |span: Span| now - span.0;
        let Retention { bodies, dead_letters, log, audit } = &self.retention;
        let horizon = Expiry {
            bodies: before(*bodies),
            dead_letters: before(*dead_letters),
            log: before(*log),
            audit: before(*audit),
        };
        loop {
            match self.store.expire(horizon, GROUP).await {
                Ok(0) => return,
                Ok(removed) => tracing::debug!(removed, "retention"),
                Err(error) => {
                    tracing::warn!(%error, "retention waits");
                    return;
                }
            }
            tokio::time::sleep(BREATH).await;
        }
    }
}

const EVERY: Duration = Duration::from_secs(60);
const JUMP: Duration = Duration::from_secs(86_400);
const GROUP: usize = 500;
const BREATH: Duration = Duration::from_millis(200);
