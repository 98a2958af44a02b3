//! `GET /admin/rejections`

use axum::Json;
use axum::extract::State;
use model::{Code, Door, IntegrationId, Right, Timestamp};
use serde::Deserialize;
use store::{RejectionFilter, Standing};
use utoipa::IntoParams;

use super::shown::Shown;
use crate::Api;
use crate::caller::Caller;
use crate::page::{List, Listed, Window};
use crate::params::Params;
use crate::refused::Result;
use crate::strict::invalid;

/// Which rejections.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// 1 to 250, by default 50.
    limit: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Of this integration.
    #[param(value_type = Option<String>)]
    integration_id: Option<IntegrationId>,
    /// By this door: `events`, `fhir`, `hl7v2`, `mllp` or `hook`.
    #[param(value_type = Option<String>)]
    door: Option<Door>,
    /// For this reason.
    code: Option<String>,
    /// `listed`, `quarantined` or `replayed`.
    #[param(value_type = Option<String>)]
    standing: Option<Standing>,
    /// Refused at or after.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Refused before.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
}

/// What doors refused, newest first.
#[utoipa::path(get, path = "/admin/rejections", tag = "rejections",
    params(Wanted), responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Listed<Shown>>> {
    caller.needs(Right::Look)?;
    let window = Window::read(List::Rejections, wanted.limit.as_deref(), wanted.after.as_deref())?;
    let code = wanted.code.map(|name| {
        Code::named(&name).ok_or_else(|| invalid("code", "Not a code of docs/reference/error-codes.md."))
    });
    let filter = RejectionFilter {
        organisation: Some(caller.organisation()),
        integration: wanted.integration_id,
        door: wanted.door,
        code: code.transpose()?,
        standing: wanted.standing,
        from: wanted.from,
        to: wanted.to,
    };
    let page = api.store.list_rejections(filter, window.after, window.limit).await?;
    Ok(Json(window.show(page, Shown::of)))
}
