//! FHIR resources: compared with what is known, accepted.

use std::sync::Arc;

use fhir::identifiers;
use matching::raise::{Interaction, Silence};
use model::{
    Content, Environment, EventType, Integration, Lane, MessageId, Object, Problem, Subject, Versioned,
    limits,
};
use privacy::OrganisationKeys;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use store::Cursor;

use crate::door::Call;
use crate::draft::{Cause, Draft, Happening, Received};
use crate::hl7::quiet;
use crate::intake::{Fate, Intake};
use crate::refusal;
use crate::tracked::{Around, Body, Outcome, Spoken};

/// One resource as it came in.
pub(crate) struct Incoming {
    pub(crate) resource_type: String,
    pub(crate) id: String,
    pub(crate) interaction: Interaction,
    /// The resource; for a deletion, what is left of it: its type and id.
    pub(crate) resource: Value,
}

/// Who sends, and what the call answers to.
#[derive(Clone, Copy)]
pub(crate) struct Sender<'a> {
    pub(crate) integration: &'a Arc<Versioned<Integration>>,
    pub(crate) cause: Option<Cause>,
    /// The call, if it has an `Idempotency-Key`.
    pub(crate) call: Option<Call>,
}

impl Sender<'_> {
    /// The sender of an entry of the call, which is a call of its own.
    pub(crate) fn at(self, place: usize, keys: &OrganisationKeys) -> Self {
        let call = self.call.map(|call| call.entry(place, self.integration.id, keys));
        Sender { call, ..self }
    }
}

/// What makes resources the same as others, and how far their source was read with them.
#[derive(Debug, Default)]
pub(crate) struct Mark {
    pub(crate) dedupe: Option<[u8; 16]>,
    pub(crate) cursor: Option<Cursor>,
}

/// What became of one resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stood {
    /// It is known for the first time.
    New,
    /// It was known before.
    Known,
}

impl Incoming {
    /// A resource for `PUT Type/id`, `POST Type` and `DELETE Type/id`; a POST is given its id here.
    pub(crate) fn new(
        resource_type: String,
        id: Option<String>,
        interaction: Interaction,
        resource: Option<Value>,
        intake: &Intake,
    ) -> Self {
        let minted = || {
            let id: MessageId = intake.ports.ids.next(intake.ports.clock.now());
            id.to_string().trim_start_matches("msg_").to_owned()
        };
        let id = id.unwrap_or_else(minted);
        let mut resource = resource.unwrap_or_else(|| json!({ "resourceType": resource_type }));
        if let Some(members) = resource.as_object_mut() {
            members.insert("id".to_owned(), Value::String(id.clone()));
        }
        Incoming { resource_type, id, interaction, resource }
    }

    /// Where the resource is, below the base of the door.
    pub(crate) fn location(&self) -> String {
        format!("{}/{}", self.resource_type, self.id)
    }

    fn spoken(&self, namespace: &str) -> Spoken {
        let by_id = || Object { system: format!("{namespace}/{}", self.resource_type), id: self.id.clone() };
        Spoken {
            object: identifiers::object(&self.resource, namespace).unwrap_or_else(by_id),
            subject: identifiers::subject(&self.resource, &[], namespace),
            local_to: None,
            points_to: identifiers::patient_id(&self.resource),
            interaction: self.interaction,
            body: Body::Whole(self.resource.clone()),
        }
    }
}

impl Intake {
    /// Makes resources durable together with what they raise, all or none.
    pub(crate) async fn accept_resources(
        &self,
        sender: Sender<'_>,
        incoming: &[Incoming],
        raw: (&str, &[u8]),
    ) -> Result<Vec<Stood>, Problem> {
        let mark = Mark { dedupe: sender.call.map(Call::dedupe), cursor: None };
        self.accept_marked(sender, incoming, raw, mark).await.map(|(stood, _)| stood)
    }

    /// The same for what may come again; says also whether it is new.
    pub(crate) async fn accept_marked(
        &self,
        sender: Sender<'_>,
        incoming: &[Incoming],
        raw: (&str, &[u8]),
        mark: Mark,
    ) -> Result<(Vec<Stood>, bool), Problem> {
        let spoken = self.spoken(sender, incoming).await?;
        for _ in 0..TRIES {
            let (draft, stood) = self.draft_of(sender, (&spoken, incoming), raw).await?;
            let draft = Draft { dedupe: mark.dedupe, cursor: mark.cursor.clone(), ..draft };
            match self.accept(vec![draft]).await?.pop() {
                Some(Fate::Conflict | Fate::Clash) | None => {}
                Some(Fate::Accepted { .. }) => return Ok((stood, true)),
                Some(Fate::Duplicate { .. }) => return Ok((stood, false)),
            }
        }
        Err(Problem::from(model::Code::Overloaded).after(1))
    }

    /// Resources with the subjects that they name, or point to.
    pub(crate) async fn spoken(
        &self,
        sender: Sender<'_>,
        incoming: &[Incoming],
    ) -> Result<Vec<Spoken>, Problem> {
        let namespace = sender.integration.namespace();
        let mut spoken: Vec<Spoken> = incoming.iter().map(|one| one.spoken(&namespace)).collect();
        self.name_subjects(sender, &mut spoken).await?;
        Ok(spoken)
    }

    /// What is to be accepted of resources, and which of them are new.
    pub(crate) async fn draft_of(
        &self,
        sender: Sender<'_>,
        (spoken, incoming): (&[Spoken], &[Incoming]),
        raw: (&str, &[u8]),
    ) -> Result<(Draft, Vec<Stood>), Problem> {
        let around = Around {
            integration: sender.integration,
            event_code: None,
            time: None,
            test: sender.integration.environment == Environment::Test || incoming.iter().any(is_test),
            cause: sender.cause,
        };
        let outcome = self.track(spoken, &around).await?;
        let stood = spoken.iter().map(|one| stood(one, &outcome)).collect();
        Ok((draft(sender, outcome, (spoken, incoming), raw, around.test)?, stood))
    }
}

fn stood(one: &Spoken, outcome: &Outcome) -> Stood {
    let is_first = outcome.first.contains(&one.object);
    if is_first { Stood::New } else { Stood::Known }
}

/// FHIR's mark of test data (T1).
fn is_test(one: &Incoming) -> bool {
    let tags = one.resource["meta"]["tag"].as_array();
    tags.is_some_and(|tags| tags.iter().any(|tag| tag["code"] == "HTEST"))
}

fn draft(
    sender: Sender<'_>,
    outcome: Outcome,
    (spoken, incoming): (&[Spoken], &[Incoming]),
    (kind, raw): (&str, &[u8]),
    test: bool,
) -> Result<Draft, Problem> {
    let Outcome { mut happenings, objects, silent, mut stale, merges, triggered, .. } = outcome;
    stale.truncate(limits::FLAWS);
    let subject = spoken.iter().find_map(|one| one.subject.clone());
    if happenings.is_empty() {
        let kind = incoming.first().map_or(kind, |one| one.resource_type.as_str());
        happenings.push(passthrough(kind, subject.clone(), &silent, (test, sender.cause))?);
    }
    let flaws = quiet(&silent).into_iter().chain(stale).collect();
    let received = Received { format: "fhir", kind: kind.to_owned(), raw: raw.to_vec(), subject, flaws };
    Ok(Draft {
        received: Some(received),
        objects,
        merges,
        triggered,
        ..Draft::new(sender.integration, happenings)
    })
}

/// The event of a resource that raises nothing else, so that every call is listed.
fn passthrough(
    kind: &str,
    subject: Option<Subject>,
    silent: &[(String, Silence)],
    (test, cause): (bool, Option<Cause>),
) -> Result<Happening, Problem> {
    let name = format!("x.fhir.{}", kind.to_ascii_lowercase());
    let silent: Vec<&str> = silent.iter().map(|(_, why)| why.name()).collect();
    let data = to_raw_value(&json!({ "resourceType": kind, "silent": silent }));
    let content = Content { subject, ..Content::of(data.map_err(|error| refusal::internal(&error))?) };
    let what = (EventType::from(name.as_str()), EventType::from("message"));
    Ok(Happening { test, cause, ..Happening::new(what, Lane::Routine, content) })
}

const TRIES: usize = 16;
