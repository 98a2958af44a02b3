//! `POST /admin/event-types`

use model::{Code, Problem, Right};

use crate::caller::Caller;
use crate::refused::{Refused, Result};

/// Registers an event type of your own. Not yet.
#[utoipa::path(post, path = "/admin/event-types", tag = "event-types",
    responses((status = 422, description = "Not supported yet")))]
pub(crate) async fn create(caller: Caller) -> Result<Refused> {
    caller.needs(Right::Configure)?;
    let why = "Own event types are not supported yet; x.<vendor>.<name> passes without being registered.";
    Err(Problem::new(Code::NotSupported, why).into())
}
