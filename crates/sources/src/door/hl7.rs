//! `POST /ingest/{integration}/hl7v2`: one message, answered by `AA`, `AE` or `AR`.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use hl7v2::ack::reply_always;
use http::{StatusCode, header};
use model::{Code, Door, Kind, Problem, limits};
use tokio::time::Instant;

use super::visit::Visit;
use super::{answer, body};
use crate::hl7::{self, Unfit};
use crate::intake::Intake;

pub(super) async fn take(
    State(intake): State<Arc<Intake>>,
    Path(integration): Path<String>,
    request: Request,
) -> Response {
    let (mut visit, request) = Visit::begin(Door::Hl7v2, request);
    match accept(&intake, &integration, request, &mut visit).await {
        Ok(acknowledgement) => answer::json(StatusCode::OK, "application/hl7-v2", acknowledgement),
        Err(problem) => {
            intake.refuse(&visit, &problem).await;
            answer::problem(&problem)
        }
    }
}

async fn accept(
    intake: &Intake,
    integration: &str,
    request: Request,
    visit: &mut Visit,
) -> Result<Vec<u8>, Problem> {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let caller = intake.caller(integration, &parts, visit)?.for_kind(&Kind::Hl7v2)?;
    let kind =
        parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !matches!(kind, "application/hl7-v2" | "x-application/hl7-v2+er7" | "text/plain" | "") {
        return Err(Problem::from(Code::UnsupportedMediaType).fix("Send application/hl7-v2 or text/plain."));
    }
    let bytes = body::read(body, limits::HL7_MESSAGE_BYTES, visit).await?;
    let (message, flaws) = hl7v2::parse(&bytes).map_err(|_| {
        Problem::from(Code::UnreadableHl7)
            .fix("A message begins with MSH and its delimiters, such as MSH|^~\\&|.")
    })?;
    let taken = hl7::take(intake, &caller.integration, &message, &flaws).await;
    match &taken {
        Ok(taken) => {
            let duplicates = usize::from(taken.duplicate);
            intake.ports.metrics.accepted(Door::Hl7v2, taken.events, duplicates, began.elapsed());
        }
        // An overloaded or failing server is told in HTTP's words, so that a sender waits.
        Err(Unfit::Failed(problem)) => return Err(problem.clone()),
        Err(unfit) => intake.refuse(visit, &unfit.problem()).await,
    }
    let stamp = hl7::stamp(intake);
    reply_always(&message.header(), &hl7::verdict(&taken), &stamp.as_stamp())
        .ok_or_else(|| Problem::new(Code::NotSupported, "Acknowledgements are not taken as messages."))
}
