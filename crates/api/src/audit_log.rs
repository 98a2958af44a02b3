//! `GET /admin/audit`

use audit::{Action, Actor, Row};
use axum::Json;
use axum::extract::State;
use model::{Right, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Api;
use crate::caller::Caller;
use crate::page::{List, Listed, Plain, Window};
use crate::params::Params;
use crate::refused::Result;

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
    params(Plain), responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(plain): Params<Plain>,
) -> Result<Json<Listed<Shown>>> {
    caller.needs(Right::Administer)?;
    let window = Window::of(List::Audit, &plain)?;
    let page = api.store.list_audit(caller.organisation(), window.after, window.limit).await?;
    Ok(Json(window.show(page, shown)))
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
