//! Who a resource is about, where it says so by nothing but `Patient/1`.
//!
//! The Patient in the same Bundle, or the one that came before, tells the identifier
//! with its assigner, so that HL7 v2 and FHIR about one patient share subject,
//! pseudonym and order (P1). Where the Patient comes later, its id is linked to its identifier then.

use std::collections::HashMap;

use fhir::identifiers;
use matching::raise::Interaction;
use model::{Object, ObjectKey, OrganisationId, Problem, Subject};
use privacy::OrganisationKeys;
use serde_json::Value;
use store::ObjectState;

use crate::intake::Intake;
use crate::refusal;
use crate::resources::Sender;
use crate::tracked::{Body, Spoken};

impl Intake {
    /// Names the subjects of resources that point to a Patient, and of those that are deleted.
    pub(crate) async fn name_subjects(
        &self,
        sender: Sender<'_>,
        spoken: &mut [Spoken],
    ) -> Result<(), Problem> {
        let organisation = sender.integration.organisation_id;
        let namespace = sender.integration.namespace();
        let keys =
            self.ports.keyring.organisation(organisation).await.map_err(|error| refusal::of_keys(&error))?;
        let deleted: Vec<&mut Spoken> = spoken.iter_mut().filter(|one| is_nameless(one)).collect();
        let known = self.present(organisation, deleted.iter().map(|one| keys.object(&one.object))).await?;
        for (one, known) in deleted.into_iter().zip(known) {
            one.subject = known.as_ref().and_then(|known| identifiers::subject(known, &[], &namespace));
            one.points_to = known.as_ref().and_then(identifiers::patient_id);
        }
        self.follow_references(organisation, &namespace, (spoken, &keys)).await
    }

    async fn follow_references(
        &self,
        organisation: OrganisationId,
        namespace: &str,
        (spoken, keys): (&mut [Spoken], &OrganisationKeys),
    ) -> Result<(), Problem> {
        let by_id = |one: &Spoken| {
            let id = one.points_to.as_deref()?;
            (one.subject.as_ref() == Some(&identifiers::patient_by_id(id, namespace))).then(|| id.to_owned())
        };
        let mut patients: HashMap<String, Subject> = spoken.iter().filter_map(patient).collect();
        let mut ids: Vec<String> = spoken.iter().filter_map(by_id).collect();
        ids.retain(|id| !patients.contains_key(id));
        ids.sort_unstable();
        ids.dedup();
        let object = |id: &String| Object { system: format!("{namespace}/Patient"), id: id.clone() };
        let known = self.present(organisation, ids.iter().map(|id| keys.object(&object(id)))).await?;
        let who = |patient: Value| identifiers::patient(&patient, &[], namespace);
        patients.extend(ids.into_iter().zip(known).filter_map(|(id, known)| Some((id, who(known?)?))));
        for one in spoken {
            if let Some(patient) = by_id(one).and_then(|id| patients.get(&id)) {
                one.subject = Some(patient.clone());
            }
        }
        Ok(())
    }

    /// The present versions of tracked resources, whoever they are about; none of those that are not known.
    async fn present(
        &self,
        organisation: OrganisationId,
        keys: impl Iterator<Item = ObjectKey>,
    ) -> Result<Vec<Option<Value>>, Problem> {
        let keys: Vec<ObjectKey> = keys.collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let states = self.ports.store.objects(&keys).await.map_err(|error| refusal::of_store(&error))?;
        let mut present = Vec::with_capacity(states.len());
        for state in states {
            present.push(match state {
                Some(state) => self.opened(organisation, &state).await?,
                None => None,
            });
        }
        Ok(present)
    }

    /// The present version of an object; none once its subject was erased.
    pub(crate) async fn opened(
        &self,
        organisation: OrganisationId,
        state: &ObjectState,
    ) -> Result<Option<Value>, Problem> {
        let (Some(subject), Some(sealed)) = (state.subject, &state.resource) else { return Ok(None) };
        let key = self.ports.keyring.resource_for_opening(organisation, subject).await;
        let Some(key) = key.map_err(|error| refusal::of_keys(&error))? else { return Ok(None) };
        let Ok(bytes) = key.open(state.key, state.version, sealed) else { return Ok(None) };
        Ok(serde_json::from_slice(&bytes).ok())
    }
}

/// The id of a Patient that is said itself, and who that is.
fn patient(one: &Spoken) -> Option<(String, Subject)> {
    let Body::Whole(resource) = &one.body else { return None };
    let is_said = resource["resourceType"] == "Patient" && one.interaction != Interaction::Delete;
    let id = resource["id"].as_str().filter(|_| is_said)?;
    Some((id.to_owned(), one.subject.clone()?))
}

/// A deletion names the resource and nothing else.
fn is_nameless(one: &Spoken) -> bool {
    one.interaction == Interaction::Delete && one.subject.is_none() && matches!(one.body, Body::Whole(_))
}
