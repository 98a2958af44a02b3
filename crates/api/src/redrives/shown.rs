//! A redrive as it is answered.

use model::{RedriveId, Timestamp};
use serde::Serialize;
use store::{Redrive, RedriveFilter, RedriveState};
use utoipa::ToSchema;

use super::way::Way;
use crate::Api;
use crate::caller::Caller;
use crate::refused::{Refused, Result};

/// A redrive, or with `dryRun` the plan of one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Redrive)]
pub(crate) struct Shown {
    /// Null for a plan.
    id: Option<String>,
    #[schema(value_type = serde_json::Value)]
    filter: RedriveFilter,
    dry_run: bool,
    /// Whether each becomes a new delivery.
    fresh: bool,
    /// How many become owed again a second, at most; null for as fast as it goes.
    per_second: Option<u32>,
    /// How long it still takes at this pace, in seconds; null without one. Receivers may take longer.
    seconds_left: Option<u64>,
    /// How many deliveries there were at the start.
    count: u64,
    /// How many are owed again.
    revived: u64,
    /// `planned`, `running`, `done` or `cancelled`.
    state: &'static str,
    #[schema(value_type = String)]
    created_at: Timestamp,
}

impl Shown {
    /// A redrive that was begun.
    pub(super) fn of(redrive: Redrive) -> Self {
        let state = redrive.state.name();
        let is_running = redrive.state == RedriveState::Running;
        let left = if is_running { redrive.planned.saturating_sub(redrive.progress.revived) } else { 0 };
        Shown {
            id: Some(redrive.id.to_string()),
            filter: redrive.filter,
            dry_run: false,
            fresh: redrive.fresh,
            per_second: redrive.per_second,
            seconds_left: seconds(redrive.per_second, left),
            count: redrive.planned,
            revived: redrive.progress.revived,
            state,
            created_at: redrive.created,
        }
    }

    /// What a redrive would take.
    pub(super) fn plan((filter, way): (RedriveFilter, Way), count: u64, at: Timestamp) -> Self {
        let Way { fresh, per_second } = way;
        Shown {
            id: None,
            filter,
            dry_run: true,
            fresh,
            per_second,
            seconds_left: seconds(per_second, count),
            count,
            revived: 0,
            state: "planned",
            created_at: at,
        }
    }
}

fn seconds(per_second: Option<u32>, left: u64) -> Option<u64> {
    per_second.map(|pace| left.div_ceil(pace.into()))
}

impl Api {
    /// A redrive of the caller's organisation.
    pub(super) async fn find_redrive(&self, caller: &Caller, id: RedriveId) -> Result<Redrive> {
        let found = self.store.find_redrive(id).await?;
        found.filter(|found| found.organisation == caller.organisation()).ok_or_else(Refused::not_found)
    }
}
