//! `POST /ingest/{integration}/fhir-notification`: what the Subscription of an outside server tells.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use fhir::notified;
use http::StatusCode;
use model::{Door, Kind};
use tokio::time::Instant;

use super::fhir::{Refused, read, refuse};
use super::visit::Visit;
use crate::intake::Intake;

/// Takes what the Subscription of an outside FHIR server tells.
///
/// Answered when what the notification names is durable: then the sender may forget it.
#[utoipa::path(post, path = "/ingest/{integration}/fhir-notification", tag = "ingest", operation_id = "fhir_notification",
    params(("Idempotency-Key" = Option<String>, Header, description = "A repetition of the same call is answered the same for a day")),
    request_body(content = serde_json::Value, content_type = "application/fhir+json"),
    responses((status = 200)))]
pub(super) async fn take(
    State(intake): State<Arc<Intake>>,
    Path(integration): Path<String>,
    request: Request,
) -> Response {
    let (mut visit, request) = Visit::begin(Door::Fhir, request);
    match accept(&intake, &integration, request, &mut visit).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(refused) => refuse(&intake, &visit, &refused).await,
    }
}

async fn accept(
    intake: &Intake,
    integration: &str,
    request: Request,
    visit: &mut Visit,
) -> Result<(), Box<Refused>> {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let caller = intake.caller(integration, &parts, visit)?.for_kind(&Kind::Fhir)?;
    let (_, bundle) = read(&parts, body, visit).await?;
    let told = notified::read(&bundle)?;
    let taken = intake.take_notice(&caller.integration, told).await?;
    let taken = usize::try_from(taken).unwrap_or(usize::MAX);
    intake.ports.metrics.accepted(Door::Fhir, taken, 0, began.elapsed());
    Ok(())
}
