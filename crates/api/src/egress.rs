//! `GET /admin/egress`

use axum::Json;
use axum::extract::State;
use model::{EgressFacts, Right};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Api;
use crate::caller::Caller;
use crate::refused::Result;

/// What receivers' firewalls need to know.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Egress)]
pub(crate) struct Shown {
    /// Where deliveries come from; empty when the machine's routing decides.
    source_addresses: Vec<String>,
    /// Private networks that deliveries may go to, because the operator opened them.
    allowed_networks: Vec<String>,
}

/// Source addresses and allow-lists, for the receivers' firewalls.
#[utoipa::path(get, path = "/admin/egress", tag = "egress", responses((status = 200, body = Shown)))]
pub(crate) async fn read(State(api): State<Api>, caller: Caller) -> Result<Json<Shown>> {
    caller.needs(Right::Look)?;
    let EgressFacts { source_addresses, allowed_networks } = api.rehearse.egress();
    Ok(Json(Shown { source_addresses, allowed_networks }))
}
