//! Resources against what is known of them: what changed, what that raises, what is known then.
//!
//! The present version of a resource rests sealed under its subject's key. Two
//! messages about one object may race: the store takes a new state only over
//! the one it was made from, and the loser is drafted again.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use fhir::derived::{Derived, Limits, derive};
use fhir::identifiers;
use matching::raise::{Input, Interaction, Prior, Raised, Silence, feed, raise};
use matching::trigger::Change;
use model::{
    Content, EventId, EventType, Focus, Integration, Lane, LocalCode, Object, ObjectKey, Problem, SiteTable,
    Status, Subject, Timestamp, Versioned,
};
use privacy::OrganisationKeys;
use serde_json::Value;
use serde_json::value::to_raw_value;
use store::ObjectState;

use crate::draft::{Cause, Happening};
use crate::fed::stand_for_all;
use crate::intake::Intake;
use crate::memories::Memories;
use crate::refusal;
use crate::triggered::{Looked, Triggered};

/// A resource that a message or a call speaks of.
pub(crate) struct Spoken {
    pub(crate) object: Object,
    pub(crate) subject: Option<Subject>,
    /// The namespace of its number without the subject, where the number counts within one subject.
    pub(crate) local_to: Option<String>,
    /// The id of the Patient that `subject` was read from, where nothing else tells who it is.
    pub(crate) points_to: Option<String>,
    pub(crate) interaction: Interaction,
    pub(crate) body: Body,
}

impl Spoken {
    /// What the object is known by. A number that counts within one subject is known by the
    /// subject's key, so that it is found when the subject has other identifiers by a merge.
    fn key(&self, keys: &OrganisationKeys) -> ObjectKey {
        match (&self.subject, &self.local_to) {
            (Some(subject), Some(namespace)) => {
                keys.object_of(keys.subject(subject), namespace, &self.object.id)
            }
            _ => keys.object(&self.object),
        }
    }
}

/// What is said of a resource.
pub(crate) enum Body {
    /// What a v2 message says: parts, over what was known.
    Parts(fhir::v2::Resource),
    /// The whole resource.
    Whole(Value),
}

impl Body {
    fn over(&self, previous: Option<&Value>) -> Value {
        match self {
            Body::Parts(resource) => resource.over(previous),
            Body::Whole(resource) => resource.clone(),
        }
    }
}

/// What surrounds the resources of one message or call.
pub(crate) struct Around<'a> {
    pub(crate) integration: &'a Arc<Versioned<Integration>>,
    /// MSH-9.2; absent at the FHIR door.
    pub(crate) event_code: Option<&'a str>,
    pub(crate) time: Option<Timestamp>,
    pub(crate) test: bool,
    pub(crate) cause: Option<Cause>,
}

/// What resources raise, and the states they leave.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) happenings: Vec<Happening>,
    pub(crate) objects: Vec<(ObjectState, Option<usize>)>,
    pub(crate) silent: Vec<Silence>,
    /// Subjects that are one from now on: the one given up, and the one that stays.
    pub(crate) merges: Vec<(Subject, Subject)>,
    /// Objects that were not known before.
    pub(crate) first: Vec<Object>,
    /// What triggers made of it.
    pub(crate) triggered: Triggered,
}

/// An object as it is known while a message is worked through.
struct Known {
    key: ObjectKey,
    state: Option<ObjectState>,
    resource: Option<Value>,
    /// Whether this message has changed it already.
    moved: bool,
    /// The event of this message that told of it last.
    place: Option<usize>,
}

impl Intake {
    /// Compares resources with what is known of them.
    pub(crate) async fn track(&self, spoken: &[Spoken], around: &Around<'_>) -> Result<Outcome, Problem> {
        let mut known = self.known(spoken, around).await?;
        let told: HashMap<Object, EventId> = known.iter().filter_map(last_event).collect();
        let mut outcome = Outcome::default();
        let mut memories = Memories::default();
        let namespace = around.integration.namespace();
        let has_feed = self.ports.settings.now().has_feed(around.integration.id);
        for one in spoken {
            let Some(of) = known.get_mut(&one.object) else { continue };
            let prior = of.prior();
            let mut now = one.body.over(of.resource.as_ref());
            self.flag(&mut now, around);
            let input = Input {
                resource: &now,
                interaction: one.interaction,
                previous: of.resource.as_ref(),
                prior: prior.as_ref(),
                event_code: around.event_code,
                namespace: &namespace,
            };
            let raised = raise(&input);
            let fed = if has_feed { feed(&input) } else { None };
            // What is stale is stored with the message and changes nothing (N5).
            let is_stale = raised.silent.contains(&Silence::Stale);
            outcome.silent.extend(raised.silent);
            if is_stale {
                continue;
            }
            outcome.merges.extend(self.patient_came_later(of, one, around).await?);
            let is_known = of.state.is_some();
            let before = of.resource.take();
            self.advance(of, one, now, around).await?;
            let first = outcome.happenings.len();
            for mut event in raised.raised {
                of.hear(&event, outcome.happenings.len());
                outcome.merges.extend(event.merged.take());
                let original = event.replaces_report.take().and_then(|report| told.get(&report).copied());
                let happening = happening(event, of, one, around)?;
                outcome.happenings.push(Happening { replaces: happening.replaces.or(original), ..happening });
            }
            let is_fed = fed.is_some();
            if let Some(event) = fed.filter(|_| first == outcome.happenings.len()) {
                outcome.happenings.push(happening(event, of, one, around)?);
            }
            let Some(present) = of.resource.as_ref().or(before.as_ref()) else { continue };
            let looked = Looked {
                change: Change::new(present, before.as_ref(), one.interaction, around.event_code),
                spoken: one,
                around,
                sequence: of.state.as_ref().map_or(0, |state| state.version),
                is_known,
                origin: (first < outcome.happenings.len()).then_some(first),
            };
            let made = self.consider(&looked, &mut memories, &mut outcome.happenings[first..]).await?;
            if is_fed {
                stand_for_all(&mut outcome.happenings[first..], &made.raised, around.event_code);
            }
            outcome.triggered.extend(made);
        }
        self.stop_waiting(&outcome.happenings, around, &mut memories).await?;
        outcome.triggered.memories = memories.sealed(self).await?;
        let is_first = |of: &Known| of.state.as_ref().is_some_and(|state| state.version == 1);
        outcome.first =
            known.iter().filter(|(_, of)| is_first(of)).map(|(object, _)| object.clone()).collect();
        let moved = known.into_values().filter(|of| of.moved);
        outcome.objects = moved.filter_map(|of| of.state.map(|state| (state, of.place))).collect();
        Ok(outcome)
    }

    /// Gives a result the flag that its sender left out. One that limits do not tell about
    /// is counted and listed, never taken for normal (P5).
    fn flag(&self, now: &mut Value, around: &Around<'_>) {
        let (compiled, none) = (self.ports.settings.now(), Limits::default());
        let limits = compiled.site(around.integration.id).map_or(&none, |site| site.limits());
        let Derived::Indeterminate(code, unit) = derive(now, limits) else { return };
        if let Some(code) = LocalCode::new(SiteTable::Thresholds, &code, Some(&unit)) {
            let (at, worklists) = (self.ports.clock.now(), self.ports.metrics.worklists());
            worklists.note(around.integration.id, at, &BTreeMap::from([(code, 1)]), &BTreeMap::new());
        }
    }

    async fn known(&self, spoken: &[Spoken], around: &Around<'_>) -> Result<HashMap<Object, Known>, Problem> {
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
            known.insert(one.object.clone(), Known { key, state, resource, moved: false, place: None });
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

    /// A Patient that is known by its id from resources that came before it: the
    /// id is linked to the identifier once, when that is first told.
    async fn patient_came_later(
        &self,
        of: &Known,
        one: &Spoken,
        around: &Around<'_>,
    ) -> Result<Option<(Subject, Subject)>, Problem> {
        let (Body::Whole(patient), Some(subject)) = (&one.body, &one.subject) else { return Ok(None) };
        let is_addressed = patient["resourceType"] == "Patient" && one.interaction == Interaction::Update;
        let id = patient["id"].as_str().filter(|_| is_addressed);
        let Some(id) = id else { return Ok(None) };
        let by_id = identifiers::patient_by_id(id, &around.integration.namespace());
        let keys = self.ports.keyring.organisation(around.integration.organisation_id).await;
        let keys = keys.map_err(|error| refusal::of_keys(&error))?;
        // A Patient whose identifier changed is no reason to make two identifiers one person.
        let known_as = of.state.as_ref().and_then(|state| state.subject);
        let is_first = known_as.is_none_or(|known| known == keys.subject(&by_id));
        Ok((by_id != *subject && is_first).then(|| (by_id, subject.clone())))
    }

    /// The next state of an object, its resource sealed.
    async fn advance(
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
    fn prior(&self) -> Option<Prior> {
        let own = self.state.as_ref();
        let own = own.filter(|state| self.resource.is_some() || self.moved || state.resource.is_none());
        own.map(|state| Prior {
            status: state.status,
            lane: state.lane,
            last_type: state.last_type.clone().unwrap_or_else(|| EventType::from("")),
        })
    }

    /// Remembers what an event told: the highest status, the most urgent lane.
    fn hear(&mut self, event: &Raised, place: usize) {
        self.place = Some(place);
        if let Some(state) = &mut self.state {
            state.status = state.status.max(event.status);
            state.lane = state.lane.min(event.lane);
        }
    }
}

/// The event that told of an object last, before this message.
fn last_event((object, of): (&Object, &Known)) -> Option<(Object, EventId)> {
    Some((object.clone(), of.state.as_ref()?.last_event?))
}

fn fresh(key: ObjectKey, organisation: model::OrganisationId) -> ObjectState {
    ObjectState {
        key,
        version: 0,
        status: None::<Status>,
        lane: Lane::Bulk,
        last_event: None,
        last_type: None,
        organisation,
        subject: None,
        resource: None,
    }
}

fn happening(event: Raised, of: &Known, one: &Spoken, around: &Around<'_>) -> Result<Happening, Problem> {
    let state = of.state.as_ref();
    let data = to_raw_value(&event.data).map_err(|error| refusal::internal(&error))?;
    let focus = focus(of.resource.as_ref(), one)?;
    Ok(Happening {
        event_type: event.event_type,
        object_type: event.object_type,
        lane: event.lane,
        time: event.time.or(around.time),
        test: around.test,
        content: Content {
            subject: event.subject.or_else(|| one.subject.clone()),
            object: event.object.or_else(|| Some(one.object.clone())),
            focus: Some(focus),
            ..Content::of(data)
        },
        report: event.report,
        sequence: state.map_or(0, |state| state.version),
        replaces: if event.replaces_previous { state.and_then(|state| state.last_event) } else { None },
        cause: around.cause,
        about: None,
    })
}

/// The resource as it is now, with an id; of a deleted one, what is left of it.
pub(crate) fn focus(present: Option<&Value>, one: &Spoken) -> Result<Focus, Problem> {
    let mut resource = match (present, &one.body) {
        (Some(resource), _) => resource.clone(),
        (None, Body::Whole(resource)) => resource.clone(),
        (None, Body::Parts(resource)) => resource.over(None),
    };
    let subject = one.subject.as_ref().map(|subject| (subject.system.as_str(), subject.id.as_str()));
    fhir::address::address(&mut resource, (&one.object.system, &one.object.id), subject);
    let resource = to_raw_value(&resource).map_err(|error| refusal::internal(&error))?;
    Ok(Focus { interaction: one.interaction, resource })
}
