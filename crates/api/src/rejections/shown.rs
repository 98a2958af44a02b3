//! A rejection as it is listed: nothing personal.

use model::{Door, Timestamp};
use serde::Serialize;
use store::{Kept, Rejection, Standing};
use utoipa::ToSchema;

/// A request or message that a door refused.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Rejection)]
pub(crate) struct Shown {
    id: String,
    integration_id: String,
    /// `events`, `fhir`, `hl7v2`, `mllp` or `hook`.
    #[schema(value_type = String)]
    door: Door,
    #[schema(value_type = String)]
    at: Timestamp,
    /// The stable code of the reason.
    code: &'static str,
    /// What the code means.
    title: &'static str,
    /// Why, in this case: names and places, never content.
    reason: String,
    /// The address that called.
    peer: Option<String>,
    /// The size of the body in bytes, as far as it is known.
    bytes: u64,
    /// `listed`: the sender heard of it. `quarantined`: it heard "taken", and replay takes it in once the cause is
    /// mended. `replayed`: that was done.
    #[schema(value_type = String)]
    standing: Standing,
    /// How much of the body is kept: `whole`, `part` or `nothing`.
    #[schema(value_type = String)]
    kept: Kept,
}

impl Shown {
    /// What there is to see of a rejection.
    pub(super) fn of(rejection: Rejection) -> Self {
        Shown {
            id: rejection.id.to_string(),
            integration_id: rejection.integration.to_string(),
            door: rejection.door,
            at: rejection.at,
            code: rejection.code.name(),
            title: rejection.code.title(),
            reason: rejection.reason,
            peer: rejection.peer.map(|peer| peer.to_string()),
            bytes: rejection.bytes,
            standing: rejection.standing,
            kept: rejection.kept,
        }
    }
}
