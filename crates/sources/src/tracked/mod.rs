//! Resources against what is known of them: what changed, what that raises, what is known then.
//!
//! The present version of a resource rests sealed under its subject's key. Two
//! messages about one object may race: the store takes a new state only over
//! the one it was made from, and the loser is drafted again.

mod known; // An object as it is known while a message is worked through.
mod said; // What is said of a resource, and the event that tells of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use fhir::derived::{Derived, Limits, derive};
use fhir::identifiers;
use matching::raise::{Input, Interaction, Raised, Silence, feed, raise, staleness};
use matching::trigger::Change;
use model::{EventId, Integration, LocalCode, Object, Problem, SiteTable, Subject, Timestamp, Versioned};
use serde_json::Value;
use store::ObjectState;

use crate::draft::{Cause, Happening};
use crate::fed::stand_for_all;
use crate::intake::Intake;
use crate::memories::Memories;
use crate::refusal;
use crate::triggered::{Looked, Tracked, Triggered};

use known::{Known, last_event};
use said::happening;
pub(crate) use said::{Body, Spoken, focus};

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
    pub(crate) objects: Vec<ObjectState>,
    /// What raised nothing, by the type of the resource, and why.
    pub(crate) silent: Vec<(String, Silence)>,
    /// What is older than what is known, and changed nothing.
    pub(crate) stale: Vec<String>,
    /// Subjects that are one from now on: the one given up, and the one that stays.
    pub(crate) merges: Vec<(Subject, Subject)>,
    /// Objects that were not known before.
    pub(crate) first: Vec<Object>,
    /// What triggers made of it.
    pub(crate) triggered: Triggered,
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
            let kind = now["resourceType"].as_str().unwrap_or_default();
            outcome.silent.extend(raised.silent.into_iter().map(|why| (kind.to_owned(), why)));
            if is_stale {
                outcome.stale.push(staleness(&input));
                let change = Change::new(&now, of.resource.as_ref(), one.interaction, around.event_code);
                outcome.triggered.judged.extend(self.unasked(&change, of.key, around));
                continue;
            }
            outcome.merges.extend(self.patient_came_later(of, one, around).await?);
            let is_known = of.state.is_some();
            let before = of.resource.take();
            of.gone = before.clone().filter(|_| one.interaction == Interaction::Delete);
            self.advance(of, one, now, around).await?;
            let first = outcome.happenings.len();
            self.tell(raised.raised, (of, one, around), &told, &mut outcome)?;
            let (is_fed, last) = (fed.is_some(), outcome.happenings.len());
            if let Some(event) = fed.filter(|_| first == last) {
                outcome.happenings.push(happening(event, of, one, around)?);
            }
            let Some(present) = of.resource.as_ref().or(before.as_ref()) else { continue };
            let looked = Looked {
                change: Change::new(present, before.as_ref(), one.interaction, around.event_code)
                    .at(self.ports.clock.now()),
                subject: one.subject.as_ref(),
                object: Some(&one.object),
                tracked: Some(Tracked { spoken: one, sequence: of.version(), is_known }),
                around,
                origin: (first < outcome.happenings.len()).then_some(first),
            };
            let made = self.consider(&looked, &mut memories, &mut outcome.happenings[first..]).await?;
            // A trigger may have made them more urgent: a correction is as urgent then (N5).
            outcome.happenings[first..last].iter().for_each(|told| of.hear_lane(told.lane));
            if is_fed {
                stand_for_all(&mut outcome.happenings[first..], &made.raised, around.event_code);
            }
            outcome.triggered.extend(made);
        }
        self.stop_waiting(&outcome.happenings, around, &mut memories).await?;
        outcome.triggered.memories = memories.take_changed(self).await?;
        let is_first = |of: &Known| of.state.as_ref().is_some_and(|state| state.version == 1);
        outcome.first =
            known.iter().filter(|(_, of)| is_first(of)).map(|(object, _)| object.clone()).collect();
        let moved = known.into_values().filter(|of| of.moved);
        outcome.objects = moved.filter_map(|of| of.state).collect();
        Ok(outcome)
    }

    /// Tells what a change raises, in the place of what was told of the object, or of its report, before.
    fn tell(
        &self,
        raised: Vec<Raised>,
        (of, one, around): (&mut Known, &Spoken, &Around<'_>),
        told: &HashMap<Object, EventId>,
        outcome: &mut Outcome,
    ) -> Result<(), Problem> {
        let last_told = of.last_event();
        for mut event in raised {
            let id = self.ports.ids.next(self.ports.clock.now());
            of.hear(id, &event);
            outcome.merges.extend(event.merged.take());
            let report = event.replaces_report.take().and_then(|report| told.get(&report).copied());
            let replaces = last_told.filter(|_| event.replaces_previous).or(report);
            let happening = happening(event, of, one, around)?;
            outcome.happenings.push(Happening { id: Some(id), replaces, ..happening });
        }
        Ok(())
    }

    /// Gives a result the flag that its sender left out. One that limits do not tell about
    /// is counted and listed, never taken for normal (P5).
    fn flag(&self, now: &mut Value, around: &Around<'_>) {
        let (compiled, none) = (self.ports.settings.now(), Limits::default());
        let limits = compiled.site(around.integration.id).map_or(&none, |site| site.limits());
        let Derived::Indeterminate(code, unit) = derive(now, limits) else { return };
        if let Some(code) = LocalCode::new(SiteTable::Thresholds, &code, Some(&unit)) {
            let (at, worklists) = (self.ports.clock.now(), self.ports.metrics.worklists());
            worklists.note(
                compiled.tables_of(around.integration.id),
                at,
                &BTreeMap::from([(code, 1)]),
                &BTreeMap::new(),
            );
        }
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
}
