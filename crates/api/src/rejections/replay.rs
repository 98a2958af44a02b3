//! `POST /admin/rejections/{id}/replay`

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::{Code, Problem, Readmission, RejectionId, Right};
use serde::Serialize;
use store::{Batch, Standing};
use utoipa::ToSchema;

use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::Result;

/// What a rejection became.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReplayedRejection)]
pub(crate) struct Readmitted {
    rejection_id: String,
    /// The events that it became, those included that were known before.
    events: Vec<String>,
}

/// Takes in what was quarantined, by the configuration of now. One that is still not understood stays.
#[utoipa::path(post, path = "/admin/rejections/{id}/replay", tag = "rejections",
    responses((status = 202, body = Readmitted)))]
pub(crate) async fn replay(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<RejectionId>,
) -> Result<(StatusCode, Json<Readmitted>)> {
    caller.needs(Right::Configure)?;
    let (rejection, raw) = api.rejection(&caller, id).await?;
    if rejection.standing != Standing::Quarantined {
        let fix = match rejection.standing {
            Standing::Replayed => "It was taken in before; its events are in the list of events.",
            Standing::Listed | Standing::Quarantined => "Mend the cause and let the sender send it again.",
        };
        return Err(Problem::from(Code::NotQuarantined).fix(fix).into());
    }
    let capture = api.capture(&rejection, raw.as_ref()).await?;
    let again =
        Readmission { integration: rejection.integration, door: rejection.door, at: rejection.at, capture };
    let events = api.readmit.readmit(again).await?;
    let entry = api.entry(&caller, Action::Redrive, id, &format!("{} events", events.len()));
    api.store.commit(Batch { readmitted: vec![id], audit: vec![entry], ..Batch::default() }).await?;
    let events = events.iter().map(ToString::to_string).collect();
    Ok((StatusCode::ACCEPTED, Json(Readmitted { rejection_id: id.to_string(), events })))
}
