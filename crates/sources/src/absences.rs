//! What does not come: triggers that fire when nothing is heard of a patient for too long.
//!
//! Since when a trigger waits, and for whom, is remembered in the commit of what came last. So a
//! restart forgets no waiting: what fell due meanwhile fires at the first look.

use std::sync::Arc;
use std::time::Duration;

use matching::TypeInfo;
use matching::trigger::{Awaited, Keep, Ready, Waiting};
use model::{
    Content, EventId, Integration, Judged, Judgement, MemoryKey, Occasion, Problem, Subject, SubjectKey,
    Timestamp, Versioned, limits,
};
use observe::Stop;
use privacy::OrganisationKeys;
use serde_json::json;
use serde_json::value::to_raw_value;
use store::Remembered;

use crate::draft::{Draft, Happening};
use crate::intake::{Fate, Intake};
use crate::memories::{Memories, Owner};
use crate::refusal;
use crate::tracked::Around;
use crate::triggered::{Made, Triggered};

/// Where it is remembered for whom a trigger waits.
pub(crate) fn waiting(
    keys: &OrganisationKeys,
    ready: &Ready,
    (patient, test): (SubjectKey, bool),
) -> MemoryKey {
    // Tests have a memory of their own (T1).
    let scope = if test { "test waiting" } else { "waiting" };
    keys.memory(ready.trigger.id, scope, &[&patient.0])
}

/// What an event does to a waiting; says whether that changes anything.
type Turn<'a> = &'a (dyn Fn(&mut Waiting, Duration) -> bool + Sync);

/// How a waiting ends.
pub(crate) enum Missed {
    /// Something is told.
    Told(Box<Draft>),
    /// Nothing is: this is what is remembered then.
    Forgotten(Vec<Remembered>),
}

impl Intake {
    /// Fires what waited for too long, until the server stops.
    pub async fn watch_absences(self: Arc<Self>, stop: Stop) {
        while !stop.is_stopped() {
            self.fire_absences().await;
            tokio::select! {
                () = tokio::time::sleep(limits::ABSENCE_LOOK) => {}
                () = stop.stopped() => {}
            }
        }
    }

    pub(crate) async fn fire_absences(&self) {
        let due = self.ports.store.memories_due(self.ports.clock.now(), limits::ABSENCES).await;
        let due = due.unwrap_or_else(|error| {
            tracing::warn!(%error, "waiting triggers could not be read");
            Vec::new()
        });
        for one in due {
            if let Err(problem) = self.miss(&one).await {
                let code = problem.code.name();
                tracing::warn!(trigger.id = %one.trigger, code, "a waiting trigger could not fire");
            }
        }
    }

    /// Ends a waiting. If something came meanwhile, that counts.
    async fn miss(&self, due: &Remembered) -> Result<(), Problem> {
        let draft = match self.missed(due).await? {
            Missed::Told(draft) => *draft,
            Missed::Forgotten(memories) => return self.forget(memories).await,
        };
        match self.accept(vec![draft]).await?.pop() {
            // Somebody wrote the memory since it was read: it is read again at the next look.
            Some(Fate::Conflict | Fate::Clash) | None => Ok(()),
            Some(Fate::Accepted { .. } | Fate::Duplicate { .. }) => Ok(()),
        }
    }

    /// How a waiting ends: by an event, unless the trigger is gone.
    pub(crate) async fn missed(&self, due: &Remembered) -> Result<Missed, Problem> {
        let compiled = self.ports.settings.now();
        let mut memories = Memories::default();
        memories.take(self, due).await?;
        let mut waiting: Waiting = memories.recall(self, due.key).await?.unwrap_or_default();
        let awaited = waiting.miss();
        let owner = Owner { organisation: due.organisation, trigger: due.trigger, subject: due.subject };
        memories.remember((due.key, owner), &waiting, None)?;
        let ready = compiled.triggers.find(due.trigger).filter(|ready| ready.trigger.active);
        let waits = ready.filter(|ready| matches!(ready.keep, Keep::Absence { .. }));
        let known = waits.zip(awaited).and_then(|(ready, awaited)| {
            let integration = compiled.config.integrations.get(&awaited.integration)?;
            let info = compiled.find_type(due.organisation, ready.trigger.event_type.as_str())?;
            Some((ready, awaited, integration, info))
        });
        let memories = memories.take_changed(self).await?;
        let Some((ready, awaited, integration, info)) = known else {
            return Ok(Missed::Forgotten(memories));
        };
        let mut draft = draft((ready, info), &awaited, integration)?;
        draft.triggered.memories = memories;
        Ok(Missed::Told(Box::new(draft)))
    }

    /// Writes memories that nothing is to be told of.
    pub(crate) async fn forget(&self, memories: Vec<Remembered>) -> Result<(), Problem> {
        let arrival = store::Arrival { memories, ..store::Arrival::default() };
        let batch = store::Batch { arrivals: vec![arrival], ..store::Batch::default() };
        self.ports.store.commit(batch).await.map(drop).map_err(|error| refusal::of_store(&error))
    }

    /// Ends the waiting for patients of whom something was told that ends it, and lets it go on where that is
    /// taken back.
    pub(crate) async fn stop_waiting(
        &self,
        happenings: &[Happening],
        around: &Around<'_>,
        memories: &mut Memories,
    ) -> Result<(), Problem> {
        let told = happenings.iter().filter_map(|one| Some((one, one.content.subject.as_ref()?)));
        for (happening, subject) in told {
            if let Some(ended_by) = happening.replaces {
                self.go_on((subject, ended_by), around, memories).await?;
            }
            self.end((subject, happening), around, memories).await?;
        }
        Ok(())
    }

    async fn go_on(
        &self,
        (subject, ended_by): (&Subject, EventId),
        around: &Around<'_>,
        memories: &mut Memories,
    ) -> Result<(), Problem> {
        let compiled = self.ports.settings.now();
        for ready in compiled.triggers.that_may_go_on(around.integration.organisation_id) {
            let turn = |waiting: &mut Waiting, within| waiting.resume(ended_by, within);
            self.turn(subject, (ready, around), (memories, &turn)).await?;
        }
        Ok(())
    }

    async fn end(
        &self,
        (subject, happening): (&Subject, &Happening),
        around: &Around<'_>,
        memories: &mut Memories,
    ) -> Result<(), Problem> {
        let (compiled, now) = (self.ports.settings.now(), self.ports.clock.now());
        // An end that is foretold is none for what comes before it.
        let at = happening.time.unwrap_or(now).min(now);
        for ready in compiled.triggers.ended_by(around.integration.organisation_id, &happening.event_type) {
            let turn = |waiting: &mut Waiting, _| waiting.end(happening.id, at);
            self.turn(subject, (ready, around), (memories, &turn)).await?;
        }
        Ok(())
    }

    /// Ends the waiting for a patient, or lets it go on: `turn` says whether that changes anything.
    async fn turn(
        &self,
        subject: &Subject,
        (ready, around): (&Ready, &Around<'_>),
        (memories, turn): (&mut Memories, Turn<'_>),
    ) -> Result<(), Problem> {
        let Keep::Absence { within } = ready.keep else { return Ok(()) };
        let organisation = around.integration.organisation_id;
        let (keys, patient) = self.patient(organisation, subject).await?;
        let key = waiting(&keys, ready, (patient, around.test));
        let waiting: Option<Waiting> = memories.recall(self, key).await?;
        let Some(mut waiting) = waiting else { return Ok(()) };
        if !turn(&mut waiting, within) {
            return Ok(());
        }
        let owner = Owner { organisation, trigger: ready.trigger.id, subject: keys.subject(subject) };
        memories.remember((key, owner), &waiting, waiting.due())
    }

    async fn patient(
        &self,
        organisation: model::OrganisationId,
        subject: &Subject,
    ) -> Result<(Arc<OrganisationKeys>, SubjectKey), Problem> {
        let keys =
            self.ports.keyring.organisation(organisation).await.map_err(|error| refusal::of_keys(&error))?;
        let asked = keys.subject(subject);
        let survivors = self.ports.store.survivors(&[asked]).await;
        let survivors = survivors.map_err(|error| refusal::of_store(&error))?;
        Ok((keys, survivors.first().copied().unwrap_or(asked)))
    }
}

/// What is said of something that did not come.
fn draft(
    (ready, info): (&Ready, &TypeInfo),
    awaited: &Awaited,
    integration: &Arc<Versioned<Integration>>,
) -> Result<Draft, Problem> {
    let trigger = &ready.trigger;
    let Keep::Absence { within } = ready.keep else {
        return Err(Problem::from(model::Code::InternalError));
    };
    let said = json!({
        "rule": { "id": trigger.id, "name": trigger.name },
        "last": awaited.last,
        "within": model::Span(within),
    });
    let due: Timestamp = awaited.last + within;
    let data = to_raw_value(&said).map_err(|error| refusal::internal(&error))?;
    let content =
        Content { subject: awaited.subject.clone(), occasion: Occasion::of(trigger.id), ..Content::of(data) };
    let what = (trigger.event_type.clone(), info.object_type.clone());
    let happening =
        Happening { time: Some(due), test: awaited.test, ..Happening::new(what, trigger.lane, content) };
    let judged = Judged {
        trigger: trigger.id,
        version: trigger.version,
        judgement: Judgement::Fired,
        clauses: Vec::new(),
        reason: None,
        disagrees: false,
        raised: None,
    };
    let judged = vec![Made { origin: None, object: None, judged }];
    let triggered = Triggered { judged, ..Triggered::default() };
    Ok(Draft { triggered, ..Draft::new(integration, vec![happening]) })
}
