//! `PUT/POST/DELETE /ingest/{integration}/fhir/…` and Bundles, answered as FHIR does.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use bytes::Bytes;
use fhir::{Severity, bundle, operation_outcome};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use matching::raise::Interaction;
use model::{Code, Door, Kind, Problem, json};
use serde_json::Value;
use tokio::time::Instant;

use super::caller::Caller;
use super::visit::Visit;
use super::{answer, body};
use crate::intake::Intake;
use crate::resources::{Incoming, Sender, Stood};
use crate::sieve;

/// Sends a FHIR Bundle: a transaction, batch, history or message.
#[utoipa::path(post, path = "/ingest/{integration}/fhir", tag = "ingest", operation_id = "fhir_bundle",
    params(("Idempotency-Key" = Option<String>, Header, description = "A repetition of the same call is answered the same for a day")),
    request_body(content = Value, content_type = "application/fhir+json"),
    responses((status = 200, body = Value, content_type = "application/fhir+json")))]
pub(super) async fn take_bundle(
    State(intake): State<Arc<Intake>>,
    Path(integration): Path<String>,
    request: Request,
) -> Response {
    let (mut visit, request) = Visit::begin(Door::Fhir, request);
    match accept_bundle(&intake, &integration, request, &mut visit).await {
        Ok(response) => response,
        Err(refused) => refuse(&intake, &visit, &refused).await,
    }
}

/// Sends a FHIR resource that is given its id here.
#[utoipa::path(post, path = "/ingest/{integration}/fhir/{type}", tag = "ingest", operation_id = "fhir_create",
    params(("Idempotency-Key" = Option<String>, Header, description = "A repetition of the same call is answered the same for a day")),
    request_body(content = Value, content_type = "application/fhir+json"),
    responses((status = 201, headers(("Location" = String)))))]
pub(super) async fn take_new(
    State(intake): State<Arc<Intake>>,
    Path((integration, kind)): Path<(String, String)>,
    request: Request,
) -> Response {
    take_one(&intake, &integration, (kind, None), request).await
}

/// Sends a FHIR resource under its sender's id.
#[utoipa::path(put, path = "/ingest/{integration}/fhir/{type}/{id}", tag = "ingest", operation_id = "fhir_update",
    params(("Idempotency-Key" = Option<String>, Header, description = "A repetition of the same call is answered the same for a day")),
    request_body(content = Value, content_type = "application/fhir+json"),
    responses((status = 200, headers(("Location" = String))), (status = 201, headers(("Location" = String)))))]
pub(super) async fn put(
    State(intake): State<Arc<Intake>>,
    Path((integration, kind, id)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    take_one(&intake, &integration, (kind, Some(id)), request).await
}

/// Tells that a FHIR resource is gone at its sender's.
#[utoipa::path(delete, path = "/ingest/{integration}/fhir/{type}/{id}", tag = "ingest", operation_id = "fhir_delete",
    params(("Idempotency-Key" = Option<String>, Header, description = "A repetition of the same call is answered the same for a day")),
    responses((status = 204)))]
pub(super) async fn delete(
    State(intake): State<Arc<Intake>>,
    Path((integration, kind, id)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    take_one(&intake, &integration, (kind, Some(id)), request).await
}

async fn take_one(
    intake: &Intake,
    integration: &str,
    address: (String, Option<String>),
    request: Request,
) -> Response {
    let (mut visit, request) = Visit::begin(Door::Fhir, request);
    match accept(intake, integration, address, (request, &mut visit)).await {
        Ok(response) => response,
        Err(refused) => refuse(intake, &visit, &refused).await,
    }
}

/// A problem, and where in the resource it is.
pub(super) struct Refused {
    problem: Problem,
    issue: &'static str,
    expression: Option<String>,
}

impl From<Problem> for Box<Refused> {
    fn from(problem: Problem) -> Self {
        let issue = match problem.code.status() {
            401 => "login",
            403 => "forbidden",
            404 => "not-found",
            413 => "too-long",
            429 | 503 | 507 => "throttled",
            500 => "exception",
            _ => "invalid",
        };
        Box::new(Refused { problem, issue, expression: None })
    }
}

impl From<fhir::Fault> for Box<Refused> {
    fn from(fault: fhir::Fault) -> Self {
        let problem = Problem::new(Code::InvalidFhir, format!("{} {}.", fault.expression, fault.why));
        Box::new(Refused { problem, issue: fault.code, expression: Some(fault.expression) })
    }
}

async fn accept(
    intake: &Intake,
    integration: &str,
    (kind, id): (String, Option<String>),
    (request, visit): (Request, &mut Visit),
) -> Result<Response, Box<Refused>> {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let caller = intake.caller(integration, &parts, visit)?.for_kind(&Kind::Fhir)?;
    let interaction = match (&parts.method, &id) {
        (&Method::PUT, Some(_)) => Interaction::Update,
        (&Method::DELETE, Some(_)) => Interaction::Delete,
        (&Method::POST, None) => Interaction::Create,
        _ => {
            return Err(Problem::from(Code::MethodNotAllowed)
                .fix("PUT or DELETE Type/id, or POST Type.")
                .into());
        }
    };
    check_address(&kind, id.as_deref())?;
    let (bytes, resource) = match interaction {
        Interaction::Delete => (Bytes::new(), None),
        Interaction::Create | Interaction::Update => {
            let taken = read(&parts, body, visit).await?;
            let (bytes, resource) = sieve::resource(&caller.integration, taken)?;
            check_resource(&resource, &kind, id.as_deref())?;
            (bytes, Some(resource))
        }
    };
    let cause = intake.cause(caller.principal.organisation, &parts.headers).await;
    let id = id.or_else(|| caller.call.map(|call| call.part(0)));
    let one = [Incoming::new(kind, id, interaction, resource, intake)];
    let sender = Sender { integration: &caller.integration, cause, call: caller.call };
    let stood = intake.accept_resources(sender, &one, (&one[0].resource_type, &bytes)).await?;
    intake.ports.metrics.accepted(Door::Fhir, 1, 0, began.elapsed());
    Ok(located(&caller, &one[0], interaction, stood.first() == Some(&Stood::New)))
}

fn located(caller: &Caller, one: &Incoming, interaction: Interaction, is_new: bool) -> Response {
    let status = match interaction {
        Interaction::Delete => StatusCode::NO_CONTENT,
        Interaction::Create => StatusCode::CREATED,
        Interaction::Update if is_new => StatusCode::CREATED,
        Interaction::Update => StatusCode::OK,
    };
    let mut response = answer::json(status, FHIR, Vec::new());
    let location = format!("/ingest/{}/fhir/{}", caller.integration.id, one.location());
    if interaction != Interaction::Delete
        && let Ok(location) = HeaderValue::from_str(&location)
    {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

async fn accept_bundle(
    intake: &Intake,
    integration: &str,
    request: Request,
    visit: &mut Visit,
) -> Result<Response, Box<Refused>> {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let caller = intake.caller(integration, &parts, visit)?.for_kind(&Kind::Fhir)?;
    let (bytes, resource) = sieve::resource(&caller.integration, read(&parts, body, visit).await?)?;
    let split = bundle::split(&resource)?;
    let kind = match &split {
        bundle::Split::Whole(kind, _) => Some(*kind),
        bundle::Split::Each(entries) => {
            // What is refused of a batch is kept like everything that is refused.
            if let Some(fault) = entries.iter().find_map(|entry| entry.as_ref().err()) {
                intake.refuse(visit, &Box::<Refused>::from(fault.clone()).problem).await;
            }
            None
        }
    };
    let cause = intake.cause(caller.principal.organisation, &parts.headers).await;
    let sender = Sender { integration: &caller.integration, cause, call: caller.call };
    let answers = intake.accept_bundle(sender, split, &bytes).await?;
    intake.ports.metrics.accepted(Door::Fhir, answers.len(), 0, began.elapsed());
    let answered = serde_json::to_vec(&bundle::respond(kind, &answers)).unwrap_or_default();
    Ok(answer::json(StatusCode::OK, FHIR, answered))
}

pub(super) async fn read(
    parts: &Parts,
    body: axum::body::Body,
    visit: &mut Visit,
) -> Result<(Bytes, Value), Box<Refused>> {
    let kind =
        parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !matches!(kind, "application/fhir+json" | "application/json" | "") {
        return Err(Problem::from(Code::UnsupportedMediaType).fix("Send application/fhir+json.").into());
    }
    let bytes = body::read(body, visit).await?;
    let text = json::check(&bytes)
        .map_err(|flaw| Problem::new(flaw.code(), format!("The body cannot be read: {flaw}.")))?;
    let resource = serde_json::from_str(text).map_err(|fault| crate::events::native::malformed(&fault))?;
    Ok((bytes, resource))
}

fn check_address(kind: &str, id: Option<&str>) -> Result<(), Box<Refused>> {
    let is_known = fhir::is_resource_type(kind) && id.is_none_or(fhir::is_id);
    if is_known { Ok(()) } else { Err(Problem::from(Code::NotFound).into()) }
}

fn check_resource(resource: &Value, kind: &str, id: Option<&str>) -> Result<(), Box<Refused>> {
    fhir::check(resource)?;
    let mismatch =
        |expression: &str, why| fhir::Fault { expression: expression.to_owned(), why, code: "value" };
    if resource["resourceType"] != kind {
        return Err(mismatch("resourceType", "is another type than the address").into());
    }
    if id.is_some_and(|id| resource.get("id").is_some_and(|own| own != id)) {
        return Err(mismatch("id", "is another id than the address").into());
    }
    Ok(())
}

pub(super) async fn refuse(intake: &Intake, visit: &Visit, refused: &Refused) -> Response {
    let Refused { problem, issue, expression } = refused;
    intake.refuse(visit, problem).await;
    let outcome = operation_outcome(Severity::Error, issue, &problem.in_words(), expression.as_deref());
    let outcome = serde_json::to_vec(&outcome).unwrap_or_default();
    let mut response = answer::json(answer::status(problem), FHIR, outcome);
    answer::retry_after(&mut response, problem);
    response
}

const FHIR: &str = "application/fhir+json";
