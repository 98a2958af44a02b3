//! HL7 v2 messages, from whichever door: mapped, compared with what is known, accepted whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use fhir::v2::{Mapped, Refusal, Site};
use hl7v2::ack::{ErrorCode, Fault, Location, Stamp, Verdict, reply_always};
use hl7v2::{Flaw, Header, Message};
use matching::raise::{Interaction, Silence};
use model::{Code, Content, Environment, EventType, Integration, Lane, Problem, Quiet, Versioned, limits};
use privacy::OrganisationKeys;
use serde_json::json;
use serde_json::value::to_raw_value;

use crate::draft::{Draft, Happening, Received};
use crate::intake::{Fate, Intake};
use crate::tracked::{Around, Body, Outcome, Spoken};
use crate::{refusal, sieve};

/// What became of a message.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) duplicate: bool,
    pub(crate) events: usize,
}

/// Why a message was not taken.
#[derive(Debug)]
pub(crate) enum Unfit {
    /// A segment that its type cannot do without is missing.
    Lacks(Refusal),
    /// MSH-9 does not say what it is.
    NoType,
    /// It could not be stored.
    Failed(Problem),
}

impl Unfit {
    /// The reason as a code, for counting.
    pub(crate) fn code(&self) -> Code {
        match self {
            Unfit::Lacks(_) => Code::InvalidField,
            Unfit::NoType => Code::NotSupported,
            Unfit::Failed(problem) => problem.code,
        }
    }

    /// The reason for people; nothing of the message.
    pub(crate) fn problem(&self) -> Problem {
        match self {
            Unfit::Lacks(refusal) => {
                Problem::new(self.code(), refusal.describe()).at(refusal.segment.clone())
            }
            Unfit::NoType => Problem::new(self.code(), "MSH-9 does not say what the message is.").at("MSH-9"),
            Unfit::Failed(problem) => problem.clone(),
        }
    }
}

impl From<Problem> for Unfit {
    fn from(problem: Problem) -> Self {
        Unfit::Failed(problem)
    }
}

/// Makes a message durable with everything it says, but what the integration does not want to know (C7).
pub(crate) async fn take(
    intake: &Intake,
    integration: &Arc<Versioned<Integration>>,
    message: &Message<'_>,
    flaws: &[Flaw],
) -> Result<Taken, Unfit> {
    let Some(sifted) = sieve::message(integration, message.raw()) else {
        return take_whole(intake, integration, (message, flaws)).await;
    };
    let (message, flaws) = hl7v2::parse(&sifted).map_err(|_| Unfit::NoType)?;
    take_whole(intake, integration, (&message, &flaws)).await
}

async fn take_whole(
    intake: &Intake,
    integration: &Arc<Versioned<Integration>>,
    (message, flaws): (&Message<'_>, &[Flaw]),
) -> Result<Taken, Unfit> {
    // Read before they are used: what they do not know is counted for no newer version.
    let tables = intake.ports.settings.now().tables_of(integration.id);
    let mut mapped = mapped(intake, integration, message)?;
    let spoken = spoken(&mut mapped);
    let mut is_reused = false;
    // A race with another message about the same object is lost at most as often as there are connections.
    for _ in 0..TRIES {
        let draft = draft(intake, integration, (message, flaws), (&mapped, &spoken, is_reused)).await?;
        let events = draft.happenings.len();
        match intake.accept(vec![draft]).await?.pop() {
            Some(Fate::Accepted { .. }) => {
                let (at, metrics) = (intake.ports.clock.now(), &intake.ports.metrics);
                metrics.worklists().note(tables, at, &mapped.local, &mapped.unmapped);
                if is_reused {
                    metrics.control_id_reused();
                }
                return Ok(Taken { duplicate: false, events });
            }
            Some(Fate::Duplicate { .. }) => return Ok(Taken { duplicate: true, events: 0 }),
            Some(Fate::Clash) => is_reused = true,
            Some(Fate::Conflict) | None => {}
        }
    }
    Err(Problem::from(Code::Overloaded).after(1).into())
}

/// The name that a sender gives one message only: MSH-10 within MSH-3 and MSH-4. Without MSH-10 there is none.
fn name(keys: &OrganisationKeys, integration: &Integration, header: &Header<'_>) -> Option<[u8; 16]> {
    let control_id = header.control_id().raw();
    let parts = [header.sending_application().raw(), header.sending_facility().raw(), control_id];
    (!control_id.is_empty()).then(|| keys.dedupe(integration.id, "hl7v2 name", &parts))
}

/// What a message says, by the tables of its integration.
pub(crate) fn mapped(
    intake: &Intake,
    integration: &Integration,
    message: &Message<'_>,
) -> Result<Mapped, Unfit> {
    let site = Site::of(integration, intake.ports.settings.now().site(integration.id));
    let mut mapped = fhir::v2::map(message, &site);
    match mapped.refused.take() {
        Some(refused) => Err(Unfit::Lacks(refused)),
        None if mapped.message_code.is_empty() => Err(Unfit::NoType),
        None => Ok(mapped),
    }
}

/// What a message speaks of, taken out of what it was mapped to.
pub(crate) fn spoken(mapped: &mut Mapped) -> Vec<Spoken> {
    let of = |resource: fhir::v2::Resource| Spoken {
        object: resource.object.clone(),
        subject: resource.subject.clone(),
        local_to: resource.local_to.clone(),
        points_to: None,
        interaction: Interaction::Update,
        body: Body::Parts(resource),
    };
    std::mem::take(&mut mapped.resources).into_iter().map(of).collect()
}

/// What is to be accepted of a message.
pub(crate) async fn draft(
    intake: &Intake,
    integration: &Arc<Versioned<Integration>>,
    (message, flaws): (&Message<'_>, &[Flaw]),
    (mapped, spoken, is_reused): (&Mapped, &[Spoken], bool),
) -> Result<Draft, Problem> {
    let keys = intake.ports.keyring.organisation(integration.organisation_id).await;
    let keys = keys.map_err(|error| refusal::of_keys(&error))?;
    let around = Around {
        integration,
        event_code: Some(&mapped.event_code),
        time: mapped.time,
        test: mapped.test || integration.environment == Environment::Test,
        cause: None,
    };
    let Outcome { mut happenings, objects, silent, stale, merges, triggered, .. } =
        intake.track(spoken, &around).await?;
    if happenings.is_empty() {
        happenings.push(passthrough(mapped, &silent, around.test)?);
    }
    let header = message.header();
    let mut told = told(flaws, mapped, (&stale, &silent));
    if is_reused {
        told.insert(0, REUSED.to_owned());
    }
    Ok(Draft {
        dedupe: Some(keys.dedupe(integration.id, "hl7v2", &[header.control_id().raw(), message.raw()])),
        // Senders begin their numbers anew: the same one with another content is another message, and is marked.
        name: if is_reused { None } else { name(&keys, integration, &header) },
        received: Some(Received {
            format: "hl7v2",
            kind: format!("{}^{}", mapped.message_code, mapped.event_code),
            raw: message.raw().to_vec(),
            subject: mapped.subject.clone(),
            flaws: told,
        }),
        objects,
        merges,
        triggered,
        ..Draft::new(integration, happenings)
    })
}

/// The event of a message that raises nothing else, so that every message is listed.
fn passthrough(mapped: &Mapped, silent: &[(String, Silence)], test: bool) -> Result<Happening, Problem> {
    let silent: Vec<&str> = silent.iter().map(|(_, why)| why.name()).collect();
    let data = json!({ "message": mapped.message_code, "trigger": mapped.event_code, "silent": silent });
    let data = to_raw_value(&data).map_err(|error| refusal::internal(&error))?;
    let content = Content { subject: mapped.subject.clone(), ..Content::of(data) };
    let what = (EventType::from(mapped.passthrough_type().as_str()), EventType::from("message"));
    Ok(Happening { time: mapped.time, test, ..Happening::new(what, Lane::Routine, content) })
}

/// What raised nothing, and everything that was odd or not taken up: places and codes, never content.
fn told(flaws: &[Flaw], mapped: &Mapped, (stale, silent): (&[String], &[(String, Silence)])) -> Vec<String> {
    let read = flaws.iter().map(|flaw| match (flaw.segment, flaw.field) {
        (Some(segment), Some(field)) => {
            format!("segment {} field {field}: {}", segment + 1, flaw.kind.describe())
        }
        (Some(segment), None) => format!("segment {}: {}", segment + 1, flaw.kind.describe()),
        (None, _) => flaw.kind.describe().to_owned(),
    });
    let unmapped: &BTreeMap<String, u32> = &mapped.unmapped;
    let unmapped = unmapped.iter().map(|(place, count)| format!("unmapped {place} x{count}"));
    let said = stale.iter().chain(&mapped.flaws).cloned();
    quiet(silent).into_iter().chain(read).chain(said).chain(unmapped).take(limits::FLAWS).collect()
}

/// What raised nothing, as lines.
pub(crate) fn quiet(silent: &[(String, Silence)]) -> Vec<String> {
    let said = silent.iter().map(|(resource, why)| (resource.as_str(), why.name()));
    Quiet::count(said).iter().map(Quiet::to_string).collect()
}

/// What to answer.
pub(crate) fn verdict(taken: &Result<Taken, Unfit>) -> Verdict<'_> {
    fn at(segment: &str) -> Option<Location<'_>> {
        Some(Location { segment, occurrence: 1, place: None })
    }
    match taken {
        Ok(_) => Verdict::Accepted,
        Err(Unfit::Lacks(refusal)) => {
            Verdict::Error(Fault { code: ErrorCode::RequiredFieldMissing, location: at(&refusal.segment) })
        }
        Err(Unfit::NoType) => {
            Verdict::Rejected(Fault { code: ErrorCode::UnsupportedMessageType, location: at("MSH") })
        }
        Err(Unfit::Failed(_)) => Verdict::Error(Fault { code: ErrorCode::InternalError, location: None }),
    }
}

/// When and as what an acknowledgement is given.
pub(crate) struct OwnStamp {
    time: hl7v2::timestamp::Timestamp,
    control_id: String,
}

impl OwnStamp {
    pub(crate) fn as_stamp(&self) -> Stamp<'_> {
        Stamp { time: self.time, control_id: &self.control_id }
    }
}

/// A stamp of now, in UTC.
pub(crate) fn stamp(intake: &Intake) -> OwnStamp {
    let now = intake.ports.clock.now();
    let id: model::MessageId = intake.ports.ids.next(now);
    let text = now.to_string();
    let digits: String = text.chars().filter(char::is_ascii_digit).take(14).collect();
    let time = hl7v2::timestamp::Timestamp::parse(&format!("{digits}+0000"));
    let control_id = id.to_string().trim_start_matches("msg_").chars().take(20).collect();
    OwnStamp { time: time.expect("fourteen digits of a clock are a time"), control_id }
}

/// The refusal of a message of which only the beginning is known.
pub(crate) fn refuse(intake: &Intake, head: &[u8], verdict: &Verdict<'_>) -> Option<Vec<u8>> {
    let (message, _) = hl7v2::parse(head).ok()?;
    reply_always(&message.header(), verdict, &stamp(intake).as_stamp())
}

const TRIES: usize = 16;
/// The mark of a message that has the name of another one (R3).
const REUSED: &str = "conflict: MSH-10 was that of another message before";
