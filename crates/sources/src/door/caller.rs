//! Who calls: checked before a byte of the body is read.

use std::sync::Arc;

use http::request::Parts;
use model::{Code, Integration, IntegrationId, Kind, Principal, Problem, Right, Versioned};
use privacy::session::{Callers, Use};

use super::again::Call;
use super::visit::Visit;
use crate::intake::Intake;

/// A caller that may send for an integration.
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    pub(crate) integration: Arc<Versioned<Integration>>,
    /// The call, if it has an `Idempotency-Key`.
    pub(crate) call: Option<Call>,
}

impl Intake {
    /// The caller of a request, if it may send for the integration in its path.
    pub(crate) fn caller(&self, path: &str, parts: &Parts, visit: &mut Visit) -> Result<Caller, Problem> {
        let principal = self.principal(parts)?;
        let missing = || Problem::from(Code::NotFound);
        let id: IntegrationId = path.parse().map_err(|_| missing())?;
        let compiled = self.ports.settings.now();
        let integration = compiled.integration(principal.organisation, id).ok_or_else(missing)?.clone();
        visit.integration = Some(integration.clone());
        if !principal.may(Right::Send(id)) {
            return Err(Problem::new(Code::Forbidden, "The key may not send for this integration.")
                .fix("Use a key of the role sender that is bound to it, or one of the role admin."));
        }
        visit.check_peer()?;
        let call = parts.extensions.get::<Call>().copied();
        Ok(Caller { principal, integration, call })
    }

    fn principal(&self, parts: &Parts) -> Result<Principal, Problem> {
        let compiled = self.ports.settings.now();
        let callers = Callers {
            sessions: &self.ports.sessions,
            key: |id| compiled.key(id).cloned(),
            tag: self.ports.ids.tag(),
            now: self.ports.clock.now(),
        };
        callers.of(parts, Use::ByPerson)
    }
}

impl Caller {
    /// The caller, if the integration is of the kind that this door serves.
    pub(crate) fn for_kind(self, kind: &Kind) -> Result<Self, Problem> {
        if self.integration.kind == *kind {
            return Ok(self);
        }
        Err(Problem::new(Code::NotSupported, "The integration is of another kind than this door.")
            .fix("Send to an integration whose kind fits: hl7v2, fhir or events."))
    }
}
