//! What triggers make of a change or an event: which hold, what is news of them, and what they remember then.
//!
//! `matching::trigger` decides; here is what it needs to know and what becomes of it. Memories are
//! compared and set like objects: of two messages that race for one, the loser is drafted again.

mod derived; // The events that they raise.
mod kept; // What they remember, and what that makes of a change.
mod instead; // What is told where what was told is taken back.
mod said; // Events as they look at them.

use std::sync::Arc;

use matching::TypeInfo;
use matching::trigger::{Change, Held, News, Ready, Told, happened, news};
use model::{
    EventId, Focus, Id as _, Judged, Judgement, Object, ObjectKey, Problem, Subject, SubjectKey, Timestamp,
    limits,
};
use privacy::OrganisationKeys;
use store::Remembered;

use crate::draft::Happening;
use crate::intake::Intake;
use crate::memories::Memories;
use crate::refusal;
use crate::tracked::{Around, Spoken, focus};

/// What triggers made of a message.
#[derive(Clone, Default)]
pub(crate) struct Triggered {
    /// The events that they raise.
    pub(crate) raised: Vec<Derived>,
    /// What they remember after it.
    pub(crate) memories: Vec<Remembered>,
    /// What each made of what.
    pub(crate) judged: Vec<Made>,
}

/// What one trigger made of one object.
#[derive(Clone)]
pub(crate) struct Made {
    /// The place of the event that tells of the change; none for the first of the message.
    pub(crate) origin: Option<usize>,
    /// The object; none where nothing came.
    pub(crate) object: Option<ObjectKey>,
    pub(crate) judged: Judged,
}

/// An event that a trigger raises.
#[derive(Clone)]
pub(crate) struct Derived {
    pub(crate) id: EventId,
    pub(crate) happening: Happening,
    /// The place of the event that it is derived from; none for the first of the message.
    pub(crate) origin: Option<usize>,
}

/// One resource of a message, or one event, as triggers look at it.
pub(crate) struct Looked<'a> {
    pub(crate) change: Change<'a>,
    /// Who it is about.
    pub(crate) subject: Option<&'a Subject>,
    /// What it is about.
    pub(crate) object: Option<&'a Object>,
    /// The resource, which is known by its object; none for an event.
    pub(crate) tracked: Option<Tracked<'a>>,
    pub(crate) around: &'a Around<'a>,
    /// The place of the event that tells of it.
    pub(crate) origin: Option<usize>,
}

/// A resource that is compared with what was known of it.
#[derive(Clone, Copy)]
pub(crate) struct Tracked<'a> {
    pub(crate) spoken: &'a Spoken,
    /// Its version.
    pub(crate) sequence: u32,
    /// Whether anything was known of the object before.
    pub(crate) is_known: bool,
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
    /// What tells its value apart from all others: the object, or the event itself.
    value: u128,
    /// The object, as an HMAC; none where an event names none.
    object: Option<ObjectKey>,
    at: Timestamp,
    /// The resource, as events carry it; none where there is none.
    focus: Option<Focus>,
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
        let triggers = &self.ports.settings.now().triggers;
        let concerned = triggers.concerned(integration.organisation_id, integration.id, &looked.change);
        self.look(&concerned, looked, (memories, happenings)).await
    }

    /// What triggers make of a version that is older than what is known: they are not asked, and that is said.
    pub(crate) fn unasked(
        &self,
        change: &Change<'_>,
        object: ObjectKey,
        around: &Around<'_>,
    ) -> impl Iterator<Item = Made> {
        let integration = around.integration;
        let triggers = &self.ports.settings.now().triggers;
        let concerned = triggers.concerned(integration.organisation_id, integration.id, change);
        let unasked = |ready: Arc<Ready>| Judged {
            trigger: ready.trigger.id,
            version: ready.trigger.version,
            judgement: Judgement::Stale,
            clauses: Vec::new(),
            reason: None,
            disagrees: false,
            raised: None,
        };
        let made = move |judged| Made { origin: None, object: Some(object), judged };
        concerned.into_iter().take(limits::JUDGED).map(unasked).map(made)
    }

    /// Lets triggers look.
    async fn look(
        &self,
        concerned: &[Arc<Ready>],
        looked: &Looked<'_>,
        (memories, happenings): (&mut Memories, &mut [Happening]),
    ) -> Result<Triggered, Problem> {
        let mut triggered = Triggered::default();
        if concerned.is_empty() {
            return Ok(triggered);
        }
        let compiled = self.ports.settings.now();
        let organisation = looked.around.integration.organisation_id;
        let place = self.place(looked).await?;
        let mut kept = 0;
        for ready in concerned {
            let Some(info) = compiled.find_type(organisation, ready.trigger.event_type.as_str()) else {
                continue;
            };
            let mut look = Look { intake: self, looked, place: &place, ready, info, memories, instead: None };
            let (judged, event) = look.judge(happenings).await?;
            let instead = look.tell_instead().await?;
            kept += usize::from(!judged.judgement.is_listed());
            if judged.judgement.is_listed() || kept <= limits::JUDGED {
                triggered.judged.push(Made { origin: looked.origin, object: place.object, judged });
            }
            triggered.raised.extend(event);
            if let Some((made, event)) = instead {
                triggered.judged.push(made);
                triggered.raised.push(event);
            }
        }
        Ok(triggered)
    }

    async fn place(&self, looked: &Looked<'_>) -> Result<Place, Problem> {
        let organisation = looked.around.integration.organisation_id;
        let keys = self.ports.keyring.organisation(organisation).await;
        let keys = keys.map_err(|error| refusal::of_keys(&error))?;
        let object = looked.object.map(|object| keys.object(object));
        let now = self.ports.clock.now();
        // Every event is a value of its own; a resource is the same value in all its versions.
        let is_tracked = looked.tracked.is_some();
        let value = object.filter(|_| is_tracked).map(|object| u128::from_be_bytes(object.0));
        let value = value.unwrap_or_else(|| self.ports.ids.next::<EventId>(now).raw());
        let subject = looked.subject.map(|subject| keys.subject(subject));
        let survivors = match subject {
            Some(subject) => self.ports.store.survivors(&[subject]).await,
            None => Ok(Vec::new()),
        };
        let survivor = survivors.map_err(|error| refusal::of_store(&error))?.first().copied();
        // What is about nobody is remembered under a key of its own.
        let sealed_under = subject.unwrap_or(SubjectKey(value.to_be_bytes()));
        let said = looked.tracked.and_then(|_| happened(looked.change.resource)).or(looked.around.time);
        Ok(Place {
            keys,
            sealed_under,
            patient: survivor.unwrap_or(sealed_under),
            value,
            object,
            at: said.unwrap_or(now),
            focus: looked.tracked.map(|of| focus(looked.change.present(), of.spoken)).transpose()?,
        })
    }
}

/// One trigger that looks at one resource or event.
struct Look<'a, 'b> {
    intake: &'a Intake,
    looked: &'a Looked<'a>,
    place: &'a Place,
    ready: &'a Arc<Ready>,
    info: &'a TypeInfo,
    memories: &'b mut Memories,
    /// The object to be told of because what was told of the same run is taken back.
    instead: Option<u128>,
}

impl Look<'_, '_> {
    async fn judge(&mut self, happenings: &mut [Happening]) -> Result<(Judged, Option<Derived>), Problem> {
        let (change, trigger) = (&self.looked.change, &self.ready.trigger);
        let mark = self.mark(self.place.value);
        let is_known = self.looked.tracked.is_some_and(|of| of.is_known);
        let told: Option<Told> = if is_known { self.memories.recall(self.intake, mark).await? } else { None };
        let mut judged = Judged {
            trigger: trigger.id,
            version: trigger.version,
            judgement: Judgement::OtherInteraction,
            clauses: Vec::new(),
            reason: None,
            disagrees: false,
            raised: None,
        };
        if change.is_void() && is_known {
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
                let event = self.undecided(&judged, told.filter(|told| !told.retracted).as_ref())?;
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

#[cfg(test)]
mod tests;
