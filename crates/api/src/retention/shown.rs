//! The clock of retention as it is shown.

use model::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Api;
use crate::refused::Result;

/// The clock that retention goes by.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetentionClock)]
pub(crate) struct Shown {
    /// What the server's clock shows.
    #[schema(value_type = String)]
    now: Timestamp,
    /// The time that was believed last; absent before the first round.
    #[schema(value_type = Option<String>)]
    believed: Option<Timestamp>,
    /// Whether nothing is removed, because the clock stepped by more than a day that the uptime does not explain.
    stopped: bool,
}

impl Api {
    pub(super) async fn retention_clock(&self) -> Result<Shown> {
        let believed = self.store.retention_clock().await?;
        Ok(Shown { now: self.clock.now(), believed, stopped: self.metrics.is_retention_stopped() })
    }
}
