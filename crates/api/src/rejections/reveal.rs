//! `POST /admin/rejections/{id}/reveal`

use audit::Action;
use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::{Capture, Code, Personal, Problem, RejectionId, Right, Sealed};
use privacy::{AuditReceipt, RecordKind};
use serde::Serialize;
use store::{Batch, Rejection};
use utoipa::ToSchema;

use crate::Api;
use crate::at::At;
use crate::body::Doc;
use crate::caller::Caller;
use crate::refused::{Refused, Result};
use crate::why::Why;

/// What was received, as far as it is kept.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RevealedRejection)]
pub(crate) struct Revealed {
    id: String,
    /// The method; empty for MLLP.
    method: String,
    /// Headers that say what the content is: name and value.
    headers: Vec<(String, String)>,
    /// The body, where it is text.
    body: Option<String>,
    /// The body in base64, where it is not.
    body_base64: Option<String>,
}

/// Shows what was refused, once the reading stands in the audit log.
#[utoipa::path(post, path = "/admin/rejections/{id}/reveal", tag = "rejections",
    request_body = Why, responses((status = 200, body = Revealed)))]
pub(crate) async fn reveal(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<RejectionId>,
    doc: Doc,
) -> Result<Json<Revealed>> {
    caller.needs(Right::Reveal)?;
    let (rejection, raw) = api.rejection(&caller, id).await?;
    let why: Why = doc.read()?;
    let reason = why.reason()?;
    let capture = api.capture(&rejection, raw.as_ref()).await?;
    let entry = api.entry(&caller, Action::Reveal, id, reason);
    let receipt = AuditReceipt::of(api.store.commit(Batch { audit: vec![entry], ..Batch::default() }).await)?;
    let Capture { head, body } = privacy::reveal(&capture, &receipt);
    let (body, body_base64) = match String::from_utf8(body) {
        Ok(text) => (Some(text), None),
        Err(bytes) => (None, Some(BASE64_STANDARD.encode(bytes.as_bytes()))),
    };
    Ok(Json(Revealed { id: id.to_string(), method: head.method, headers: head.headers, body, body_base64 }))
}

impl Api {
    /// What is kept of a rejection.
    pub(super) async fn capture(
        &self,
        rejection: &Rejection,
        raw: Option<&Sealed>,
    ) -> Result<Personal<Capture>> {
        let raw = raw.ok_or_else(gone)?;
        let key = self.keyring.for_opening(rejection.organisation, None, raw).await;
        let key = key.map_err(|error| Refused::internal(&error))?.ok_or_else(gone)?;
        let row = model::Id::row(rejection.id);
        let bytes = key.open(RecordKind::Rejection, row, raw).map_err(|error| Refused::internal(&error))?;
        Capture::from_bytes(&bytes).map(Personal::new).ok_or_else(gone)
    }
}

fn gone() -> Refused {
    Problem::new(Code::NotFound, "What was received is not kept.").into()
}
