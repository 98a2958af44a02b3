//! `GET /session`

use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use model::{Code, Principal, Problem};
use privacy::session::{Session, Use};

use super::shown::Shown;
use crate::Api;
use crate::refused::Result;

/// Who is signed in, by the cookie. Asking does not keep the session open.
#[utoipa::path(get, path = "/session", tag = "session", responses((status = 200, body = Shown)))]
pub(crate) async fn read(State(api): State<Api>, headers: HeaderMap) -> Result<Json<Shown>> {
    let (principal, session) = api.signed_in(&headers)?;
    Ok(Json(Shown::of(&api, &principal, &session)))
}

impl Api {
    /// The session of a cookie.
    pub(super) fn signed_in(&self, headers: &HeaderMap) -> Result<(Principal, Session), Problem> {
        let now = self.settings.now();
        let found = self.callers(|id| now.key(id).cloned()).session(headers, Use::ByMachine);
        found.ok_or_else(|| {
            Problem::new(Code::Unauthorized, "Nobody is signed in.").fix("Sign in with POST /session.")
        })
    }
}
