//! What the contract names and this version cannot do yet: said, never a plain 404.

use axum::Router;
use axum::routing::any;
use model::{Code, Problem};

use crate::Api;
use crate::caller::Caller;
use crate::refused::Refused;

/// The addresses that come later.
pub(crate) fn routes() -> Router<Api> {
    ADDRESSES.iter().fold(Router::new(), |router, address| router.route(address, any(not_yet)))
}

async fn not_yet(_: Caller) -> Refused {
    Problem::new(Code::NotSupported, "This address is reserved; this version does not serve it yet.").into()
}

const ADDRESSES: [&str; 10] = [
    "/admin/integration/{id}/codes",
    "/admin/escalations",
    "/admin/escalations/{id}",
    "/admin/escalations/{id}/acknowledge",
    "/admin/escalations/{id}/assign",
    "/admin/operators",
    "/admin/operators/{id}",
    "/admin/consents",
    "/admin/policies",
    "/admin/disclosures",
];
