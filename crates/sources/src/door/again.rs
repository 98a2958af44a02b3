//! Calls with an `Idempotency-Key`: taken once, and answered the same for a day (R3).
//!
//! Whatever such a call leaves and has no id of its own is known by the key, so
//! that a call whose answer was never kept is run again and finds what it left.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::request::Parts;
use http::uri::PathAndQuery;
use model::{Door, IntegrationId, Problem};
use privacy::OrganisationKeys;
use store::Twice;

use super::visit::Visit;
use super::{Caller, answer, body, fhir};
use crate::intake::Intake;
use crate::refusal;

/// Answers a call that was answered before, and lets its door take one that was not.
pub(super) async fn again(
    State((intake, door)): State<(Arc<Intake>, Door)>,
    path: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    let Some(key) = repeats::key(request.headers()) else { return next.run(request).await };
    let (mut visit, request) = Visit::begin(door, request);
    let (parts, body) = request.into_parts();
    let integration = path.iter().find(|(name, _)| *name == "integration").map_or("", |(_, value)| value);
    // Whoever may not send hears so from the door itself.
    let Ok(caller) = intake.caller(integration, &parts, &mut visit) else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let taken = async { once(&intake, (&caller, key?), (parts, body, &mut visit), next).await }.await;
    match taken {
        Ok(response) => response,
        Err(problem) => refuse(&intake, &visit, problem).await,
    }
}

async fn once(
    intake: &Intake,
    (caller, key): (&Caller, String),
    (mut parts, body, visit): (Parts, Body, &mut Visit),
    next: Next,
) -> Result<Response, Problem> {
    let body = body::read(body, visit).await?;
    let target = target(&parts);
    let (method, twice) = (parts.method.as_str(), Twice::Harmless);
    let call = repeats::Call { key: &key, method, target: &target, body: &body, twice };
    let asked = intake.repeats.asked(&caller.principal, call).await.map_err(refusal::of_repeat)?;
    let keys = intake.ports.keyring.organisation(asked.organisation).await;
    let keys = keys.map_err(|error| refusal::of_keys(&error))?;
    parts.extensions.insert(Call(keys.dedupe(caller.integration.id, SCOPE, &[&asked.key.0, &asked.print])));
    let request = Request::from_parts(parts, body.into());
    let taken = intake.repeats.once(asked, async move { next.run(request).await });
    taken.await.map_err(refusal::of_repeat)
}

/// Where a call goes, with the headers that say what its content is: the same body may be two CloudEvents.
fn target(parts: &Parts) -> String {
    let is_said = |name: &str| name == "content-type" || name.starts_with("ce-");
    let headers = parts.headers.iter().filter(|(name, _)| is_said(name.as_str()));
    let mut said: Vec<String> = headers.map(|(name, value)| format!("\n{name}: {value:?}")).collect();
    said.sort_unstable();
    let address = parts.uri.path_and_query().map_or("", PathAndQuery::as_str);
    format!("{address}{}", said.concat())
}

/// Whoever is to come back soon was not refused for good: nobody has to look at it.
async fn refuse(intake: &Intake, visit: &Visit, problem: Problem) -> Response {
    if visit.door == Door::Fhir {
        return fhir::refuse(intake, visit, &Box::<fhir::Refused>::from(problem)).await;
    }
    intake.refuse(visit, &problem).await;
    answer::problem(&problem)
}

/// A call with a key and a body: what names that which it leaves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call([u8; 16]);

impl Call {
    /// What makes the whole of it the same as another.
    pub(crate) fn dedupe(self) -> [u8; 16] {
        self.0
    }

    /// An entry of it, as a call of its own.
    pub(crate) fn entry(self, place: usize, of: IntegrationId, keys: &OrganisationKeys) -> Call {
        Call(keys.dedupe(of, SCOPE, &[&self.0, &place.to_be_bytes()]))
    }

    /// A name for a part of it, fit for a FHIR id.
    pub(crate) fn part(self, place: usize) -> String {
        format!("k-{:032x}-{place}", u128::from_be_bytes(self.0))
    }
}

const SCOPE: &str = "call";

#[cfg(test)]
#[path = "again_tests.rs"]
mod tests;
