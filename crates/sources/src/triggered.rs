//! What triggers make of a change: which hold, what is news of them, and what they remember then.
//!
//! `matching::trigger` decides; here is what it needs to know and what becomes of it. Memories are
//! compared and set like objects: of two messages that race for one, the loser is drafted again.

mod derived; // The events that they raise.
mod kept; // What they remember, and what that makes of a change.

use std::sync::Arc;

use matching::TypeInfo;
use matching::trigger::{Change, Held, News, Ready, Told, happened, news};
use model::{EventId, Focus, Judged, Judgement, ObjectKey, Problem, SubjectKey, Timestamp, limits};
use privacy::OrganisationKeys;
use store::Remembered;

use crate::draft::Happening;
use crate::intake::Intake;
use crate::memories::Memories;
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
        if change.is_void() && self.looked.is_known {
            self.forget().await?;
        }
        let news = if trigger.interactions.contains(&change.interaction) {
            let tested = self.ready.test(change);
            judged.clauses = tested.clauses;
            judged.disagrees = tested.disagrees;
            let held =
                if change.is_void() { Held::No } else { self.follow(tested.held, &mut judged).await? };
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
}
