//! The wish that something ends, seen by everybody who has a copy.

use tokio_util::sync::CancellationToken;

/// A wish to end. Once uttered it stands.
#[derive(Debug, Clone, Default)]
pub struct Stop(CancellationToken);

impl Stop {
    /// Nobody wishes to end yet.
    #[must_use]
    pub fn new() -> Self {
        Stop::default()
    }

    /// Utters the wish.
    pub fn stop(&self) {
        self.0.cancel();
    }

    /// Whether it was uttered.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits for it.
    pub async fn stopped(&self) {
        self.0.cancelled().await;
    }

    /// A part that can end alone, and ends with the whole.
    #[must_use]
    pub fn part(&self) -> Stop {
        Stop(self.0.child_token())
    }

    /// The same for those that speak tokio.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.0.clone()
    }
}
