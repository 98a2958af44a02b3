//! Waiting for a state.

use std::fmt::Debug;
use std::time::{Duration, Instant};

/// How long a story waits before it calls something lost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    end: Instant,
}

impl Patience {
    /// As much as a slow machine with many stories at once may need.
    pub(crate) fn long() -> Patience {
        Patience::of(Duration::from_secs(60))
    }

    /// From now on for so long.
    #[expect(
        clippy::disallowed_methods,
        reason = "the server runs on the machine's clock, and so does waiting for it"
    )]
    pub(crate) fn of(length: Duration) -> Patience {
        Patience { end: Instant::now() + length }
    }

    /// What is left.
    #[expect(
        clippy::disallowed_methods,
        reason = "the server runs on the machine's clock, and so does waiting for it"
    )]
    pub(crate) fn left(self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    /// Waits until nothing is left: to be slow, never to guess that something has happened.
    pub(crate) fn use_up(self) {
        while self.breathe() {}
    }

    /// Lets the others work before a state is looked at again; tells whether there is patience left.
    pub(crate) fn breathe(self) -> bool {
        // Between two looks at a state that only a question can tell; never instead of one.
        std::thread::sleep(Duration::from_millis(5));
        !self.left().is_zero()
    }
}

/// Asks until the answer is there.
#[track_caller]
pub(crate) fn until<T, S: Debug>(what: &str, mut look: impl FnMut() -> Result<T, S>) -> T {
    let patience = Patience::long();
    loop {
        match look() {
            Ok(found) => return found,
            Err(state) => assert!(patience.breathe(), "waited in vain until {what}; it stands at {state:?}"),
        }
    }
}
