//! What a server told, taken in: each version once.

use std::sync::Arc;

use matching::raise::Interaction;
use model::{Capture, CaptureHead, Code, Door, Integration, Versioned};
use privacy::OrganisationKeys;
use store::{Cursor, Standing};

use super::fault::Fault;
use super::page::Found;
use crate::intake::Intake;
use crate::rejections::Refused;
use crate::resources::{Incoming, Mark, Sender};
use crate::{refusal, sieve};

impl Intake {
    /// Takes a version in, unless it was before; says whether it is new.
    pub(super) async fn take_found(
        &self,
        integration: &Arc<Versioned<Integration>>,
        (found, key): (Found, [u8; 16]),
        cursor: Option<Cursor>,
    ) -> Result<bool, Fault> {
        if let Some(fault) = &found.fault {
            self.list(refused(integration, &found, fault)).await;
            return Ok(false);
        }
        let raw = serde_json::to_vec(&found.resource);
        let raw = raw.map_err(|error| Fault::NotStored(refusal::internal(&error)))?;
        let Found { resource_type, id, resource, .. } = found;
        let (raw, resource) =
            sieve::resource(integration, (raw.into(), resource)).map_err(Fault::NotStored)?;
        let kind = resource_type.clone();
        let one = Incoming::new(resource_type, Some(id), Interaction::Update, Some(resource), self);
        let mark = Mark { dedupe: Some(key), cursor };
        let sender = Sender { integration, cause: None, call: None };
        let taken = self.accept_marked(sender, &[one], (&kind, &raw), mark).await;
        taken.map(|(_, is_new)| is_new).map_err(Fault::NotStored)
    }

    /// Takes in that something was deleted.
    pub(super) async fn take_deletion(
        &self,
        integration: &Arc<Versioned<Integration>>,
        (resource_type, id): (String, String),
    ) -> Result<(), Fault> {
        let kind = resource_type.clone();
        let one = Incoming::new(resource_type, Some(id), Interaction::Delete, None, self);
        let sender = Sender { integration, cause: None, call: None };
        self.accept_resources(sender, &[one], (&kind, b"")).await.map(drop).map_err(Fault::NotStored)
    }
}

impl Found {
    /// What makes a version the same as another; one that the server does not number is known by its content.
    pub(super) fn key(&self, integration: &Integration, keys: &OrganisationKeys) -> [u8; 16] {
        let version = self.version.clone().unwrap_or_else(|| self.resource.to_string());
        let parts = [self.resource_type.as_bytes(), self.id.as_bytes(), version.as_bytes()];
        keys.dedupe(integration.id, "fhir-version", &parts)
    }
}

fn refused(integration: &Arc<Versioned<Integration>>, found: &Found, fault: &fhir::Fault) -> Refused {
    let body = serde_json::to_vec(&found.resource).unwrap_or_default();
    Refused {
        integration: integration.clone(),
        door: Door::Fhir,
        code: Code::InvalidFhir,
        reason: format!("{} {}", fault.expression, fault.why),
        peer: None,
        bytes: body.len() as u64,
        capture: Capture { head: CaptureHead { method: "GET".to_owned(), headers: Vec::new() }, body },
        is_sifted: false,
        standing: Standing::Listed,
    }
}
