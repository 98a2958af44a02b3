//! Any method on `/ingest/{integration}/hook[/{secretPath}]`: a third party's webhook, by its preset.
//!
//! There is no API key: the preset's proof is the authentication. The raw body
//! is proven before it is parsed, and the answer comes after the fsync.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::header;
use http::request::Parts;
use model::{Code, Door, IntegrationId, Problem};
use presets::{Call, Reply, Unproven, Welcome};
use tokio::time::Instant;

use super::visit::Visit;
use super::{answer, body};
use crate::intake::Intake;
use crate::party::Party;
use crate::sieve;

/// Takes a third party's webhook, of whatever method its preset says; proven by it, and answered as it expects.
#[utoipa::path(post, path = "/ingest/{integration}/hook", tag = "ingest", operation_id = "hook", security(),
    responses((status = 200, description = "What the third party expects")))]
pub(super) async fn take(
    State(intake): State<Arc<Intake>>,
    Path(integration): Path<String>,
    request: Request,
) -> Response {
    serve(&intake, (&integration, None), request).await
}

/// The same for a third party whose secret is a part of the path.
#[utoipa::path(post, path = "/ingest/{integration}/hook/{secret}", tag = "ingest", operation_id = "hook_secret", security(),
    responses((status = 200, description = "What the third party expects")))]
pub(super) async fn take_secret(
    State(intake): State<Arc<Intake>>,
    Path((integration, secret)): Path<(String, String)>,
    request: Request,
) -> Response {
    serve(&intake, (&integration, Some(&secret)), request).await
}

async fn serve(intake: &Intake, address: (&str, Option<&str>), request: Request) -> Response {
    let (mut visit, request) = Visit::begin(Door::Hook, request);
    match accept(intake, address, request, &mut visit).await {
        Ok(reply) => written(&reply),
        Err(problem) => {
            intake.refuse(&visit, &problem).await;
            // Why a proof fails is for those who can mend it, not for who tries.
            let is_proof = problem.code == Code::InvalidSignature;
            answer::problem(&if is_proof { Problem::from(Code::InvalidSignature) } else { problem })
        }
    }
}

async fn accept(
    intake: &Intake,
    (integration, secret_path): (&str, Option<&str>),
    request: Request,
    visit: &mut Visit,
) -> Result<Reply, Problem> {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let id: IntegrationId = integration.parse().map_err(|_| Problem::from(Code::NotFound))?;
    let compiled = intake.ports.settings.now();
    let integration = compiled.config.integrations.get(&id).ok_or(Code::NotFound)?.clone();
    let party = intake.party(&integration).ok_or(Code::NotFound)?;
    visit.integration = Some(integration.clone());
    visit.keep(&parts.headers, party.preset.reading_headers());
    visit.check_peer()?;
    if !party.preset.takes(parts.method.as_str()) {
        return Err(Problem::new(Code::MethodNotAllowed, "The preset takes no calls of this method."));
    }
    let bytes = body::read(body, visit).await?;
    let call = call(&parts, secret_path, &bytes, intake);
    if let Some(reply) = prove(&party, &call)? {
        return Ok(reply);
    }
    let cause = intake.cause(integration.organisation_id, &parts.headers).await;
    match intake.accept_call(&party, &call, cause).await {
        Ok(taken) => {
            let fresh = taken.events.len() - taken.duplicates;
            intake.ports.metrics.accepted(Door::Hook, fresh, taken.duplicates, began.elapsed());
        }
        // The sender hears that it was taken: a 5xx would make it send the same for days, and then give up.
        Err(problem) if problem.code == Code::UnknownContent => {
            intake.ports.metrics.rejected(Door::Hook, problem.code.name());
            if let Ok(Some(sifted)) = sieve::call(&party, &call) {
                visit.sifted(sifted);
            }
            if let Some(refused) = visit.quarantined(&problem) {
                intake.quarantine(refused).await?;
            }
        }
        Err(problem) => return Err(problem),
    }
    Ok(party.preset.ack().clone())
}

fn call<'a>(parts: &'a Parts, secret_path: Option<&'a str>, body: &'a [u8], intake: &Intake) -> Call<'a> {
    Call {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        secret_path,
        headers: &parts.headers,
        body,
        now: intake.ports.clock.now(),
    }
}

/// The answer to a handshake; none for a proven call that has to be read.
fn prove(party: &Party<'_>, call: &Call<'_>) -> Result<Option<Reply>, Problem> {
    let unproven = |fault: Unproven| Problem::new(Code::InvalidSignature, format!("{fault}."));
    if let Welcome::Answer(reply) = party.preset.welcome(call, party.given).map_err(unproven)? {
        return Ok(Some(reply));
    }
    match party.preset.prove(call, party.given).map_err(unproven)? {
        Welcome::Answer(reply) => Ok(Some(reply)),
        Welcome::GoOn => Ok(None),
    }
}

fn written(reply: &Reply) -> Response {
    let status = http::StatusCode::from_u16(reply.status).unwrap_or(http::StatusCode::OK);
    let mut response = answer::json(status, reply.kind, reply.body.clone().into_bytes());
    if reply.body.is_empty() {
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    response
}
