//! Who asks: deny by default.

use axum::extract::FromRequestParts;
use http::header;
use http::request::Parts;
use model::{Code, OrganisationId, Principal, Problem, Right};

use crate::Api;
use crate::refused::{Refused, Result};

/// A caller whose key was checked.
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
            None => check(parts, api).ok_or_else(|| {
                let fix = "Send an API key as Authorization: Bearer <key>.";
                Problem::from(Code::Unauthorized).fix(fix).into()
            }),
        }
    }
}

/// Who calls, if the call carries a key that works.
pub(crate) fn check(parts: &Parts, api: &Api) -> Option<Caller> {
    let credentials = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, text) = credentials.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let now = api.settings.now();
    let lookup = |id| now.key(id).cloned();
    privacy::api_key::check(text.trim(), lookup, api.ids.tag(), api.clock.now()).map(Caller)
}

fn role(principal: &Principal) -> &'static str {
    crate::keys::role_name(principal.role)
}
