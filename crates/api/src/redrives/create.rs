//! `POST /admin/redrives`

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::Right;
use serde::Deserialize;
use store::{Batch, Progress, Redrive, RedriveFilter, RedriveState};
use utoipa::ToSchema;

use super::shown::Shown;
use crate::Api;
use crate::body::Doc;
use crate::caller::Caller;
use crate::refused::Result;
use crate::strict::invalid;

/// Which deliveries, and whether only to count them.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = RedriveRequest)]
pub(crate) struct Wanted {
    /// `webhookId`, `eventType`, `lane`, `error`, `from`, `to`; `delivered` takes delivered ones too.
    #[schema(value_type = serde_json::Value)]
    #[serde(default)]
    filter: RedriveFilter,
    /// Only count.
    #[serde(default)]
    dry_run: bool,
    /// As new deliveries with ids of their own, rendered by today's settings. Each dead letter ends as
    /// cancelled: its new delivery stands for it.
    #[serde(default)]
    fresh: bool,
}

/// Sends dead letters again, or with `dryRun` tells how many there are.
#[utoipa::path(post, path = "/admin/redrives", tag = "redrives", request_body = Wanted,
    responses((status = 200, body = Shown, description = "The plan"), (status = 202, body = Shown)))]
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    doc: Doc,
) -> Result<(StatusCode, Json<Shown>)> {
    caller.needs(Right::Configure)?;
    let Wanted { filter, dry_run, fresh } = doc.read()?;
    let now = api.settings.now();
    if filter.webhook_id.is_some_and(|id| now.webhook(caller.organisation(), id).is_none()) {
        return Err(invalid("/filter/webhookId", "There is no such webhook.").into());
    }
    if dry_run {
        let (count, _) = api.store.plan_redrive(caller.organisation(), &filter, 0, 1).await?;
        return Ok((StatusCode::OK, Json(Shown::plan((filter, fresh), count, api.clock.now()))));
    }
    let redrive = api.redrive(&caller, filter, fresh).await?;
    Ok((StatusCode::ACCEPTED, Json(Shown::of(redrive))))
}

impl Api {
    /// Begins a redrive; the senders move it on.
    pub(crate) async fn redrive(
        &self,
        caller: &Caller,
        filter: RedriveFilter,
        fresh: bool,
    ) -> Result<Redrive> {
        let organisation = caller.organisation();
        let (planned, _) = self.store.plan_redrive(organisation, &filter, 0, 1).await?;
        let created = self.clock.now();
        let redrive = Redrive {
            id: self.ids.next(created),
            organisation,
            filter,
            fresh,
            planned,
            state: RedriveState::Running,
            progress: Progress::default(),
            created,
        };
        let how = if fresh { ", fresh" } else { "" };
        let entry = self.entry(caller, Action::Redrive, redrive.id, &format!("{planned} planned{how}"));
        let batch = Batch { redrives: vec![redrive.clone()], audit: vec![entry], ..Batch::default() };
        self.store.commit(batch).await?;
        Ok(redrive)
    }
}
