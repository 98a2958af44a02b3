//! `POST /ingest/{integration}/hl7v2`: messages, each answered by `AA`, `AE` or `AR`.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use hl7v2::ack::reply_always;
use http::{StatusCode, header};
use model::{Code, Door, Integration, Kind, Problem, Versioned};
use tokio::time::Instant;

use super::visit::Visit;
use super::{answer, body};
use crate::hl7::{self, Unfit};
use crate::intake::Intake;
use crate::transmission;

/// Sends HL7 v2 messages. Each is answered by `AA`, `AE` or `AR` once it is durable, whatever MSH-15 and MSH-16 say.
#[utoipa::path(post, path = "/ingest/{integration}/hl7v2", tag = "ingest", operation_id = "hl7v2",
    params(("Idempotency-Key" = Option<String>, Header, description = "A repetition of the same call is answered the same for a day")),
    request_body(content((String = "application/hl7-v2"), (String = "text/plain"))),
    responses((status = 200, body = String, content_type = "application/hl7-v2")))]
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
    let (parts, body) = request.into_parts();
    let caller = intake.caller(integration, &parts, visit)?.for_kind(&Kind::Hl7v2)?;
    let kind =
        parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !matches!(kind, "application/hl7-v2" | "x-application/hl7-v2+er7" | "text/plain" | "") {
        return Err(Problem::from(Code::UnsupportedMediaType).fix("Send application/hl7-v2 or text/plain."));
    }
    let bytes = body::read(body, visit).await?;
    let batch = transmission::part(&bytes)?;
    if batch.messages.iter().all(|message| is_acknowledgement(message)) {
        return Err(unasked());
    }
    let sender = Sender { intake, integration: &caller.integration, visit };
    let mut answers = Vec::with_capacity(batch.messages.len());
    for message in &batch.messages {
        answers.push(sender.take(message).await?);
    }
    if let Some((problem, around)) = transmission::amiss(&batch) {
        intake.refuse(&visit.of_part(&around), &problem).await;
    }
    let stamp = hl7::stamp(intake);
    Ok(transmission::answer(&batch, answers, &stamp.as_stamp()).concat())
}

/// Whose messages they are.
struct Sender<'a> {
    intake: &'a Intake,
    integration: &'a Arc<Versioned<Integration>>,
    visit: &'a Visit,
}

impl Sender<'_> {
    /// Takes one message and gives its acknowledgement; none for what is one itself.
    async fn take(&self, bytes: &[u8]) -> Result<Option<Vec<u8>>, Problem> {
        let began = Instant::now();
        let (message, flaws) = hl7v2::parse(bytes).map_err(|_| transmission::unreadable())?;
        if message.header().is_acknowledgement() {
            self.intake.refuse(&self.visit.of_part(bytes), &unasked()).await;
            return Ok(None);
        }
        let taken = hl7::take(self.intake, self.integration, &message, &flaws).await;
        match &taken {
            Ok(taken) => {
                let duplicates = usize::from(taken.duplicate);
                self.intake.ports.metrics.accepted(Door::Hl7v2, taken.events, duplicates, began.elapsed());
            }
            // An overloaded or failing server is told in HTTP's words, so that a sender waits.
            // It sends all of them again, and those that were taken are known.
            Err(Unfit::Failed(problem)) => return Err(problem.clone()),
            Err(unfit) => self.intake.refuse(&self.visit.of_part(bytes), &unfit.problem()).await,
        }
        let stamp = hl7::stamp(self.intake);
        Ok(reply_always(&message.header(), &hl7::verdict(&taken), &stamp.as_stamp()))
    }
}

fn is_acknowledgement(bytes: &[u8]) -> bool {
    hl7v2::parse(bytes).is_ok_and(|(message, _)| message.header().is_acknowledgement())
}

/// An acknowledgement that answers nothing of ours. Answering it could go on for ever.
fn unasked() -> Problem {
    Problem::new(Code::NotSupported, "Acknowledgements are not taken as messages.")
        .fix("Leave the answers of this call where they came; send messages only.")
}
