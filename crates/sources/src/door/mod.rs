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

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{any, post, put};
use model::{Code, Door, Problem};

use crate::intake::Intake;

pub(crate) use again::Call;
pub(crate) use caller::Caller;
pub(crate) use events::Accepted;
pub(crate) use visit::reason;

/// The routes below `/ingest`.
pub fn router(intake: Arc<Intake>) -> Router {
    let repeated = |door| from_fn_with_state((intake.clone(), door), again::again);
    let events = Router::new().route("/ingest/{integration}/events", post(events::take));
    let hl7 = Router::new().route("/ingest/{integration}/hl7v2", post(hl7::take));
    let fhir = Router::new()
        .route("/ingest/{integration}/fhir", post(fhir::take_bundle))
        .route("/ingest/{integration}/fhir/{type}", post(fhir::take_new))
        .route("/ingest/{integration}/fhir/{type}/{id}", put(fhir::take).delete(fhir::take))
        .route("/ingest/{integration}/fhir-notification", post(notification::take));
    // A third party's call is known by what its preset says it is known by; its headers are its own.
    let hook = Router::new()
        .route("/ingest/{integration}/hook", any(hook::take))
        .route("/ingest/{integration}/hook/{secret}", any(hook::take_secret));
    hook.merge(events.layer(repeated(Door::Events)))
        .merge(hl7.layer(repeated(Door::Hl7v2)))
        .merge(fhir.layer(repeated(Door::Fhir)))
        .method_not_allowed_fallback(refuse_method)
        .with_state(intake)
}

async fn refuse_method() -> Response {
    let problem = Problem::from(Code::MethodNotAllowed);
    answer::problem(
        &problem.fix("Events and messages are sent by POST, FHIR resources by POST, PUT and DELETE."),
    )
}
