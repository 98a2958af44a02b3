//! An object as it is known while a message is worked through.

use std::collections::HashMap;

use matching::raise::{Interaction, Prior, Raised};
use model::{EventId, EventType, Lane, Object, ObjectKey, OrganisationId, Problem};
use privacy::OrganisationKeys;
use serde_json::Value;
use store::ObjectState;

use super::{Around, Spoken};
use crate::intake::Intake;
use crate::refusal;

/// An object as it is known while a message is worked through.
pub(super) struct Known {
    pub(super) key: ObjectKey,
    pub(super) state: Option<ObjectState>,
    pub(super) resource: Option<Value>,
    /// As it was last, where this message takes it away: what is told of a deletion is chosen by that.
    pub(super) gone: Option<Value>,
    /// Whether this message has changed it already.
    pub(super) moved: bool,
}

impl Intake {
    /// What is known of the objects that are spoken of.
    pub(super) async fn known(
        &self,
        spoken: &[Spoken],
        around: &Around<'_>,
    ) -> Result<HashMap<Object, Known>, Problem> {
        let organisation = around.integration.organisation_id;
        let keys =
            self.ports.keyring.organisation(organisation).await.map_err(|error| refusal::of_keys(&error))?;
        let of_key: Vec<ObjectKey> = spoken.iter().map(|one| one.key(&keys)).collect();
        let states = self.ports.store.objects(&of_key).await.map_err(|error| refusal::of_store(&error))?;
        let mut known = HashMap::new();
        for ((one, key), state) in spoken.iter().zip(of_key).zip(states) {
            if known.contains_key(&one.object) {
                continue;
            }
            let state = match state {
                None => self.under_other_identifier(one, &keys).await?,
                known => known,
            };
            let key = state.as_ref().map_or(key, |state| state.key);
            let resource = self.resource(one, state.as_ref(), around).await?;
            known.insert(one.object.clone(), Known { key, state, resource, gone: None, moved: false });
        }
        Ok(known)
    }

    /// What is known by a number that counts within one subject, where it was told under another
    /// identifier that a merge made the same person's: a correction follows its original (N5).
    async fn under_other_identifier(
        &self,
        one: &Spoken,
        keys: &OrganisationKeys,
    ) -> Result<Option<ObjectState>, Problem> {
        let (Some(subject), Some(namespace)) = (&one.subject, &one.local_to) else { return Ok(None) };
        let others = self.ports.store.one_with(keys.subject(subject)).await;
        let others = others.map_err(|error| refusal::of_store(&error))?;
        if others.is_empty() {
            return Ok(None);
        }
        let of_others: Vec<ObjectKey> =
            others.into_iter().map(|other| keys.object_of(other, namespace, &one.object.id)).collect();
        let found = self.ports.store.objects(&of_others).await.map_err(|error| refusal::of_store(&error))?;
        Ok(found.into_iter().flatten().max_by_key(|state| state.last_event))
    }

    /// The present version of a resource; none once its subject was erased.
    async fn resource(
        &self,
        one: &Spoken,
        state: Option<&ObjectState>,
        around: &Around<'_>,
    ) -> Result<Option<Value>, Problem> {
        let (Some(subject), Some(state)) = (&one.subject, state) else { return Ok(None) };
        let organisation = around.integration.organisation_id;
        let keys =
            self.ports.keyring.organisation(organisation).await.map_err(|error| refusal::of_keys(&error))?;
        // What is about somebody else is not known here (P1), unless the two are one by a merge.
        let asked = keys.subject(subject);
        let holder = state.subject.unwrap_or(asked);
        if holder != asked {
            let survivors = self.ports.store.survivors(&[holder, asked]).await;
            let survivors = survivors.map_err(|error| refusal::of_store(&error))?;
            if survivors.first() != survivors.last() {
                return Ok(None);
            }
        }
        self.opened(organisation, state).await
    }

    /// The next state of an object, its resource sealed.
    pub(super) async fn advance(
        &self,
        of: &mut Known,
        one: &Spoken,
        now: Value,
        around: &Around<'_>,
    ) -> Result<(), Problem> {
        let organisation = around.integration.organisation_id;
        // Several changes of one message are one new version.
        let version = match &of.state {
            Some(state) if of.moved => state.version,
            Some(state) => state.version + 1,
            None => 1,
        };
        let mut state = of.state.take().unwrap_or_else(|| fresh(of.key, organisation));
        state.version = version;
        of.moved = true;
        let keys =
            self.ports.keyring.organisation(organisation).await.map_err(|error| refusal::of_keys(&error))?;
        state.subject = one.subject.as_ref().map(|subject| keys.subject(subject)).or(state.subject);
        state.resource = match &one.subject {
            Some(subject) if one.interaction != Interaction::Delete => {
                let keyring = &self.ports.keyring;
                let key = keyring.resource_for_sealing(organisation, keys.subject(subject)).await;
                let key = key.map_err(|error| refusal::of_keys(&error))?;
                let bytes = serde_json::to_vec(&now).map_err(|error| refusal::internal(&error))?;
                Some(key.seal(of.key, version, &bytes))
            }
            Some(_) | None => None,
        };
        of.state = Some(state);
        of.resource = (one.interaction != Interaction::Delete).then_some(now);
        Ok(())
    }
}

impl Known {
    /// What was told of it before. A number that another person's object has is not that object: its
    /// past says nothing here (P1).
    pub(super) fn prior(&self) -> Option<Prior> {
        let own = self.state.as_ref();
        let own = own.filter(|state| self.resource.is_some() || self.moved || state.resource.is_none());
        own.map(|state| Prior {
            status: state.status,
            lane: state.lane,
            last_type: state.last_type.clone().unwrap_or_else(|| EventType::from("")),
        })
    }

    pub(super) fn version(&self) -> u32 {
        self.state.as_ref().map_or(0, |state| state.version)
    }

    /// The event that told of it last, be it one of this message.
    pub(super) fn last_event(&self) -> Option<EventId> {
        self.state.as_ref()?.last_event
    }

    /// Remembers what an event told: the status, the most urgent lane.
    pub(super) fn hear(&mut self, id: EventId, event: &Raised) {
        if let Some(state) = &mut self.state {
            state.last_event = Some(id);
            state.last_type = Some(event.event_type.clone());
            state.status = event.status.or(state.status);
        }
        self.hear_lane(event.lane);
    }

    /// Remembers the lane that an event travels in.
    pub(super) fn hear_lane(&mut self, lane: Lane) {
        if let Some(state) = &mut self.state {
            state.lane = state.lane.min(lane);
        }
    }
}

/// The event that told of an object last, before this message.
pub(super) fn last_event((object, of): (&Object, &Known)) -> Option<(Object, EventId)> {
    Some((object.clone(), of.last_event()?))
}

fn fresh(key: ObjectKey, organisation: OrganisationId) -> ObjectState {
    ObjectState {
        key,
        version: 0,
        status: None,
        lane: Lane::Bulk,
        last_event: None,
        last_type: None,
        organisation,
        subject: None,
        resource: None,
    }
}
