//! A session as it is answered, and its cookie.

use http::HeaderValue;
use model::{Principal, Secret, Timestamp};
use privacy::session::{COOKIE, Session};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Api;
use crate::keys::role_name;

/// Who is signed in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
pub(crate) struct Shown {
    /// The key that opened the session, as the audit log names it.
    actor: String,
    /// The name of that key.
    name: String,
    /// `admin`, `engineer` or `viewer`.
    role: &'static str,
    organisation: Organisation,
    /// What writes carry as `x-csrf-token`.
    csrf: String,
    /// When the session ends if nothing is done.
    #[schema(value_type = String)]
    expires_at: Timestamp,
    /// Whether the server runs with `--dev`.
    dev: bool,
    /// Where webhooks can be tried on this server; null without `--dev`.
    test_receiver: Option<String>,
}

/// Whose data a session sees.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionOrganisation)]
pub(crate) struct Organisation {
    id: String,
    name: String,
}

impl Shown {
    pub(super) fn of(api: &Api, principal: &Principal, session: &Session) -> Self {
        let now = api.settings.now();
        let organisation = now.config.organisations.get(&principal.organisation);
        Shown {
            actor: principal.key.to_string(),
            name: now.key(principal.key).map(|key| key.name.clone()).unwrap_or_default(),
            role: role_name(principal.role),
            organisation: Organisation {
                id: principal.organisation.to_string(),
                name: organisation.map(|found| found.name.clone()).unwrap_or_default(),
            },
            csrf: session.csrf.expose().clone(),
            expires_at: session.expires_at,
            dev: api.options.dev,
            test_receiver: api.options.test_receiver.clone(),
        }
    }
}

/// The header that gives a browser its session.
pub(super) fn cookie(text: &Secret<String>) -> HeaderValue {
    let line = format!("{COOKIE}={}; {ATTRIBUTES}", text.expose());
    let mut value = HeaderValue::try_from(line).expect("base64url is visible ASCII");
    value.set_sensitive(true);
    value
}

/// The header that takes it away.
pub(super) fn no_cookie() -> HeaderValue {
    HeaderValue::try_from(format!("{COOKIE}=; {ATTRIBUTES}; Max-Age=0")).expect("all of it is visible ASCII")
}

// Without an age the cookie goes with the browser; the server ends the session in any case.
const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Strict";
