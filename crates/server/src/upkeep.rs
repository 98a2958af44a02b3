//! What happens by the clock besides retention: keys and contents in memory grow old.

use std::sync::Arc;
use std::time::Duration;

use model::Clock;
use observe::Stop;
use privacy::{Keyring, Warm};

/// What upkeep looks after.
pub(crate) struct Upkeep {
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) warm: Arc<Warm>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Upkeep {
    /// Runs until asked to stop.
    pub(crate) async fn run(self, stop: Stop) {
        while !stop.is_stopped() {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stop.stopped() => break,
            }
            self.keyring.sweep();
            self.warm.clear_older(self.clock.now() - model::limits::OPENED_KEY_AGE);
        }
    }
}

const EVERY: Duration = Duration::from_secs(60);
