//! `GET /admin/alerts`

use axum::Json;
use axum::extract::State;
use model::{AlertRuleId, AlertTarget, IntegrationId, Right, Timestamp, WebhookId};
use serde::Deserialize;
use store::AlertFilter;
use utoipa::IntoParams;

use super::shown::Shown;
use crate::Api;
use crate::caller::Caller;
use crate::page::{List, Listed, Window};
use crate::params::Params;
use crate::refused::Result;
use crate::strict::invalid;

/// Which alerts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// `open` or `resolved`; absent, both.
    state: Option<String>,
    /// Of one rule.
    #[param(value_type = Option<String>)]
    rule_id: Option<AlertRuleId>,
    /// About one webhook.
    #[param(value_type = Option<String>)]
    webhook_id: Option<WebhookId>,
    /// About one integration.
    #[param(value_type = Option<String>)]
    integration_id: Option<IntegrationId>,
    /// Begun at or after.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Begun before.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
    /// 1 to 250, by default 50.
    limit: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Alerts, open and past, newest first.
#[utoipa::path(get, path = "/admin/alerts", tag = "alerts",
    params(Wanted), responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Listed<Shown>>> {
    caller.needs(Right::Look)?;
    let window = Window::read(List::Alerts, wanted.limit.as_deref(), wanted.after.as_deref())?;
    let filter = AlertFilter {
        organisation: Some(caller.organisation()),
        is_open: is_open(wanted.state.as_deref())?,
        rule: wanted.rule_id,
        target: target(wanted.webhook_id, wanted.integration_id)?,
        from: wanted.from,
        to: wanted.to,
    };
    let page = api.store.list_alerts(filter, window.after, window.limit).await?;
    let now = api.settings.now();
    Ok(Json(window.show(page, |alert| Shown::of(alert, &now))))
}

fn is_open(state: Option<&str>) -> Result<Option<bool>> {
    match state {
        None => Ok(None),
        Some("open") => Ok(Some(true)),
        Some("resolved") => Ok(Some(false)),
        Some(_) => Err(invalid("state", "An alert is open or resolved.").into()),
    }
}

fn target(webhook: Option<WebhookId>, integration: Option<IntegrationId>) -> Result<Option<AlertTarget>> {
    match (webhook, integration) {
        (Some(_), Some(_)) => Err(invalid("integrationId", "An alert is about one of the two.").into()),
        (Some(id), None) => Ok(Some(AlertTarget::Webhook(id))),
        (None, id) => Ok(id.map(AlertTarget::Integration)),
    }
}
