//! HL7 v2 messages to FHIR resources, by the tables of `maps/`.
//!
//! Reading order: what a message plan says (`tables`), how segments become
//! drafts (`assemble`), how rows are applied (`reading`, with `source`, `target`,
//! `when`, `primitive`), and what only the whole message tells (`finish`).
//! What no row takes up is counted; nothing is half mapped in silence.

mod tables; // maps/*.toml, read once.
mod rows; // Rows of segments and data types.
mod plan; // What becomes of the segments of a message.
mod kinds; // What holds for each resource.
mod source; // What a row reads from.
mod target; // Where it writes to.
mod when; // Under which condition.
mod primitive; // Simple values.
pub(crate) mod number; // Decimals to the letter.
mod time; // Zones.
mod local; // What codes mean at one site.
mod overrides; // How messages of one site differ.
mod place; // Codes and places of resources, by the tables of the site.
mod scope; // What holds for a message.
mod reading; // The engine.
mod leftover; // What it leaves.
mod assemble; // Segments to drafts.
mod keys; // Which thing a draft is.
mod finish; // Drafts to resources.
mod result; // Observations and reports.
mod visit; // Encounters and appointments.
mod document; // Documents.
mod patch; // A resource over its previous version.
mod spot; // Where something stands in a message.
mod why; // Why something goes nowhere.
mod tracer; // What is noted of every step, while somebody asks.
mod locate; // Where a value stands in the end.
mod trace; // Where everything in a message went.

use std::collections::BTreeMap;
use std::sync::Arc;

use hl7v2::{Message, Processing};
use model::{Integration, LocalCode, Object, Subject, Timestamp};
use serde_json::Value;

use self::scope::Scope;
use self::tables::Maps;
use self::time::Clockwork;
use self::tracer::Tracer;

pub(crate) use self::local::is_flag;
pub use self::local::{Fault, Local};
pub use self::patch::Deletion;
pub use self::result::REPORT as REPORT_EXTENSION;
pub use self::trace::{Fate, Rule, Trace, TraceRow, Values};
pub use self::why::Why;

/// What is configured of the sender.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// The namespace of identifiers whose assigner the message does not name (P1).
    pub namespace: String,
    /// The IANA zone of local times (P6).
    pub time_zone: String,
    /// Identifier types of table 0203 that name a patient, the best first; empty means MR.
    pub identifier_preference: Vec<String>,
    /// What its codes mean, and how its messages differ (P4).
    pub local: Option<Arc<Local>>,
}

impl Site {
    /// What an integration is configured with, and the tables that stand beside it.
    #[must_use]
    pub fn of(integration: &Integration, local: Option<&Arc<Local>>) -> Self {
        Site {
            namespace: integration.namespace(),
            time_zone: integration.time_zone.clone(),
            local: local.cloned(),
            ..Site::default()
        }
    }
}

/// What a message says.
#[derive(Debug, Clone, Default)]
pub struct Mapped {
    /// MSH-9.1, such as `ORU`.
    pub message_code: String,
    /// MSH-9.2, such as `R01`. EVN-1 is never read (P2).
    pub event_code: String,
    /// MSH-11 is T or D (T1).
    pub test: bool,
    /// When it happened: EVN-6, EVN-2 or MSH-7.
    pub time: Option<Timestamp>,
    /// Who it is about.
    pub subject: Option<Subject>,
    /// The record that A40 gives up for `subject`.
    pub merged_from: Option<Subject>,
    /// Empty where the type has no mapping: such a message is passed through.
    pub resources: Vec<Resource>,
    /// Places that say something no table row takes up, and how often; the event type where the message has no mapping.
    pub unmapped: BTreeMap<String, u32>,
    /// Codes of the sender that no table knows, and how often.
    pub local: BTreeMap<LocalCode, u32>,
    /// What was odd; places and codes, never content.
    pub flaws: Vec<String>,
    /// Why a message of a mapped type has no resources.
    pub refused: Option<Refusal>,
}

/// Why a message of a mapped type cannot be mapped: a segment that its type cannot do without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The segment that is missing, or says too little.
    pub segment: String,
}

impl Refusal {
    /// What is missing, for an acknowledgement.
    #[must_use]
    pub fn describe(&self) -> String {
        match self.segment.as_str() {
            "PID" => "The message has no PID segment with an identifier.".to_owned(),
            segment => format!("The message has no {segment} segment."),
        }
    }
}

/// A resource that a message speaks of.
#[derive(Debug, Clone)]
pub struct Resource {
    /// What the message says of it; what it leaves out is not said.
    pub body: Value,
    /// Its identifier, the same in every message about it.
    pub object: Object,
    /// Who it is about.
    pub subject: Option<Subject>,
    /// The namespace of its number without the patient, where the number counts within one patient.
    pub local_to: Option<String>,
    /// What the message asks to delete, `""`.
    pub deletions: Vec<Deletion>,
}

impl Resource {
    /// Its type.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.body.get("resourceType").and_then(Value::as_str).unwrap_or_default()
    }

    /// The resource as it is now, given what was known before.
    ///
    /// Most are told in parts: an element that the message leaves out stays.
    /// Results and appointments are told whole.
    #[must_use]
    pub fn over(&self, previous: Option<&Value>) -> Value {
        patch::over(self, previous)
    }
}

impl Mapped {
    /// Whether the type of the message has a mapping.
    #[must_use]
    pub fn is_mapped_type(&self) -> bool {
        Maps::embedded().message(&self.message_code, &self.event_code).is_some()
    }

    /// The event type of a message without a mapping: `x.hl7v2.adt_a99`.
    #[must_use]
    pub fn passthrough_type(&self) -> String {
        let plain = |text: &str| {
            let kept: String = text.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
            if kept.is_empty() { "unknown".to_owned() } else { kept.to_ascii_lowercase() }
        };
        match self.event_code.as_str() {
            "" => format!("x.hl7v2.{}", plain(&self.message_code)),
            event => format!("x.hl7v2.{}_{}", plain(&self.message_code), plain(event)),
        }
    }
}

/// Maps a message. Never fails: what cannot be mapped is told in the answer.
#[must_use]
pub fn map(message: &Message<'_>, site: &Site) -> Mapped {
    run(message, site, None).0
}

/// Maps a message as it was received, and tells where everything in it went: the same engine, which notes its
/// steps. Nothing if the bytes are no message.
#[must_use]
pub fn trace(raw: &[u8], site: &Site) -> Option<(Mapped, Trace)> {
    let (message, _) = hl7v2::parse(raw).ok()?;
    let (mapped, tracer) = run(&message, site, Some(Box::default()));
    let tracer = tracer.filter(|_| mapped.is_mapped_type());
    let trace = tracer.map(|tracer| tracer.finish(&mapped, &message)).unwrap_or_default();
    Some((mapped, trace))
}

fn run(message: &Message<'_>, site: &Site, tracer: Option<Box<Tracer>>) -> (Mapped, Option<Box<Tracer>>) {
    let header = message.header();
    let text = |part: hl7v2::Part<'_>| part.value().as_str().map(str::trim).unwrap_or_default().to_owned();
    let message_time = text(header.time());
    let (clockwork, is_zone_known) = Clockwork::new(&site.time_zone, &message_time);
    let event_code = text(header.trigger_event());
    let mut scope = Scope {
        site,
        maps: site.local.as_deref().and_then(Local::maps).unwrap_or_else(|| Maps::embedded()),
        clockwork,
        event: event_code.clone(),
        facility: String::new(),
        notes: scope::Notes { tracer, ..scope::Notes::default() },
    };
    let facility = |component| text(header.sending_facility().component(component));
    scope.facility = scope.assigner(&facility(1), &facility(2), &facility(3));
    if !is_zone_known {
        scope.notes.flaw("the time zone of the integration is not known; UTC was taken".to_owned());
    }
    let mut mapped = Mapped {
        message_code: text(header.message_code()),
        event_code,
        test: matches!(header.processing(), Processing::Training | Processing::Debugging),
        time: happened(&scope, message, &message_time),
        ..Mapped::default()
    };
    match scope.maps.message(&mapped.message_code, &mapped.event_code) {
        Some(plan) => {
            let drafts = assemble::assemble(&mut scope, plan, message);
            finish::finish(&mut scope, plan, drafts, &mut mapped);
        }
        None => mapped.subject = assemble::subject_only(&mut scope, message),
    }
    if !mapped.is_mapped_type() {
        scope.notes.unmapped = BTreeMap::from([(mapped.passthrough_type(), 1)]);
    }
    mapped.unmapped = scope.notes.unmapped;
    mapped.local = scope.notes.local;
    mapped.flaws = scope.notes.flaws;
    (mapped, scope.notes.tracer)
}

fn happened(scope: &Scope<'_>, message: &Message<'_>, message_time: &str) -> Option<Timestamp> {
    let read = |text: &str| scope.clockwork.instant(text).and_then(|time| time.text.parse().ok());
    let said = |path: &str| message.value(path).as_str().and_then(read);
    said("EVN-6").or_else(|| said("EVN-2")).or_else(|| read(message_time))
}

#[cfg(test)]
mod families;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod leftover_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trace_tests;
