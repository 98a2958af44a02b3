//! `/fhir/{integration}`: the FHIR facade, where clients subscribe.
//!
//! A Subscription is a webhook of its integration with a facet of its own
//! (`model::Subscription`), so that everything else about webhooks holds for it.
//! A call passes `visit` (who asks, of which integration) and the file of its own
//! name; `accept` turns a wish into a webhook, `shown` a webhook into a resource.
//! Whatever goes wrong becomes an `OperationOutcome` (`outcome`).

mod visit; // Who asks, and in which format.
mod outcome; // Whatever goes wrong.
mod answer; // Resources as answers.
mod document; // Resources that come in.
mod given; // Parameters of an operation.
mod offered; // The topics of an integration.
mod accept; // From a wish to a webhook.
mod channel; // How the client wants to be told.
mod shown; // From a webhook to a resource.
mod find; // The Subscription of a path.
mod moments; // Messages made on demand.
mod create; // POST.
mod read; // GET of one.
mod search; // GET of many.
mod update; // PUT.
mod patch; // PATCH.
mod delete; // DELETE.
mod status; // $status.
mod events; // $events.
mod resend; // $resend.
mod sockets; // Clients that listen.
mod topics; // SubscriptionTopic and Basic.
mod metadata; // The CapabilityStatement.
mod elsewhere; // What is not served.

use axum::Router;
use axum::routing::{any, get, post};

use crate::Api;

pub use sockets::Sockets;

/// The addresses of the facade.
pub(crate) fn routes() -> Router<Api> {
    let of = |path: &str| format!("/fhir/{{integration}}{path}");
    Router::new()
        .route(&of("/metadata"), get(metadata::metadata))
        .route(&of("/Subscription"), get(search::search).post(create::create))
        .route(&of("/Subscription/_search"), post(search::search_by_post))
        .route(&of("/Subscription/$status"), get(status::of_all).post(status::of_all))
        .route(
            &of("/Subscription/{id}"),
            get(read::read).put(update::update).patch(patch::patch).delete(delete::delete),
        )
        .route(&of("/Subscription/{id}/$status"), get(status::of_one).post(status::of_one))
        .route(&of("/Subscription/{id}/$events"), get(events::events).post(events::events))
        .route(&of("/Subscription/{id}/$resend"), post(resend::resend))
        .route(
            &of("/Subscription/$get-ws-binding-token"),
            get(sockets::token::of_many).post(sockets::token::of_many),
        )
        .route(
            &of("/Subscription/{id}/$get-ws-binding-token"),
            get(sockets::token::of_one).post(sockets::token::of_one),
        )
        .route(&of("/ws"), get(sockets::open::open))
        .route(&of("/SubscriptionTopic"), get(topics::search))
        .route(&of("/SubscriptionTopic/{id}"), get(topics::read))
        .route(&of("/Basic"), get(topics::search_basic))
        .route(&of("/Basic/{id}"), get(topics::read_basic))
        .route(&of(""), any(elsewhere::elsewhere))
        .route(&of("/{*rest}"), any(elsewhere::elsewhere))
        .method_not_allowed_fallback(elsewhere::other_method)
}
