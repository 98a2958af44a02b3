//! `POST /admin/events/{id}/reveal`

use audit::Action;
use axum::Json;
use axum::extract::State;
use fhir::v2::Values;
use model::{EventId, Right};
use privacy::AuditReceipt;
use serde::Serialize;
use serde_json::value::RawValue;
use store::Batch;
use utoipa::ToSchema;

use super::traced::{Member, Traced};
use crate::Api;
use crate::at::At;
use crate::body::Doc;
use crate::caller::Caller;
use crate::refused::{Refused, Result, gone};
use crate::why::Why;

/// What an event says.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RevealedEvent)]
pub(crate) struct Revealed {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    /// Who it is about, with type, system and id.
    #[schema(value_type = Option<serde_json::Value>)]
    subject: Option<model::Subject>,
    /// What it is about, with system and id.
    #[schema(value_type = Option<serde_json::Value>)]
    object: Option<model::Object>,
    /// What was received, decimals to the letter.
    #[schema(value_type = serde_json::Value)]
    data: Box<RawValue>,
    /// The message it came in, if that is a record of its own and still kept.
    raw: Option<String>,
    /// What that is: `hl7v2` or `fhir`.
    raw_format: Option<String>,
    /// What was read at each place of it and what it became, as `GET /admin/events/{id}/mapping` lists them.
    mapping: Vec<RevealedPlace>,
}

/// What was read at a place.
#[derive(Serialize, ToSchema)]
#[schema(as = RevealedPlace)]
struct RevealedPlace {
    /// The place; null for what only the message as a whole says.
    from: Option<String>,
    /// The element; null where there is none.
    to: Option<String>,
    /// As the sender wrote it, delimiters included.
    said: Option<String>,
    /// As it stands in the resource.
    became: Option<serde_json::Value>,
}

/// Shows what an event says, once the reading stands in the audit log.
#[utoipa::path(post, path = "/admin/events/{id}/reveal", tag = "events",
    request_body = Why, responses((status = 200, body = Revealed)))]
pub(crate) async fn reveal(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<EventId>,
    doc: Doc,
) -> Result<Json<Revealed>> {
    caller.needs(Right::Reveal)?;
    let row = api.event(&caller, id).await?;
    let why: Why = doc.read()?;
    let reason = why.reason()?;
    let stored = api.store.events(&[id]).await?.pop().flatten().ok_or_else(Refused::not_found)?;
    let sealed = stored.body.as_ref().ok_or_else(gone)?;
    let content = super::open(&api, &stored.event, sealed).await?.ok_or_else(gone)?;
    let message = super::raw::open(&api, &stored.event).await?;
    let traced = api.traced_message(&row).await?;
    let entry = api.entry(&caller, Action::Reveal, id, reason);
    let receipt = AuditReceipt::of(api.store.commit(Batch { audit: vec![entry], ..Batch::default() }).await)?;
    let content = privacy::reveal(&content, &receipt);
    let message = message.map(|message| privacy::reveal(&message, &receipt)).unzip();
    Ok(Json(Revealed {
        id: id.to_string(),
        event_type: stored.event.event_type.to_string(),
        subject: content.subject,
        object: content.object,
        data: content.data,
        raw_format: message.0,
        raw: message.1,
        mapping: RevealedPlace::all(traced, &receipt),
    }))
}

impl RevealedPlace {
    fn all(traced: Traced, receipt: &AuditReceipt) -> Vec<Self> {
        let rows = traced.trace.rows.into_iter().map(|row| (row.from, row.to, row.values));
        let picks = traced.picked.into_iter().flat_map(|picked| picked.picks);
        let picks = picks.map(|Member { pick, values, .. }| (Some(pick.from), Some(pick.to), values));
        let place = |(from, to, values)| {
            let Values { said, became } = privacy::reveal(&values, receipt);
            RevealedPlace { from, to, said, became }
        };
        rows.chain(picks).map(place).collect()
    }
}
