//! `DELETE /admin/redrives/{id}`

use audit::Action;
use axum::extract::State;
use http::StatusCode;
use model::{RedriveId, Right};
use observe::live::Note;
use store::{Batch, Redrive, RedriveState};

use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::Result;

/// Stops a redrive. What is owed again already stays owed.
#[utoipa::path(delete, path = "/admin/redrives/{id}", tag = "redrives", responses((status = 204)))]
pub(crate) async fn cancel(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<RedriveId>,
) -> Result<StatusCode> {
    caller.needs(Right::Configure)?;
    let redrive = api.find_redrive(&caller, id).await?;
    if redrive.state == RedriveState::Running {
        let stopped = Redrive { state: RedriveState::Cancelled, ..redrive };
        let (state, revived, planned) = (stopped.state.name(), stopped.progress.revived, stopped.planned);
        let entry = api.entry(&caller, Action::Redrive, id, "stopped");
        api.store.commit(Batch { redrives: vec![stopped], audit: vec![entry], ..Batch::default() }).await?;
        api.feed.tell(caller.organisation(), || Note::Redrive { redrive_id: id, state, revived, planned });
    }
    Ok(StatusCode::NO_CONTENT)
}
