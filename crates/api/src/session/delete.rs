//! `DELETE /session`

use audit::Action;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use store::Batch;

use super::shown::no_cookie;
use crate::Api;
use crate::caller::Caller;
use crate::refused::Result;

/// Signs out: the session of the cookie ends, and the cookie is taken away.
#[utoipa::path(delete, path = "/session", tag = "session", responses((status = 204)))]
pub(crate) async fn delete(State(api): State<Api>, _: Caller, headers: HeaderMap) -> Result<Response> {
    let (principal, _) = api.signed_in(&headers)?;
    let key = principal.key;
    let entry = api.entry(&Caller(principal), Action::SignOut, key, "");
    api.store.commit(Batch { audit: vec![entry], ..Batch::default() }).await?;
    privacy::session::cookie(&headers).into_iter().for_each(|text| api.sessions.close(text));
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, no_cookie())]).into_response())
}
