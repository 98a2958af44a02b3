//! Which triggers a change or an event could concern: found by type, code and v2 event, never by looking at all.

use std::collections::HashMap;
use std::sync::Arc;

use model::{Config, EventType, IntegrationId, Memory, OrganisationId, Sight, Trigger, TriggerId, Versioned};
use serde_json::Value;

use super::Change;
use super::ready::Ready;

/// The triggers of a configuration, ready.
#[derive(Debug, Default)]
pub struct Triggers {
    organisations: HashMap<OrganisationId, HashMap<String, Bucket>>,
    by_id: HashMap<TriggerId, Arc<Ready>>,
    /// Those that look at events.
    on_events: ByEvent,
    /// Those that stop waiting for a patient when an event tells of one.
    ended_by: ByEvent,
    /// The same, of an organisation: they go on waiting when that event is taken back.
    that_end: HashMap<OrganisationId, Vec<Arc<Ready>>>,
}

type ByEvent = HashMap<(OrganisationId, EventType), Vec<Arc<Ready>>>;

/// The triggers of one type of resource.
#[derive(Debug, Default)]
struct Bucket {
    by_code: HashMap<String, Vec<Arc<Ready>>>,
    by_event: HashMap<String, Vec<Arc<Ready>>>,
    others: Vec<Arc<Ready>>,
}

impl Triggers {
    /// Makes the triggers of a configuration ready. Those that `before` holds in the same version are
    /// taken over; one that this version cannot read looks at nothing.
    #[must_use]
    pub fn of(config: &Config, before: &Triggers) -> Self {
        let mut all = Triggers::default();
        for trigger in config.triggers.values() {
            let ready =
                before.by_id.get(&trigger.id).filter(|known| known.trigger.version == trigger.version);
            match ready.cloned().or_else(|| make(trigger)) {
                Some(ready) => all.add(ready),
                None => continue,
            }
        }
        all
    }

    /// The triggers of an organisation that look at an integration, in the order of their ids.
    pub fn looking_at(
        &self,
        organisation: OrganisationId,
        integration: IntegrationId,
    ) -> impl Iterator<Item = &Arc<Ready>> {
        let mut all: Vec<&Arc<Ready>> = self.by_id.values().collect();
        all.retain(|ready| {
            let trigger = &ready.trigger;
            trigger.organisation_id == organisation
                && trigger.integration_id.is_none_or(|meant| meant == integration)
        });
        all.sort_by_key(|ready| ready.trigger.id);
        all.into_iter()
    }

    /// A trigger by its id.
    #[must_use]
    pub fn find(&self, id: TriggerId) -> Option<&Arc<Ready>> {
        self.by_id.get(&id)
    }

    /// The active triggers that a change could concern, each once, in the order of their ids.
    ///
    /// One that told of the version before is concerned as well: what is known by another code now, or was
    /// cancelled by another v2 event, has to be taken back (N5).
    #[must_use]
    pub fn concerned(
        &self,
        organisation: OrganisationId,
        integration: IntegrationId,
        change: &Change<'_>,
    ) -> Vec<Arc<Ready>> {
        let by_type = self.organisations.get(&organisation);
        let Some(bucket) = by_type.and_then(|types| types.get(change.text("resourceType"))) else {
            return Vec::new();
        };
        let codes = codes(change.resource).chain(change.previous.into_iter().flat_map(codes));
        let by_code = codes.filter_map(|code| bucket.by_code.get(code)).flatten();
        let by_event = change.event_code.and_then(|code| bucket.by_event.get(code)).into_iter().flatten();
        let is_cancelled = change.previous.is_some() && change.is_taken_back();
        let told = bucket.by_event.values().flatten().filter(|_| is_cancelled);
        let all = by_code.chain(by_event).chain(told).chain(&bucket.others);
        let is_meant =
            |ready: &&Arc<Ready>| ready.trigger.integration_id.is_none_or(|meant| meant == integration);
        let mut found: Vec<Arc<Ready>> = all.filter(is_meant).cloned().collect();
        found.sort_by_key(|ready| ready.trigger.id);
        found.dedup_by_key(|ready| ready.trigger.id);
        found
    }

    /// The active triggers that look at an event, in the order of their ids.
    pub fn looking_at_event(
        &self,
        (organisation, integration): (OrganisationId, IntegrationId),
        event_type: &EventType,
    ) -> impl Iterator<Item = &Arc<Ready>> {
        let all = find(&self.on_events, organisation, event_type);
        all.iter().filter(move |ready| ready.trigger.integration_id.is_none_or(|meant| meant == integration))
    }

    /// The active triggers that stop waiting for a patient of whom this is told.
    #[must_use]
    pub fn ended_by(&self, organisation: OrganisationId, event_type: &EventType) -> &[Arc<Ready>] {
        find(&self.ended_by, organisation, event_type)
    }

    /// The active triggers whose waiting an event may have ended.
    #[must_use]
    pub fn that_may_go_on(&self, organisation: OrganisationId) -> &[Arc<Ready>] {
        self.that_end.get(&organisation).map(Vec::as_slice).unwrap_or_default()
    }

    fn add(&mut self, ready: Arc<Ready>) {
        self.by_id.insert(ready.trigger.id, Arc::clone(&ready));
        if !ready.trigger.active {
            return;
        }
        if let Memory::Absence { until, .. } = &ready.trigger.memory
            && !until.is_empty()
        {
            self.that_end.entry(ready.trigger.organisation_id).or_default().push(Arc::clone(&ready));
            for event_type in until {
                let ended = self.ended_by.entry((ready.trigger.organisation_id, event_type.clone()));
                ended.or_default().push(Arc::clone(&ready));
            }
        }
        let organisation = ready.trigger.organisation_id;
        let resource_type = match &ready.trigger.sight {
            Sight::Changes(name) => name.clone(),
            Sight::Events(types) => {
                for event_type in types {
                    let looking = self.on_events.entry((organisation, event_type.clone())).or_default();
                    looking.push(Arc::clone(&ready));
                }
                return;
            }
        };
        let bucket = self.organisations.entry(organisation).or_default().entry(resource_type).or_default();
        let (index, keys) = match (ready.pinned(), ready.event_codes()) {
            (Some(codes), _) => (&mut bucket.by_code, codes),
            (None, Some(events)) => (&mut bucket.by_event, events),
            (None, None) => return bucket.others.push(ready),
        };
        for key in keys {
            index.entry(key.clone()).or_default().push(Arc::clone(&ready));
        }
    }
}

/// Where nobody asks for events, an event costs no hash.
fn find<'a>(all: &'a ByEvent, organisation: OrganisationId, event_type: &EventType) -> &'a [Arc<Ready>] {
    if all.is_empty() {
        return &[];
    }
    all.get(&(organisation, event_type.clone())).map(Vec::as_slice).unwrap_or_default()
}

// Whatever is saved was made ready once; only an older or newer program can have let something else through.
fn make(trigger: &Arc<Versioned<Trigger>>) -> Option<Arc<Ready>> {
    Ready::new(Arc::clone(trigger)).ok().map(Arc::new)
}

/// The codes of a resource and of its components, in whatever system.
pub(super) fn codes(resource: &Value) -> impl Iterator<Item = &str> {
    let components = resource.get("component").and_then(Value::as_array).into_iter().flatten();
    let holders = std::iter::once(resource).chain(components);
    holders.flat_map(|holder| {
        let codings = holder.get("code").and_then(|code| code.get("coding")).and_then(Value::as_array);
        codings.into_iter().flatten().filter_map(|coding| coding.get("code")?.as_str())
    })
}
