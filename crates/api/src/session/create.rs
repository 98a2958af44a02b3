//! `POST /session`

use std::net::IpAddr;

use audit::{Action, Actor, Entry};
use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::response::{IntoResponse, Response};
use http::header;
use http::request::Parts;
use model::{Code, Principal, Problem, Secret};
use privacy::session::Failed;
use serde::Deserialize;
use store::Batch;
use utoipa::ToSchema;

use super::peer::peer;
use super::shown::{Shown, cookie};
use crate::Api;
use crate::body::Doc;
use crate::refused::Result;

/// What a person signs in with: one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignIn)]
pub(crate) struct Credentials {
    /// An API key of any role but `sender`.
    #[schema(value_type = Option<String>)]
    key: Option<Secret<String>>,
    /// The text of a one-time link.
    #[schema(value_type = Option<String>)]
    link: Option<Secret<String>>,
}

/// Signs in: sets the cookie of a session. Takes no key in a header; is never repeated for an `Idempotency-Key`.
#[utoipa::path(post, path = "/session", tag = "session", security(()),
    request_body = Credentials,
    responses(
        (status = 200, body = Shown),
        (status = 401, description = "The key or the link does not work", content_type = "application/problem+json",
            body = crate::description::Problem),
        (status = 403, description = "A sender's key, or a page of another site",
            content_type = "application/problem+json", body = crate::description::Problem),
        (status = 422, description = "Neither a key nor a link, or both", content_type = "application/problem+json",
            body = crate::description::Problem),
        (status = 429, description = "Too many failures from this address", content_type = "application/problem+json",
            body = crate::description::Problem)))]
pub(crate) async fn create(State(api): State<Api>, request: Request) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let peer = admit(&api, &parts)?;
    let doc = Doc::from_request(Request::from_parts(parts, body), &api).await?;
    let (principal, by) = match api.who(&doc.read()?)? {
        Ok(found) => found,
        Err(named) => return Err(api.refuse(named, peer).await.into()),
    };
    if principal.role.is_for_systems() {
        let why = "A key with the role sender or subscriber is for systems and cannot sign in.";
        return Err(Problem::new(Code::Forbidden, why).fix("Use a key with another role.").into());
    }
    let now = api.clock.now();
    let entry = Entry {
        at: now,
        organisation: Some(principal.organisation),
        actor: Actor::Key(principal.key),
        action: Action::SignIn,
        target: principal.key.to_string(),
        detail: by.to_owned(),
    };
    api.store.commit(Batch { audit: vec![entry], ..Batch::default() }).await?;
    api.sessions.succeeded(peer);
    let (text, session) = api.sessions.open(principal.key, now);
    let shown = Shown::of(&api, &principal, &session);
    Ok(([(header::SET_COOKIE, cookie(&text))], Json(shown)).into_response())
}

/// Turns away who failed too often, and pages of other sites, before anything is read.
fn admit(api: &Api, parts: &Parts) -> Result<IpAddr, Problem> {
    if privacy::session::is_foreign(parts) {
        return Err(Problem::new(Code::Csrf, "A page of another site cannot sign anybody in."));
    }
    let peer = peer(parts, api.options.front);
    match api.sessions.must_wait(peer, api.clock.now()) {
        None => Ok(peer),
        Some(wait) => {
            let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
            let why = "Too many attempts to sign in from this address have failed.";
            Err(Problem::new(Code::RateLimited, why).after(seconds))
        }
    }
}

impl Api {
    /// Whose the credentials are and what they were; otherwise what kind of them does not work.
    fn who(&self, given: &Credentials) -> Result<Result<(Principal, &'static str), &'static str>, Problem> {
        let now = self.settings.now();
        let callers = self.callers(|id| now.key(id).cloned());
        let (found, by) = match (&given.key, &given.link) {
            (Some(key), None) => (callers.holder(key.expose()), "key"),
            (None, Some(link)) => (callers.invited(link.expose()), "link"),
            (None, None) | (Some(_), Some(_)) => {
                let why = "Signing in takes either a key or the text of a one-time link.";
                return Err(Problem::new(Code::InvalidField, why).at("/key"));
            }
        };
        Ok(found.map(|principal| (principal, by)).ok_or(by))
    }

    /// Says no, and remembers that it had to.
    async fn refuse(&self, by: &'static str, peer: IpAddr) -> Problem {
        let now = self.clock.now();
        if self.sessions.failed(peer, now) == Failed::Told {
            let entry = Entry {
                at: now,
                organisation: None,
                actor: Actor::System,
                action: Action::SignInRefused,
                target: by.to_owned(),
                detail: "no such key or link".to_owned(),
            };
            if let Err(error) = self.store.commit(Batch { audit: vec![entry], ..Batch::default() }).await {
                tracing::error!(%error, "a failed sign-in could not be written to the audit log");
            }
        }
        match by {
            "link" => {
                Problem::new(Code::Unauthorized, "The link was used before, is too old, or its key is gone.")
                    .fix("Make a new one with `carehook sign-in`.")
            }
            _ => Problem::new(Code::Unauthorized, "The key does not work here.")
                .fix("Check the key; it begins with chk_ and is shown once, when it is made."),
        }
    }
}
