//! `POST /admin/alerts/{id}/acknowledge`

use audit::Action;
use axum::Json;
use axum::extract::State;
use model::{AlertId, Right};
use store::{Alert, Batch};

use super::shown::Shown;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::{Refused, Result};

/// Takes notice of an alert: nobody is told of it any more. It stays open until its signal is back.
#[utoipa::path(post, path = "/admin/alerts/{id}/acknowledge", tag = "alerts",
    responses((status = 200, body = Shown)))]
pub(crate) async fn acknowledge(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<AlertId>,
) -> Result<Json<Shown>> {
    caller.needs(Right::Configure)?;
    let alert = find(&api, &caller, id).await?;
    if alert.acknowledged.is_some() {
        return Ok(Json(Shown::of(alert, &api.settings.now())));
    }
    let acknowledged = vec![(id, api.clock.now(), caller.0.key)];
    let audit = vec![api.entry(&caller, Action::Update, id, "acknowledged")];
    api.store.commit(Batch { acknowledged, audit, ..Batch::default() }).await?;
    let alert = find(&api, &caller, id).await?;
    Ok(Json(Shown::of(alert, &api.settings.now())))
}

async fn find(api: &Api, caller: &Caller, id: AlertId) -> Result<Alert> {
    let found = api.store.find_alert(id).await?;
    found.filter(|found| found.organisation == caller.organisation()).ok_or_else(Refused::not_found)
}
