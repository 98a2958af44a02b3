//! What does not come: triggers that fire when nothing is heard of a patient for too long.
//!
//! Since when a trigger waits, and for whom, is remembered in the commit of what came last. So a
//! restart forgets no waiting: what fell due meanwhile fires at the first look.

use std::sync::Arc;

use matching::TypeInfo;
use matching::trigger::{Awaited, Keep, Ready, Series};
use model::{
    Content, Integration, Judged, Judgement, MemoryKey, Occasion, Problem, Subject, SubjectKey, Timestamp,
    Versioned, limits,
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

    async fn fire_absences(&self) {
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
        let mut series: Series = memories.recall(self, due.key).await?.unwrap_or_default();
        let awaited = series.waits_for.take();
        let owner = Owner { organisation: due.organisation, trigger: due.trigger, subject: due.subject };
        memories.remember((due.key, owner), &series, None)?;
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

    /// Ends the waiting for patients of whom something was told that ends it.
    pub(crate) async fn stop_waiting(
        &self,
        happenings: &[Happening],
        around: &Around<'_>,
        memories: &mut Memories,
    ) -> Result<(), Problem> {
        let compiled = self.ports.settings.now();
        let organisation = around.integration.organisation_id;
        let told = happenings.iter().filter_map(|one| Some((&one.event_type, one.content.subject.as_ref()?)));
        for (event_type, subject) in told {
            for ready in compiled.triggers.ended_by(organisation, event_type) {
                self.stop_waiting_for(subject, (ready, around), memories).await?;
            }
        }
        Ok(())
    }

    async fn stop_waiting_for(
        &self,
        subject: &Subject,
        (ready, around): (&Ready, &Around<'_>),
        memories: &mut Memories,
    ) -> Result<(), Problem> {
        let organisation = around.integration.organisation_id;
        let (keys, patient) = self.patient(organisation, subject).await?;
        let key = waiting(&keys, ready, (patient, around.test));
        let series: Option<Series> = memories.recall(self, key).await?;
        let Some(mut series) = series.filter(|_| memories.due(key).is_some()) else { return Ok(()) };
        series.waits_for = None;
        let owner = Owner { organisation, trigger: ready.trigger.id, subject: keys.subject(subject) };
        memories.remember((key, owner), &series, None)
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
