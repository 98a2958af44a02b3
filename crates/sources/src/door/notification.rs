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

/// Answered when what the notification names is durable: then the sender may forget it.
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
