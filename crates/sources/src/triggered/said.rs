//! Events that came as events, as triggers look at them.
//!
//! What a trigger raises is looked at by none: so no chain of triggers goes on for ever, and a loop through
//! systems outside ends where every echo does (C8). Triggers that compare remember by the patient; of a call
//! with many events about one patient, each builds upon what those before it left.

use std::sync::Arc;

use matching::Seen;
use matching::trigger::{Change, Ready};
use model::{Code, Integration, Problem, Versioned};
use serde_json::Value;

use super::{Looked, Triggered};
use crate::draft::{Draft, Happening};
use crate::intake::{Fate, Intake};
use crate::memories::Memories;
use crate::tracked::Around;

impl Intake {
    /// Makes durable what came as events, with what triggers make of it; the answers are in order.
    pub(crate) async fn accept_said(&self, drafts: Vec<Draft>) -> Result<Vec<Fate>, Problem> {
        if !drafts.iter().any(|draft| self.concerns_triggers(draft)) {
            return self.accept(drafts).await;
        }
        let mut fates = vec![Fate::Conflict; drafts.len()];
        let mut open: Vec<usize> = (0..drafts.len()).collect();
        for _ in 0..TRIES {
            let mut tried: Vec<Draft> = open.iter().filter_map(|place| drafts.get(*place)).cloned().collect();
            self.consider_said(&mut tried).await?;
            for (place, fate) in open.iter().zip(self.accept(tried).await?) {
                fates[*place] = fate;
            }
            // Another call remembered something meanwhile, or one before it in this call was known.
            open.retain(|place| fates[*place] == Fate::Conflict);
            if open.is_empty() {
                return Ok(fates);
            }
        }
        Err(Problem::from(Code::Overloaded).after(1))
    }

    /// Lets triggers look at drafts of events, in order.
    pub(crate) async fn consider_said(&self, drafts: &mut [Draft]) -> Result<(), Problem> {
        let mut memories = Memories::default();
        for draft in drafts {
            let mut triggered = Triggered::default();
            for (place, happening) in draft.happenings.iter_mut().enumerate() {
                let made = self.consider_one((&draft.integration, place), happening, &mut memories).await?;
                triggered.extend(made);
            }
            triggered.memories = memories.take_changed(self).await?;
            draft.triggered = triggered;
        }
        Ok(())
    }

    async fn consider_one(
        &self,
        (integration, place): (&Arc<Versioned<Integration>>, usize),
        happening: &mut Happening,
        memories: &mut Memories,
    ) -> Result<Triggered, Problem> {
        let around = Around {
            integration,
            event_code: None,
            time: happening.time,
            test: happening.test,
            cause: happening.cause,
        };
        let concerned = self.looking_at(integration, happening);
        let mut triggered = Triggered::default();
        if !concerned.is_empty() {
            let seen = self.seen(integration, happening);
            let (subject, object) = (happening.content.subject.clone(), happening.content.object.clone());
            let looked = Looked {
                change: Change::of_event(&seen).at(self.ports.clock.now()),
                subject: subject.as_ref(),
                object: object.as_ref(),
                tracked: None,
                around: &around,
                origin: Some(place),
            };
            let own = std::slice::from_mut(happening);
            triggered = self.look(&concerned, &looked, (memories, own)).await?;
        }
        self.stop_waiting(std::slice::from_ref(happening), &around, memories).await?;
        Ok(triggered)
    }

    /// Whether a trigger looks at what a draft says, or stops waiting because of it.
    fn concerns_triggers(&self, draft: &Draft) -> bool {
        let triggers = &self.ports.settings.now().triggers;
        let organisation = draft.integration.organisation_id;
        draft.happenings.iter().any(|happening| {
            let of = (organisation, draft.integration.id);
            triggers.looking_at_event(of, &happening.event_type).next().is_some()
                || !triggers.ended_by(organisation, &happening.event_type).is_empty()
        })
    }

    fn looking_at(&self, integration: &Integration, happening: &Happening) -> Vec<Arc<Ready>> {
        let compiled = self.ports.settings.now();
        let of = (integration.organisation_id, integration.id);
        compiled.triggers.looking_at_event(of, &happening.event_type).cloned().collect()
    }

    fn seen(&self, integration: &Integration, happening: &Happening) -> Value {
        let now = self.ports.clock.now();
        let seen = Seen {
            event_type: &happening.event_type,
            object_type: &happening.object_type,
            lane: happening.lane,
            time: happening.time.unwrap_or(now),
            received: now,
            test: happening.test,
            integration: Some(integration.id),
            caused_by: happening.cause.map(|cause| cause.event),
            hops: happening.cause.map_or(0, |cause| cause.hops),
            content: &happening.content,
        };
        Value::Object(seen.members())
    }
}

/// How often a call is drafted again because others remembered something meanwhile.
const TRIES: usize = 16;
