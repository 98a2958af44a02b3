//! `GET /admin/rejections/{id}`

use axum::Json;
use axum::extract::State;
use model::{RejectionId, Right, Sealed};
use store::Rejection;

use super::shown::Shown;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::{Refused, Result};

/// One rejection, without what was received.
#[utoipa::path(get, path = "/admin/rejections/{id}", tag = "rejections",
    responses((status = 200, body = Shown)))]
pub(crate) async fn read(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<RejectionId>,
) -> Result<Json<Shown>> {
    caller.needs(Right::Look)?;
    let (rejection, _) = api.rejection(&caller, id).await?;
    Ok(Json(Shown::of(rejection)))
}

impl Api {
    /// A rejection of the caller's organisation.
    pub(super) async fn rejection(
        &self,
        caller: &Caller,
        id: RejectionId,
    ) -> Result<(Rejection, Option<Sealed>)> {
        let found = self.store.find_rejection(id).await?;
        found.filter(|(row, _)| row.organisation == caller.organisation()).ok_or_else(Refused::not_found)
    }
}
