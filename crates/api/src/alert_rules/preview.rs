//! `POST /admin/alert-rules/preview`

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use model::{AlertRuleId, AlertTarget, Id, Right, Timestamp};
use observe::alerts::{Firing, replay};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::history::{self, Told};
use super::wish::{Base, Wish};
use crate::Api;
use crate::body::Doc;
use crate::caller::Caller;
use crate::refused::{Refused, Result};
use crate::strict::invalid;

/// A rule that need not be saved, and the span of the past to try it on.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = AlertRulePreviewRequest)]
pub(crate) struct Wanted {
    rule: Wish,
    /// By default a day before `to`.
    #[schema(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// By default now.
    #[schema(value_type = Option<String>)]
    to: Option<Timestamp>,
}

/// When a rule would have opened alerts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AlertRulePreview)]
pub(crate) struct Preview {
    /// Where the history that was looked at begins.
    #[schema(value_type = String)]
    from: Timestamp,
    #[schema(value_type = String)]
    to: Timestamp,
    /// False when there was more history than one preview looks at: `from` is later than asked for.
    complete: bool,
    /// The alerts that would have been, the oldest first.
    firings: Vec<Shown>,
}

/// An alert that would have been.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AlertFiring)]
struct Shown {
    webhook_id: Option<String>,
    integration_id: Option<String>,
    #[schema(value_type = String)]
    since: Timestamp,
    /// Null if it would still be open.
    #[schema(value_type = Option<String>)]
    until: Option<Timestamp>,
    /// The worst value, in the unit of the rule.
    value: f64,
}

/// Tries a rule on the past: when it would have opened alerts. Nothing is saved.
#[utoipa::path(post, path = "/admin/alert-rules/preview", tag = "alert-rules",
    request_body = Wanted, responses((status = 200, body = Preview)))]
pub(crate) async fn preview(State(api): State<Api>, caller: Caller, doc: Doc) -> Result<Json<Preview>> {
    caller.needs(Right::Look)?;
    let Wanted { rule, from, to } = doc.read()?;
    let now = api.clock.now();
    let to = to.unwrap_or(now).min(now);
    let from = from.unwrap_or(to - DAY);
    if from >= to || to.since(from) > WEEK {
        return Err(invalid("/from", "It is before `to`, by a week at most.").into());
    }
    let compiled = api.settings.now();
    let base = Base { id: AlertRuleId::from_raw(0), organisation_id: caller.organisation(), created_at: now };
    let rule = rule.accept(base, (&compiled, &api.options)).map_err(within_rule)?;
    let Told { history, from, is_complete } =
        history::load(&*api.store, &compiled, &rule, (from, to)).await?;
    // Thousands of looks take longer than the others that share this thread may wait.
    let looked = tokio::task::spawn_blocking(move || replay(&rule, history, (from, to)));
    let firings = looked.await.map_err(|error| {
        tracing::error!(%error, "a preview of an alert rule panicked");
        Refused::from(model::Code::InternalError)
    })?;
    Ok(Json(Preview { from, to, complete: is_complete, firings: firings.iter().map(Shown::of).collect() }))
}

impl Shown {
    fn of(firing: &Firing) -> Self {
        let (webhook_id, integration_id) = match firing.target {
            AlertTarget::Webhook(id) => (Some(id.to_string()), None),
            AlertTarget::Integration(id) => (None, Some(id.to_string())),
        };
        let Firing { since, until, value, .. } = *firing;
        Shown { webhook_id, integration_id, since, until, value }
    }
}

fn within_rule(mut problem: model::Problem) -> model::Problem {
    problem.field = problem.field.map(|place| format!("/rule{place}"));
    problem
}

const DAY: Duration = Duration::from_secs(86_400);
const WEEK: Duration = Duration::from_secs(7 * 86_400);
