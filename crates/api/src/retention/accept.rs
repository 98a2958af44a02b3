//! `POST /admin/retention/clock`

use audit::Action;
use axum::Json;
use axum::extract::State;
use model::{Timestamp, limits};
use serde::Deserialize;
use utoipa::ToSchema;

use super::shown::Shown;
use crate::Api;
use crate::body::Doc;
use crate::caller::Caller;
use crate::refused::Result;
use crate::strict::invalid;

/// The time as a person knows it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AcceptedTime)]
pub(crate) struct Wish {
    /// What time it is; the server's clock must agree within five minutes.
    #[schema(value_type = String)]
    now: Timestamp,
}

/// Believes the server's clock again, once a person has said what time it is. Stands in the audit log.
#[utoipa::path(post, path = "/admin/retention/clock", tag = "retention",
    request_body = Wish, responses((status = 200, body = Shown)))]
pub(crate) async fn accept(State(api): State<Api>, caller: Caller, doc: Doc) -> Result<Json<Shown>> {
    caller.needs_installation()?;
    let Wish { now: named } = doc.read()?;
    let now = api.clock.now();
    if now.since(named).max(named.since(now)) > limits::CLOCK_AGREES {
        let why =
            format!("The server's clock shows {now}, more than five minutes from that. Set it right first.");
        return Err(invalid("/now", why).into());
    }
    let before = api.store.retention_clock().await?;
    let before = before.map_or_else(|| "no time".to_owned(), |before| before.to_string());
    let entry = api.entry(&caller, Action::Update, "retention clock", &format!("from {before} to {now}"));
    api.store.set_retention_clock(now, vec![entry]).await?;
    Ok(Json(api.retention_clock().await?))
}
