//! `POST /ingest/{integration}/events`: one event, an array, or `CloudEvents`.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use model::{Code, Door, EventId, Problem, json, limits};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::described::{Events, Taken};
use super::visit::Visit;
use super::{answer, body};
use crate::events::{Sent, cloud, native};
use crate::intake::Intake;

/// Sends events: one, an array, or CloudEvents 1.0 (structured, batch, or binary with its attributes in `ce-` headers).
/// Answered once they are durable. The same id or the same `Idempotency-Key` makes no second event.
#[utoipa::path(post, path = "/ingest/{integration}/events", tag = "ingest", operation_id = "events",
    params(("Idempotency-Key" = Option<String>, Header, description = "A repetition of the same call is answered the same for a day")),
    request_body(content((Events = "application/json"), (Value = "application/cloudevents+json"),
        (Vec<Value> = "application/cloudevents-batch+json"))),
    responses((status = 202, body = Taken)))]
pub(super) async fn take(
    State(intake): State<Arc<Intake>>,
    Path(integration): Path<String>,
    request: Request,
) -> Response {
    let (mut visit, request) = Visit::begin(Door::Events, request);
    match accept(&intake, &integration, request, &mut visit).await {
        Ok(body) => answer::json(StatusCode::ACCEPTED, "application/json", body),
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
    let caller = intake.caller(integration, &parts, visit)?;
    let bytes = body::read(body, visit).await?;
    let text = json::check(&bytes)
        .map_err(|flaw| Problem::new(flaw.code(), format!("The body cannot be read: {flaw}.")))?;
    let (mut sent, shape) = read(&parts.headers, text, &bytes)?;
    if let Some(call) = caller.call {
        sent.iter_mut().enumerate().for_each(|(place, sent)| sent.know_by(call, place));
    }
    let cause = intake.cause(caller.principal.organisation, &parts.headers).await;
    let accepted = intake.accept_events(&caller, sent, cause).await?;
    let duplicates = accepted.iter().filter(|accepted| accepted.duplicate).count();
    intake.ports.metrics.accepted(Door::Events, accepted.len() - duplicates, duplicates, began.elapsed());
    write(&accepted, shape)
}

/// Whether the answer is one object or a list.
enum Shape {
    One,
    Many,
}

fn read<'a>(headers: &HeaderMap, text: &'a str, bytes: &Bytes) -> Result<(Vec<Sent<'a>>, Shape), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let is_one = |bytes: &Bytes| {
        if bytes.len() > limits::EVENT_BYTES {
            return Err(Problem::new(Code::BodyTooLarge, "A single event has at most 1 MiB."));
        }
        Ok(())
    };
    match kind {
        "application/cloudevents+json" => {
            is_one(bytes)?;
            Ok((vec![cloud::structured(text)?], Shape::One))
        }
        "application/cloudevents-batch+json" => Ok((cloud::batch(text)?, Shape::Many)),
        "application/json" | "" if headers.contains_key("ce-specversion") => {
            is_one(bytes)?;
            Ok((vec![cloud::binary(headers, text)?], Shape::One))
        }
        "application/json" | "" if text.trim_start().starts_with('[') => {
            Ok((native::array(text)?, Shape::Many))
        }
        "application/json" | "" => {
            is_one(bytes)?;
            Ok((vec![native::one(text)?], Shape::One))
        }
        _ => Err(Problem::from(Code::UnsupportedMediaType).fix(
            "Send application/json, application/cloudevents+json or application/cloudevents-batch+json.",
        )),
    }
}

/// What the sender hears of one event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TakenEvent)]
pub(crate) struct Accepted {
    /// Its id here; of a duplicate, that of the first.
    #[schema(value_type = String)]
    pub(crate) id: EventId,
    /// Whether it was known before.
    pub(crate) duplicate: bool,
    /// How many webhooks get it.
    pub(crate) matched: usize,
}

fn write(accepted: &[Accepted], shape: Shape) -> Result<Vec<u8>, Problem> {
    #[derive(Serialize)]
    struct Many<'a> {
        accepted: &'a [Accepted],
    }
    let written = match (shape, accepted) {
        (Shape::One, [one]) => serde_json::to_vec(one),
        _ => serde_json::to_vec(&Many { accepted }),
    };
    written.map_err(|error| crate::refusal::internal(&error))
}
