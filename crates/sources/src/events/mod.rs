//! Events that somebody sends as events: read, checked against the catalogue, accepted.

pub(crate) mod native; // Our own JSON.
mod shape; // Which member is at fault.
pub(crate) mod cloud; // `CloudEvents` 1.0.
mod cause; // Events that answer to events of ours.
mod merge; // Who a `patient.merged` makes one.

use std::borrow::Cow;

use matching::{Compiled, TypeInfo, check_data};
use model::{
    Code, Content, Environment, EventId, EventType, Kind, Lane, Object, Problem, Subject, Timestamp, limits,
};
use privacy::RecordKind;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::door::{Accepted, Call, Caller};
use crate::draft::{Cause, Draft, Happening};
use crate::intake::{Fate, Intake};
use crate::{refusal, sieve};

/// An event as a sender wrote it, whatever the notation.
#[derive(Debug)]
pub(crate) struct Sent<'a> {
    /// What makes it the same as another, with the notation it stands in.
    pub(crate) identity: Option<(&'static str, Vec<Cow<'a, str>>)>,
    pub(crate) event_type: Cow<'a, str>,
    pub(crate) object_type: Option<Cow<'a, str>>,
    pub(crate) subject: Option<SentSubject<'a>>,
    pub(crate) time: Option<Cow<'a, str>>,
    pub(crate) lane: Option<Lane>,
    pub(crate) test: bool,
    pub(crate) data: Cow<'a, RawValue>,
    /// Where it stands in the body, as a JSON pointer; empty for the body itself.
    pub(crate) place: String,
}

/// Who an event is about, as a sender wrote it.
#[derive(Debug, Serialize)]
pub(crate) struct SentSubject<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: Option<Cow<'a, str>>,
    pub(crate) system: Option<Cow<'a, str>>,
    pub(crate) id: Cow<'a, str>,
}

impl Sent<'_> {
    /// Lets an event that has no id be known by its place in a call with a key.
    pub(crate) fn know_by(&mut self, call: Call, place: usize) {
        self.identity.get_or_insert_with(|| ("call", vec![call.part(place).into()]));
    }
}

impl Intake {
    /// Makes events durable, all or none; the answers are in order.
    pub(crate) async fn accept_events(
        &self,
        caller: &Caller,
        sent: Vec<Sent<'_>>,
        cause: Option<Cause>,
    ) -> Result<Vec<Accepted>, Problem> {
        let keys = self.ports.keyring.organisation(caller.integration.organisation_id).await;
        let keys = keys.map_err(|error| refusal::of_keys(&error))?;
        let compiled = self.ports.settings.now();
        let mut drafts = Vec::with_capacity(sent.len());
        let sent: Vec<Sent<'_>> =
            sent.into_iter().map(|event| sifted(caller, event)).collect::<Result<_, _>>()?;
        for event in &sent {
            self.check_offered(caller, event)?;
            let happening = understand((caller, &compiled), event, cause)?;
            let dedupe = event.identity.as_ref().map(|(notation, parts)| {
                let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
                keys.dedupe(caller.integration.id, notation, &parts)
            });
            let integration = caller.integration.clone();
            let merges = merge::told(&happening, &caller.integration.namespace());
            let happenings = vec![happening];
            drafts.push(Draft { dedupe, merges, ..Draft::new(&integration, happenings) });
        }
        let fates = self.accept_said(drafts).await?;
        let mut accepted = Vec::with_capacity(fates.len());
        for (event, fate) in sent.iter().zip(fates) {
            accepted.push(self.answer(event, fate).await?);
        }
        Ok(accepted)
    }

    /// Refuses a type that the third party of the integration never raises.
    fn check_offered(&self, caller: &Caller, sent: &Sent<'_>) -> Result<(), Problem> {
        let Kind::Preset(name) = &caller.integration.kind else { return Ok(()) };
        let Some(preset) = self.ports.presets.find(name) else { return Ok(()) };
        let types = preset.event_types();
        if preset.offers_all() || types.contains(&*sent.event_type) {
            return Ok(());
        }
        let names: Vec<&str> = types.into_iter().collect();
        let why = format!("The integration does not raise this type. It raises: {}.", names.join(", "));
        Err(Problem::new(Code::EventTypeNotOffered, why).at(format!("{}/type", sent.place)))
    }

    async fn answer(&self, sent: &Sent<'_>, fate: Fate) -> Result<Accepted, Problem> {
        match fate {
            Fate::Accepted { first: Some(id), matched } => Ok(Accepted { id, duplicate: false, matched }),
            Fate::Duplicate { first } => self.duplicate(sent, first).await,
            Fate::Accepted { first: None, .. } | Fate::Conflict | Fate::Clash => {
                Err(Problem::from(Code::InternalError))
            }
        }
    }

    /// The answer for an id that was seen before: the first event, if it said the same.
    async fn duplicate(&self, sent: &Sent<'_>, first: EventId) -> Result<Accepted, Problem> {
        let stored = self.ports.store.events(&[first]).await.map_err(|error| refusal::of_store(&error))?;
        let Some(stored) = stored.into_iter().flatten().next() else {
            return Ok(Accepted { id: first, duplicate: true, matched: 0 });
        };
        let matched = stored.decisions.iter().filter(|decision| decision.delivery.is_some()).count();
        let accepted = Accepted { id: first, duplicate: true, matched };
        let event = &stored.event;
        let Some(body) = stored.body else { return Ok(accepted) };
        let key = self.ports.keyring.for_opening(event.organisation, event.subject, &body).await;
        let Ok(Some(key)) = key else { return Ok(accepted) };
        let Ok(bytes) = key.open(RecordKind::Event, model::Id::row(first), &body) else {
            return Ok(accepted);
        };
        let Ok(content) = serde_json::from_slice::<Content>(&bytes) else { return Ok(accepted) };
        let envelope = to_raw_value(&Envelope::of(sent)).map_err(|error| refusal::internal(&error))?;
        let is_same = content.envelope.as_deref().is_none_or(|known| same(known, &envelope));
        if is_same && same(&content.data, &sent.data) {
            return Ok(accepted);
        }
        Err(Problem::new(
            Code::IdConflict,
            format!("The id was used for {first}, which says something else."),
        )
        .at(format!("{}/id", sent.place))
        .fix("Give every event an id of its own, and repeat a call with the same content."))
    }
}

/// The event without what its integration does not want to know (C7).
fn sifted<'a>(caller: &Caller, event: Sent<'a>) -> Result<Sent<'a>, Problem> {
    let Sent { data, .. } = event;
    Ok(Sent { data: sieve::data(&caller.integration, data)?, ..event })
}

/// Whether two texts are the same as JSON values.
fn same(one: &RawValue, other: &RawValue) -> bool {
    let read = |raw: &RawValue| serde_json::from_str::<Value>(raw.get()).ok();
    one.get() == other.get() || (read(one).is_some() && read(one) == read(other))
}

/// The members of an event other than `id` and `data`, for telling duplicates from conflicts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(rename = "type")]
    event_type: &'a str,
    object_type: Option<&'a str>,
    subject: Option<&'a SentSubject<'a>>,
    time: Option<&'a str>,
    lane: Option<Lane>,
    test: bool,
}

impl<'a> Envelope<'a> {
    fn of(sent: &'a Sent<'_>) -> Envelope<'a> {
        Envelope {
            event_type: &sent.event_type,
            object_type: sent.object_type.as_deref(),
            subject: sent.subject.as_ref(),
            time: sent.time.as_deref(),
            lane: sent.lane,
            test: sent.test,
        }
    }
}

/// Checks an event against the catalogue and the caller's rights.
fn understand(
    (caller, compiled): (&Caller, &Compiled),
    sent: &Sent<'_>,
    cause: Option<Cause>,
) -> Result<Happening, Problem> {
    let at = |member: &str| format!("{}{member}", sent.place);
    let info = compiled.find_type(caller.integration.organisation_id, &sent.event_type).ok_or_else(|| {
        Problem::new(Code::UnknownEventType, "The type is neither in the catalogue nor registered.")
            .at(at("/type"))
            .fix("GET /admin/event-types lists the types; x.<vendor>.<name> carries anything else.")
    })?;
    check_data(info, &sent.data).map_err(|fault| {
        Problem::new(Code::InvalidField, format!("{}.", fault.why)).at(at(&format!("/data{}", fault.pointer)))
    })?;
    if info.offered_by.is_empty() && !sent.test {
        return Err(Problem::new(Code::EventTypeNotOffered, "Only Carehook itself says this.")
            .at(at("/type"))
            .fix("Send it with \"test\": true to try who hears of it."));
    }
    let time = match &sent.time {
        Some(text) => Some(text.parse::<Timestamp>().map_err(|_| {
            Problem::new(Code::InvalidField, "The time is not of the form 2026-01-01T09:30:00.120Z.")
                .at(at("/time"))
        })?),
        None => None,
    };
    let lane = info.lane.raised_by(sent.lane);
    if lane == Lane::Critical && info.lane != Lane::Critical && !caller.principal.may_raise_to_critical() {
        return Err(Problem::new(Code::Forbidden, "The key may not raise an event to the critical lane.")
            .at(at("/lane"))
            .fix("Use a key with the scope lane:critical."));
    }
    let object_type = object_type(info, sent).ok_or_else(|| {
        Problem::new(Code::InvalidField, "An object type is lower case letters and _.").at(at("/objectType"))
    })?;
    let what = (name(info, &sent.event_type), object_type);
    Ok(Happening {
        time,
        test: sent.test || caller.integration.environment == Environment::Test,
        cause,
        ..Happening::new(what, lane, content(caller, info, sent)?)
    })
}

fn name(info: &TypeInfo, sent: &str) -> EventType {
    if info.name.as_str() == sent { info.name.clone() } else { EventType::from(sent) }
}

fn object_type(info: &TypeInfo, sent: &Sent<'_>) -> Option<EventType> {
    let Some(asked) = &sent.object_type else { return Some(info.object_type.clone()) };
    let is_name = |text: &str| text.len() <= 64 && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    is_name(asked).then(|| EventType::from(asked.as_ref()))
}

fn content(caller: &Caller, info: &TypeInfo, sent: &Sent<'_>) -> Result<Content, Problem> {
    let namespace = || caller.integration.namespace();
    let subject = sent.subject.as_ref().map(|subject| Subject {
        kind: subject.kind.as_deref().unwrap_or("patient").to_owned(),
        system: subject.system.as_deref().map_or_else(namespace, str::to_owned),
        id: subject.id.clone().into_owned(),
    });
    if subject
        .as_ref()
        .is_some_and(|subject| subject.id.is_empty() || subject.id.len() > limits::SENDER_ID_BYTES)
    {
        return Err(Problem::new(Code::InvalidField, "A subject's id has 1 to 256 bytes.")
            .at(format!("{}/subject/id", sent.place)));
    }
    let object = info.required.as_deref().and_then(|member| reference(&sent.data, member));
    let object = object.map(|id| Object { system: namespace(), id: format!("{}/{id}", info.object_type) });
    let envelope = match &sent.identity {
        Some(_) => Some(to_raw_value(&Envelope::of(sent)).map_err(|error| refusal::internal(&error))?),
        None => None,
    };
    Ok(Content { subject, object, envelope, ..Content::of(sent.data.clone().into_owned()) })
}

/// The object's own reference: a member that the catalogue asks for.
fn reference(data: &RawValue, member: &str) -> Option<String> {
    let data: Value = serde_json::from_str(data.get()).ok()?;
    data.get(member)?.as_str().map(str::to_owned)
}
