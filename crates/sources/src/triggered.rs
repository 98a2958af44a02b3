//! What triggers make of a change: which hold, what is news of them, and what they remember then.
//!
//! `matching::trigger` decides; here is what it needs to know and what becomes of it. Memories are
//! compared and set like objects: of two messages that race for one, the loser is drafted again.

mod derived; // The events that they raise.

use std::sync::Arc;
use std::time::Duration;

use matching::TypeInfo;
use matching::trigger::{Awaited, Change, Held, Keep, News, Point, Ready, Series, Told, happened, news};
use model::{
    EventId, Focus, Judged, Judgement, MemoryKey, ObjectKey, Problem, SubjectKey, Timestamp, limits,
};
use privacy::OrganisationKeys;
use serde_json::Value;
use store::Remembered;

use crate::absences::waiting;
use crate::draft::Happening;
use crate::intake::Intake;
use crate::memories::{Memories, Owner};
use crate::refusal;
use crate::tracked::{Around, Spoken, focus};

/// What triggers made of a message.
#[derive(Default)]
pub(crate) struct Triggered {
    /// The events that they raise.
    pub(crate) raised: Vec<Derived>,
    /// What they remember after it.
    pub(crate) memories: Vec<Remembered>,
    /// What each made of what.
    pub(crate) judged: Vec<Made>,
}

/// What one trigger made of one object.
pub(crate) struct Made {
    /// The place of the event that tells of the change; none for the first of the message.
    pub(crate) origin: Option<usize>,
    /// The object; none where nothing came.
    pub(crate) object: Option<ObjectKey>,
    pub(crate) judged: Judged,
}

/// An event that a trigger raises.
pub(crate) struct Derived {
    pub(crate) id: EventId,
    pub(crate) happening: Happening,
    /// The place of the event that it is derived from; none for the first of the message.
    pub(crate) origin: Option<usize>,
}

/// One resource of a message, as triggers look at it.
pub(crate) struct Looked<'a> {
    pub(crate) change: Change<'a>,
    pub(crate) spoken: &'a Spoken,
    pub(crate) around: &'a Around<'a>,
    /// Its version.
    pub(crate) sequence: u32,
    /// Whether anything was known of the object before.
    pub(crate) is_known: bool,
    /// The place of the event that tells of it.
    pub(crate) origin: Option<usize>,
}

impl Triggered {
    /// Adds what was made of another resource of the same message.
    pub(crate) fn extend(&mut self, more: Triggered) {
        self.raised.extend(more.raised);
        self.judged.extend(more.judged);
    }
}

/// What is the same for all triggers that look at one resource.
struct Place {
    keys: Arc<OrganisationKeys>,
    /// Under whose key memories are sealed.
    sealed_under: SubjectKey,
    /// Who it is about by now, mergers included.
    patient: SubjectKey,
    object: u128,
    at: Timestamp,
    /// The resource, as events carry it.
    focus: Focus,
}

impl Intake {
    /// Lets every trigger that a change could concern look at it. `happenings` are those of the
    /// change itself: what they tell already is not told twice.
    pub(crate) async fn consider(
        &self,
        looked: &Looked<'_>,
        memories: &mut Memories,
        happenings: &mut [Happening],
    ) -> Result<Triggered, Problem> {
        let integration = looked.around.integration;
        let compiled = self.ports.settings.now();
        let organisation = integration.organisation_id;
        let concerned = compiled.triggers.concerned(organisation, integration.id, &looked.change);
        let mut triggered = Triggered::default();
        if concerned.is_empty() {
            return Ok(triggered);
        }
        let place = self.place(looked).await?;
        let mut kept = 0;
        for ready in &concerned {
            let Some(info) = compiled.find_type(organisation, ready.trigger.event_type.as_str()) else {
                continue;
            };
            let mut look = Look { intake: self, looked, place: &place, ready, info, memories };
            let (judged, event) = look.judge(happenings).await?;
            kept += usize::from(!judged.judgement.is_listed());
            if judged.judgement.is_listed() || kept <= limits::JUDGED {
                let object = Some(ObjectKey(place.object.to_be_bytes()));
                triggered.judged.push(Made { origin: looked.origin, object, judged });
            }
            triggered.raised.extend(event);
        }
        Ok(triggered)
    }

    async fn place(&self, looked: &Looked<'_>) -> Result<Place, Problem> {
        let organisation = looked.around.integration.organisation_id;
        let keys = self.ports.keyring.organisation(organisation).await;
        let keys = keys.map_err(|error| refusal::of_keys(&error))?;
        let object = keys.object(&looked.spoken.object);
        // What is about nobody is remembered under a key of its own.
        let subject = looked.spoken.subject.as_ref().map(|subject| keys.subject(subject));
        let sealed_under = subject.unwrap_or(SubjectKey(object.0));
        let survivors = self.ports.store.survivors(&[sealed_under]).await;
        let survivors = survivors.map_err(|error| refusal::of_store(&error))?;
        let said = happened(looked.change.resource).or(looked.around.time);
        Ok(Place {
            keys,
            sealed_under,
            patient: survivors.first().copied().unwrap_or(sealed_under),
            object: u128::from_be_bytes(object.0),
            at: said.unwrap_or_else(|| self.ports.clock.now()),
            focus: focus(looked.change.present(), looked.spoken)?,
        })
    }
}

/// One trigger that looks at one resource.
struct Look<'a, 'b> {
    intake: &'a Intake,
    looked: &'a Looked<'a>,
    place: &'a Place,
    ready: &'a Arc<Ready>,
    info: &'a TypeInfo,
    memories: &'b mut Memories,
}

impl Look<'_, '_> {
    async fn judge(&mut self, happenings: &mut [Happening]) -> Result<(Judged, Option<Derived>), Problem> {
        let (change, trigger) = (&self.looked.change, &self.ready.trigger);
        let mark = self.mark();
        let told: Option<Told> = match self.looked.is_known {
            true => self.memories.recall(self.intake, mark).await?,
            false => None,
        };
        let mut judged = Judged {
            trigger: trigger.id,
            version: trigger.version,
            judgement: Judgement::OtherInteraction,
            clauses: Vec::new(),
            reason: None,
            disagrees: false,
            raised: None,
        };
        let news = if trigger.interactions.contains(&change.interaction) {
            let tested = self.ready.test(change);
            judged.clauses = tested.clauses;
            judged.disagrees = tested.disagrees;
            let held = self.follow(tested.held, &mut judged).await?;
            if let Held::Undecided(reason) = held {
                judged.judgement = Judgement::Indeterminate;
                judged.reason = Some(reason);
                let event = self.undecided(&judged)?;
                judged.raised = Some(event.id);
                return Ok((judged, Some(event)));
            }
            news(change, &held, told.as_ref())
        } else {
            // What was told of is taken back when it is gone, whatever the trigger looks at.
            news(change, &Held::No, told.as_ref())
        };
        let event = self.tell(news, told.as_ref(), (&mut judged, happenings)).await?;
        judged.raised = event.as_ref().map(|event| event.id);
        Ok((judged, event))
    }

    /// Criteria and what is remembered of other values, for triggers that compare numbers.
    async fn follow(&mut self, held: Held, judged: &mut Judged) -> Result<Held, Problem> {
        let Keep::Change { within, number } = &self.ready.keep else { return Ok(held) };
        if held != Held::Yes {
            return Ok(held);
        }
        let key = self.series();
        let mut series: Series = self.recall(key).await?.unwrap_or_default();
        let point = self.point(true, number.of(&self.looked.change));
        let moved = series.change(point, *within, |now, then| number.moved(now, then));
        self.memories.remember((key, self.owner()), &series, None)?;
        Ok(match moved {
            Ok(Judgement::Fired) => Held::Yes,
            Ok(_) => {
                judged.judgement = Judgement::NotYet;
                Held::No
            }
            Err(reason) => Held::Undecided(reason),
        })
    }

    async fn tell(
        &mut self,
        news: News,
        told: Option<&Told>,
        (judged, happenings): (&mut Judged, &mut [Happening]),
    ) -> Result<Option<Derived>, Problem> {
        let is_looked_at = self.ready.trigger.interactions.contains(&self.looked.change.interaction);
        let is_followed = judged.judgement == Judgement::NotYet;
        judged.judgement = match news {
            News::Holds => self.keep(true).await?,
            News::Corrected => self.keep(true).await.map(|_| Judgement::Fired)?,
            News::Cleared => self.keep(false).await.map(|_| Judgement::Retracted)?,
            News::Unchanged => Judgement::Unchanged,
            News::Nothing if is_followed => Judgement::NotYet,
            News::Nothing if is_looked_at => self.keep(false).await?,
            News::Nothing => Judgement::OtherInteraction,
        };
        if judged.judgement == Judgement::Retracted {
            return told.map(|told| self.retraction(told)).transpose();
        }
        if judged.judgement != Judgement::Fired {
            return Ok(None);
        }
        if self.is_told_by(happenings) {
            judged.judgement = Judgement::Unchanged;
            return Ok(None);
        }
        let replaces = told.filter(|_| news == News::Corrected);
        self.event(replaces).map(Some)
    }

    /// What the memory of other values makes of this one.
    async fn keep(&mut self, holds: bool) -> Result<Judgement, Problem> {
        let usual = if holds { Judgement::Fired } else { Judgement::NotMatched };
        match &self.ready.keep {
            Keep::Nothing | Keep::Change { .. } => Ok(usual),
            Keep::Absence { within } if holds => self.wait(*within).await,
            Keep::Absence { .. } => Ok(usual),
            Keep::Crossing { .. } | Keep::Count(_) => self.compare(holds).await,
        }
    }

    /// Takes the value into the series of its patient.
    async fn compare(&mut self, holds: bool) -> Result<Judgement, Problem> {
        let key = self.series();
        let mut series = self.recall(key).await?.unwrap_or_default();
        let mut point = self.point(holds, None);
        let judgement = match &self.ready.keep {
            Keep::Crossing { rule, rearm } => {
                if let Some(rearm) = rearm {
                    point.rearms = !holds && rearm.holds(&self.looked.change);
                }
                series.cross(point, *rule)
            }
            Keep::Count(rule) => series.count(point, *rule),
            Keep::Nothing | Keep::Change { .. } | Keep::Absence { .. } => return Ok(Judgement::NotMatched),
        };
        self.memories.remember((key, self.owner()), &series, None)?;
        Ok(judgement)
    }

    /// Waits from this value on; not from one that is older than what is waited for already.
    async fn wait(&mut self, within: Duration) -> Result<Judgement, Problem> {
        let key = waiting(&self.place.keys, self.ready, (self.place.patient, self.looked.around.test));
        let mut series = self.recall(key).await?.unwrap_or_default();
        let (last, now) = (self.place.at, self.intake.ports.clock.now());
        let is_older = series.waits_for.as_ref().is_some_and(|known| known.last > last);
        let due = last + within;
        if is_older || due <= now {
            return Ok(Judgement::OutOfOrder);
        }
        series.waits_for = Some(Awaited {
            subject: self.looked.spoken.subject.clone(),
            last,
            integration: self.looked.around.integration.id,
            test: self.looked.around.test,
        });
        self.memories.remember((key, self.owner()), &series, Some(due))?;
        Ok(Judgement::Waiting)
    }

    fn point(&self, holds: bool, value: Option<Value>) -> Point {
        Point { at: self.place.at, object: self.place.object, holds, rearms: !holds, value, fired: false }
    }

    fn mark_told(&mut self, told: Told) -> Result<(), Problem> {
        self.memories.remember((self.mark(), self.owner()), &told, None)
    }

    async fn recall(&mut self, key: MemoryKey) -> Result<Option<Series>, Problem> {
        self.memories.recall(self.intake, key).await
    }

    /// Where it is remembered what was told of the object.
    fn mark(&self) -> MemoryKey {
        let object = self.place.object.to_be_bytes();
        self.place.keys.memory(self.ready.trigger.id, self.scope("object"), &[&object])
    }

    /// Where the values of the patient are remembered.
    fn series(&self) -> MemoryKey {
        let code = self.ready.code_of(&self.looked.change);
        let parts: [&[u8]; 2] = [&self.place.patient.0, code.as_bytes()];
        self.place.keys.memory(self.ready.trigger.id, self.scope("series"), &parts)
    }

    /// Tests have a memory of their own (T1).
    fn scope(&self, of: &'static str) -> &'static str {
        match (self.looked.around.test, of) {
            (true, "object") => "test object",
            (true, _) => "test series",
            (false, of) => of,
        }
    }

    fn owner(&self) -> Owner {
        Owner {
            organisation: self.looked.around.integration.organisation_id,
            trigger: self.ready.trigger.id,
            subject: self.place.sealed_under,
        }
    }
}
