//! `GET /admin/alert-rules/{id}`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use matching::Compiled;
use model::{AlertRule, AlertRuleId, Right, Versioned};

use super::shown::{Shown, answer};
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::{Refused, Result};

/// An alert rule.
#[utoipa::path(get, path = "/admin/alert-rules/{id}", tag = "alert-rules",
    responses((status = 200, body = Shown)))]
pub(crate) async fn read(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<AlertRuleId>,
) -> Result<(HeaderMap, Json<Shown>)> {
    caller.needs(Right::Look)?;
    let found = find(&api.settings.now(), &caller, id)?;
    Ok(answer(&found))
}

impl Api {
    /// Counts for the rules of now: a rule sees what happens after its answer.
    pub(super) fn count_for_rules(&self) {
        self.metrics.recent().watch(self.settings.now().config.alert_rules.values());
    }
}

/// A rule of the caller's organisation.
pub(super) fn find(now: &Compiled, caller: &Caller, id: AlertRuleId) -> Result<Arc<Versioned<AlertRule>>> {
    let found = now.config.alert_rules.get(&id);
    let own = found.filter(|found| found.organisation_id == caller.organisation());
    own.cloned().ok_or_else(Refused::not_found)
}
