//! `GET /admin/alert-rules`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use model::{AlertRule, Id, Right, Versioned};

use super::shown::Shown;
use crate::Api;
use crate::caller::Caller;
use crate::page::{List, Listed, Plain, Window};
use crate::params::Params;
use crate::refused::Result;

/// The alert rules of the organisation, newest first.
#[utoipa::path(get, path = "/admin/alert-rules", tag = "alert-rules",
    params(Plain), responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(plain): Params<Plain>,
) -> Result<Json<Listed<Shown>>> {
    caller.needs(Right::Look)?;
    let window = Window::of(List::AlertRules, &plain)?;
    let now = api.settings.now();
    let own = |found: &&Arc<Versioned<AlertRule>>| found.organisation_id == caller.organisation();
    let all = now.config.alert_rules.values().rev().filter(own);
    Ok(Json(window.cut(all, |found| found.id.row(), |found| Shown::of(found))))
}
