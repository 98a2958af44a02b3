//! `POST /admin/changes/preview`

use audit::Action;
use axum::Json;
use axum::extract::State;
use model::Right;
use store::Batch;

use super::shown::Shown;
use super::wanted::Wanted;
use crate::Api;
use crate::body::Doc;
use crate::caller::Caller;
use crate::refused::Result;

/// Tells what a change would make of stored messages: what would fire anew, what no longer, and why.
///
/// The messages are taken in again beside everything that runs, in the order in which they came, once by the
/// present configuration and once by the changed one; both begin without a memory of what came before.
/// Nothing is changed and nothing is sent; that it was asked stands in the audit log.
/// It ends with the call, tells which part of the time it has looked at, and only one runs at a time.
#[utoipa::path(post, path = "/admin/changes/preview", tag = "changes",
    request_body = Wanted, responses((status = 200, body = Shown)))]
pub(crate) async fn preview(State(api): State<Api>, caller: Caller, doc: Doc) -> Result<Json<Shown>> {
    caller.needs(Right::Configure)?;
    let wanted: Wanted = doc.read()?;
    let asked = wanted.accept(&api, &caller)?;
    // Whoever chooses a condition learns for which events it holds.
    let entry = api.entry(&caller, Action::Preview, asked.target, asked.kind);
    api.store.commit(Batch { audit: vec![entry], ..Batch::default() }).await?;
    let told = api.foretell.foretell(asked.change, asked.over).await?;
    Ok(Json(Shown::of(told, &api.settings.now())))
}
