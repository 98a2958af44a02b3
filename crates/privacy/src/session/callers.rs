//! Who makes a call: the holder of a key, or of a session that a key opened.

use std::sync::Arc;

use aws_lc_rs::constant_time;
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method, header};
use model::{ApiKey, Code, KeyId, Principal, Problem, Timestamp, Versioned};

use super::{COOKIE, Session, Sessions, origin};
use crate::api_key;

/// Where callers are known from, at one moment.
pub struct Callers<'a, F> {
    /// Who is signed in.
    pub sessions: &'a Sessions,
    /// The live keys: a key that is revoked ends its sessions at once.
    pub key: F,
    /// The tag of the installation's ids.
    pub tag: u64,
    /// The time.
    pub now: Timestamp,
}

/// Whether a call shows that somebody is there, which keeps a session open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Somebody did something.
    ByPerson,
    /// A page that is open asks by itself.
    ByMachine,
}

impl<F: Fn(KeyId) -> Option<Arc<Versioned<ApiKey>>>> Callers<'_, F> {
    /// Who makes a call.
    ///
    /// A key counts before a cookie. A write by cookie has to come from a page of ours and to carry
    /// the session's token.
    ///
    /// # Errors
    /// `unauthorized` without credentials that work, `csrf` for a write that another site may have caused.
    pub fn of(&self, parts: &Parts, how: Use) -> Result<Principal, Problem> {
        if let Some(credentials) = parts.headers.get(header::AUTHORIZATION) {
            let text = credentials.to_str().ok().and_then(bearer);
            return text.and_then(|text| self.holder(text)).ok_or_else(unauthorized);
        }
        let (principal, session) = self.session(&parts.headers, how).ok_or_else(unauthorized)?;
        if !is_read(&parts.method) {
            refuse_forged(parts, &session)?;
        }
        Ok(principal)
    }

    /// The session of a call's cookie and what it may do; none without one that is open.
    #[must_use]
    pub fn session(&self, headers: &HeaderMap, how: Use) -> Option<(Principal, Session)> {
        let text = cookie(headers)?;
        let mut session = self.sessions.find(text, how, self.now)?;
        let Some(key) = self.live(session.key) else {
            self.sessions.close(text);
            return None;
        };
        if let Some(end) = key.expires_at {
            session.expires_at = session.expires_at.min(end);
        }
        Some((Principal::of(&key), session))
    }

    /// Who holds a key with this text.
    #[must_use]
    pub fn holder(&self, text: &str) -> Option<Principal> {
        api_key::check(text.trim(), &self.key, self.tag, self.now)
    }

    /// Who a one-time text was made for, if they may still sign in. Uses the text up.
    #[must_use]
    pub fn invited(&self, text: &str) -> Option<Principal> {
        let id = self.sessions.redeem(text.trim(), self.now)?;
        self.live(id).map(|key| Principal::of(&key))
    }

    /// A key that works now and may be used by a person.
    fn live(&self, id: KeyId) -> Option<Arc<Versioned<ApiKey>>> {
        let key = (self.key)(id)?;
        let works = !key.role.is_for_systems() && key.expires_at.is_none_or(|at| self.now < at);
        works.then_some(key)
    }
}

fn bearer(credentials: &str) -> Option<&str> {
    let (scheme, text) = credentials.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(text)
}

fn unauthorized() -> Problem {
    Problem::from(Code::Unauthorized).fix("Send an API key as Authorization: Bearer <key>, or sign in.")
}

/// The text of the session's cookie, if a call carries one. HTTP/2 may send a header for each cookie.
#[must_use]
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, text)| text)
}

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn refuse_forged(parts: &Parts, session: &Session) -> Result<(), Problem> {
    if !origin::is_ours(parts) {
        return Err(Problem::new(Code::Csrf, "The browser does not say that a page of this server asks.")
            .fix("Write from a page of this server, or with an API key."));
    }
    let token = parts.headers.get(&TOKEN).map_or(&[][..], http::HeaderValue::as_bytes);
    let expected = session.csrf.expose().as_bytes();
    constant_time::verify_slices_are_equal(token, expected).map_err(|_| {
        Problem::new(Code::Csrf, "The call does not carry the token of its session.")
            .at("x-csrf-token")
            .fix("Send the csrf of GET /session as x-csrf-token.")
    })
}

const TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

#[cfg(test)]
mod tests {
    use http::Request;
    use model::{Id, Role};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000);

    fn key(id: u128, role: Role, expires_at: Option<Timestamp>) -> Arc<Versioned<ApiKey>> {
        let doc = ApiKey {
            id: KeyId::from_raw(id),
            organisation_id: Id::from_raw(1),
            name: "x".to_owned(),
            role,
            integration_id: None,
            scopes: Vec::new(),
            hash: String::new(),
            created_at: Timestamp::from_millis(0),
            expires_at,
            installation: false,
        };
        Arc::new(Versioned { version: 1, doc })
    }

    fn call(method: &str, headers: &[(&str, &str)]) -> Parts {
        let request = Request::builder().method(method).uri("/admin/keys").header("host", "a.example");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_write_by_cookie_needs_the_token_and_a_page_of_ours_and_a_read_does_not() {
        let sessions = Sessions::new();
        let (text, session) = sessions.open(KeyId::from_raw(1), NOW);
        let callers =
            Callers { sessions: &sessions, key: |_| Some(key(1, Role::Viewer, None)), tag: 0, now: NOW };
        let cookie = format!("theme=dark; {COOKIE}={}", text.expose());
        let (cookie, token) = (("cookie", cookie.as_str()), ("x-csrf-token", session.csrf.expose().as_str()));
        let ours = ("origin", "https://a.example");
        let code = |method: &str, headers: &[(&str, &str)]| {
            callers
                .of(&call(method, headers), Use::ByPerson)
                .map(|who| who.role)
                .map_err(|problem| problem.code)
        };
        assert_eq!(code("GET", &[cookie]), Ok(Role::Viewer));
        assert_eq!(code("POST", &[cookie, token, ours]), Ok(Role::Viewer));
        for headers in [
            &[cookie][..],
            &[cookie, token],
            &[cookie, ours],
            &[cookie, ("x-csrf-token", ""), ours],
            &[cookie, token, ("origin", "https://b.example")],
            &[cookie, token, ours, ("sec-fetch-site", "cross-site")],
        ] {
            for method in ["POST", "PUT", "DELETE", "PATCH"] {
                assert_eq!(code(method, headers), Err(Code::Csrf), "{method} {headers:?}");
            }
        }
        assert_eq!(code("GET", &[]), Err(Code::Unauthorized));
        // Wrong credentials are not made good by a cookie.
        assert_eq!(code("GET", &[cookie, ("authorization", "Bearer chk_x")]), Err(Code::Unauthorized));
    }

    #[test]
    fn a_session_ends_with_its_key_at_once_and_does_not_come_back() {
        let sessions = Sessions::new();
        let (text, _) = sessions.open(KeyId::from_raw(1), NOW);
        let cookie = format!("{COOKIE}={}", text.expose());
        let look = |known: Option<Arc<Versioned<ApiKey>>>| {
            let callers = Callers { sessions: &sessions, key: |_| known.clone(), tag: 0, now: NOW };
            let parts = call("GET", &[("cookie", &cookie)]);
            callers.session(&parts.headers, Use::ByMachine).map(|(_, session)| session.expires_at)
        };
        let soon = NOW + std::time::Duration::from_secs(1);
        assert_eq!(look(Some(key(1, Role::Admin, Some(soon)))), Some(soon), "no longer than the key");
        assert_eq!(look(None), None);
        assert_eq!(look(Some(key(1, Role::Admin, None))), None, "it was ended for good");
    }

    #[test]
    fn an_invitation_of_a_key_that_is_gone_or_sends_opens_nothing() {
        let sessions = Sessions::new();
        for (known, opens) in [
            (Some(key(1, Role::Viewer, None)), true),
            (Some(key(1, Role::Sender, None)), false),
            (Some(key(1, Role::Viewer, Some(NOW))), false),
            (None, false),
        ] {
            let (text, _) = sessions.invite(KeyId::from_raw(1), NOW);
            let callers = Callers { sessions: &sessions, key: |_| known.clone(), tag: 0, now: NOW };
            assert_eq!(callers.invited(text.expose()).is_some(), opens);
            assert!(callers.invited(text.expose()).is_none());
        }
    }
}
