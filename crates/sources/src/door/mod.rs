//! The HTTP doors: who calls, how much they may say, and what they hear.

mod body; // Reading no more than is allowed.
mod visit; // What is known of a call so far, for when it is refused.
mod caller; // Who calls.
mod again; // Calls with an `Idempotency-Key`.
pub(crate) mod answer; // What they hear.
mod events; // Events of the catalogue.
mod fhir; // FHIR resources and Bundles.
mod notification; // What Subscriptions of outside servers tell.
mod hl7; // HL7 v2 messages.
mod hook; // Third parties.
mod described; // How all of them are described.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::any;
use model::{Code, Door, Problem};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

use crate::intake::Intake;

pub(crate) use again::Call;
pub(crate) use caller::Caller;
pub(crate) use events::Accepted;
pub(crate) use visit::reason;

/// The routes below `/ingest`.
pub fn router(intake: Arc<Intake>) -> Router {
    let repeated = |door| from_fn_with_state((intake.clone(), door), again::again);
    hook()
        .merge(events().layer(repeated(Door::Events)))
        .merge(hl7().layer(repeated(Door::Hl7v2)))
        .merge(fhir().layer(repeated(Door::Fhir)))
        .split_for_parts()
        .0
        .method_not_allowed_fallback(refuse_method)
        .with_state(intake)
}

/// The description of the doors; what holds for every call of the server is not in it.
#[must_use]
pub fn described() -> OpenApi {
    let all = events().merge(hl7()).merge(fhir()).merge(hook());
    let (_, mut api) = all.split_for_parts();
    described::refusals(&mut api);
    api
}

fn events() -> OpenApiRouter<Arc<Intake>> {
    OpenApiRouter::new().routes(routes!(events::take))
}

fn hl7() -> OpenApiRouter<Arc<Intake>> {
    OpenApiRouter::new().routes(routes!(hl7::take))
}

fn fhir() -> OpenApiRouter<Arc<Intake>> {
    OpenApiRouter::new()
        .routes(routes!(fhir::take_bundle))
        .routes(routes!(fhir::take_new))
        .routes(routes!(fhir::put, fhir::delete))
        .routes(routes!(notification::take))
}

/// A third party's call is known by what its preset says it is known by; its headers are its own.
fn hook() -> OpenApiRouter<Arc<Intake>> {
    let (schemas, paths, _) = routes!(hook::take);
    let open: UtoipaMethodRouter<Arc<Intake>> = (schemas, paths, any(hook::take));
    let (schemas, paths, _) = routes!(hook::take_secret);
    let secret: UtoipaMethodRouter<Arc<Intake>> = (schemas, paths, any(hook::take_secret));
    OpenApiRouter::new().routes(open).routes(secret)
}

async fn refuse_method() -> Response {
    let problem = Problem::from(Code::MethodNotAllowed);
    answer::problem(
        &problem.fix("Events and messages are sent by POST, FHIR resources by POST, PUT and DELETE."),
    )
}
