//! Who asks: deny by default.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use model::{ApiKey, Code, KeyId, OrganisationId, Principal, Problem, Right, Versioned};
use privacy::session::{Callers, Use};

use crate::Api;
use crate::refused::{Refused, Result};

/// A caller whose key or session was checked.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(crate) Principal);

impl Caller {
    /// Refuses a caller without the right.
    pub(crate) fn needs(&self, right: Right) -> Result<()> {
        if self.0.may(right) {
            return Ok(());
        }
        let why = format!("A key with the role {} may not do this.", role(&self.0));
        Err(Problem::new(Code::Forbidden, why).fix("Use a key with another role.").into())
    }

    /// Refuses everybody but the admin of the installation.
    pub(crate) fn needs_installation(&self) -> Result<()> {
        self.needs(Right::Administer)?;
        if self.0.installation {
            return Ok(());
        }
        Err(Problem::new(Code::Forbidden, "Only the admin of the installation may do this.").into())
    }

    /// The caller's organisation.
    pub(crate) fn organisation(&self) -> OrganisationId {
        self.0.organisation
    }
}

impl FromRequestParts<Api> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self> {
        match parts.extensions.get::<Caller>() {
            Some(known) => Ok(known.clone()),
            None => Ok(check(parts, api)?),
        }
    }
}

/// Who calls, by a key or by the cookie of a session.
///
/// # Errors
/// `unauthorized`, or `csrf` for a write by cookie that another site may have caused.
pub(crate) fn check(parts: &Parts, api: &Api) -> Result<Caller, Problem> {
    let now = api.settings.now();
    let how = if ASKED_BY_PAGES.contains(&parts.uri.path()) { Use::ByMachine } else { Use::ByPerson };
    api.callers(|id| now.key(id).cloned()).of(parts, how).map(Caller)
}

impl Api {
    /// Where callers are known from, now.
    pub(crate) fn callers<F>(&self, key: F) -> Callers<'_, F>
    where
        F: Fn(KeyId) -> Option<Arc<Versioned<ApiKey>>>,
    {
        Callers { sessions: &self.sessions, key, tag: self.ids.tag(), now: self.clock.now() }
    }
}

// An open page asks for these by itself, so that they keep no session open.
const ASKED_BY_PAGES: [&str; 2] = ["/session", "/admin/live"];

fn role(principal: &Principal) -> &'static str {
    crate::keys::role_name(principal.role)
}
