//! `POST /admin/redrives`

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::{Right, WebhookId, limits};
use serde::Deserialize;
use store::{Batch, Progress, Redrive, RedriveFilter, RedriveState};
use utoipa::ToSchema;

use super::shown::Shown;
use super::way::Way;
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
    /// `webhookId` or up to 250 `webhookIds`, `eventType`, `lane`, `error`, `from`, `to`; `delivered` takes
    /// delivered ones too.
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
    /// How many become owed again a second, at most 10,000; left out, as fast as it goes.
    per_second: Option<u32>,
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
    let Wanted { filter, dry_run, fresh, per_second } = doc.read()?;
    let way = Way { fresh, per_second }.check()?;
    api.check_webhooks(&caller, &filter)?;
    if dry_run {
        let (count, _) = api.store.plan_redrive(caller.organisation(), &filter, 0, 1).await?;
        return Ok((StatusCode::OK, Json(Shown::plan((filter, way), count, api.clock.now()))));
    }
    let redrive = api.redrive(&caller, filter, way).await?;
    Ok((StatusCode::ACCEPTED, Json(Shown::of(redrive))))
}

impl Api {
    /// Whether the webhooks that are named are there.
    fn check_webhooks(&self, caller: &Caller, filter: &RedriveFilter) -> Result<()> {
        let now = self.settings.now();
        let is_gone = |id: &WebhookId| now.webhook(caller.organisation(), *id).is_none();
        if filter.webhook_id.as_ref().is_some_and(is_gone) {
            return Err(invalid("/filter/webhookId", "There is no such webhook.").into());
        }
        if filter.webhook_ids.len() > limits::REDRIVEN_WEBHOOKS {
            let why = format!("At most {} webhooks at once.", limits::REDRIVEN_WEBHOOKS);
            let fix = "Name fewer, or leave the member out to take those of all webhooks.";
            return Err(invalid("/filter/webhookIds", why).fix(fix).into());
        }
        match filter.webhook_ids.iter().position(is_gone) {
            None => Ok(()),
            Some(place) => {
                Err(invalid(format!("/filter/webhookIds/{place}"), "There is no such webhook.").into())
            }
        }
    }

    /// Begins a redrive; the senders move it on.
    pub(crate) async fn redrive(&self, caller: &Caller, filter: RedriveFilter, way: Way) -> Result<Redrive> {
        let organisation = caller.organisation();
        let (planned, _) = self.store.plan_redrive(organisation, &filter, 0, 1).await?;
        let created = self.clock.now();
        let redrive = Redrive {
            id: self.ids.next(created),
            organisation,
            filter,
            fresh: way.fresh,
            per_second: way.per_second,
            planned,
            state: RedriveState::Running,
            progress: Progress::default(),
            created,
        };
        let how = if way.fresh { ", fresh" } else { "" };
        let entry = self.entry(caller, Action::Redrive, redrive.id, &format!("{planned} planned{how}"));
        let batch = Batch { redrives: vec![redrive.clone()], audit: vec![entry], ..Batch::default() };
        self.store.commit(batch).await?;
        Ok(redrive)
    }
}
