//! What is not served here: said, never a plain 404.

use http::StatusCode;

use super::outcome::Outcome;
use super::visit::Visit;

/// An address of FHIR that the facade does not have.
pub(super) async fn elsewhere(_: Visit) -> Outcome {
    let why =
        "The facade serves metadata, Subscription and the topics; other resources stay with their source.";
    Outcome::new(StatusCode::NOT_FOUND, "not-supported", why)
}

/// A method that an address does not take.
pub(super) async fn other_method(_: Visit) -> Outcome {
    Outcome::new(StatusCode::METHOD_NOT_ALLOWED, "not-supported", "This address does not take this method.")
}
