//! `GET /admin/audit`

use audit::{Action, Actor, Row};
use axum::Json;
use axum::extract::State;
use model::{KeyId, OrganisationId, Problem, Right, Timestamp};
use serde::{Deserialize, Serialize};
use store::AuditFilter;
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::caller::Caller;
use crate::page::{List, Listed, Window};
use crate::params::Params;
use crate::refused::Result;
use crate::strict::invalid;

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// 1 to 250, by default 50.
    limit: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// What was done: `create`, `update`, `delete`, `reveal`, `redrive`, `rotate`, `pause`, `expire`, `start`,
    /// `sign_in`, `sign_out`, `sign_in_refused`, `preview` or `challenge`.
    #[param(value_type = Option<String>)]
    action: Option<Action>,
    /// By whom: `system`, `command-line`, or the id of a key.
    actor: Option<String>,
    /// To what: the whole id.
    target: Option<String>,
    /// At or after.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Before.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
}

/// A row of the audit log.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditRow)]
pub(crate) struct Shown {
    /// Its number in the chain.
    number: u64,
    #[schema(value_type = String)]
    at: Timestamp,
    /// `system`, `command-line`, or the id of a key.
    actor: String,
    #[schema(value_type = String)]
    action: Action,
    /// An id of ours.
    target: String,
    /// Codes, counts, names of members that changed.
    detail: String,
}

/// Who did what, newest first.
#[utoipa::path(get, path = "/admin/audit", tag = "audit",
    params(Wanted), responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Listed<Shown>>> {
    caller.needs(Right::Administer)?;
    let window = Window::read(List::Audit, wanted.limit.as_deref(), wanted.after.as_deref())?;
    let filter = wanted.filter(caller.organisation())?;
    let page = api.store.list_audit(filter, window.after, window.limit).await?;
    Ok(Json(window.show(page, shown)))
}

impl Wanted {
    fn filter(self, organisation: OrganisationId) -> Result<AuditFilter, Problem> {
        let Wanted { action, target, from, to, .. } = self;
        let actor = self.actor.as_deref().map(actor).transpose()?;
        Ok(AuditFilter { organisation, action, actor, target, from, to })
    }
}

fn actor(text: &str) -> Result<Actor, Problem> {
    match text {
        "system" => Ok(Actor::System),
        "command-line" => Ok(Actor::CommandLine),
        id => id.parse::<KeyId>().map(Actor::Key).map_err(|_| {
            let fix = "Name system, command-line, or the id of a key as GET /admin/keys lists it.";
            invalid("actor", "Nobody who acts is called this.").fix(fix)
        }),
    }
}

fn shown(row: Row) -> Shown {
    let actor = match row.entry.actor {
        Actor::System => "system".to_owned(),
        Actor::CommandLine => "command-line".to_owned(),
        Actor::Key(id) => id.to_string(),
    };
    Shown {
        number: row.number,
        at: row.entry.at,
        actor,
        action: row.entry.action,
        target: row.entry.target,
        detail: row.entry.detail,
    }
}
