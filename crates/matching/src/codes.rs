//! The parameter `trigger` of a feed: by which codes a change may be chosen.

use fhir::feed;
use fhir::notification::Coding;
use model::WholeChange;
use serde::Deserialize;

use crate::written::Part;
use crate::{Catalogue, Topic};

/// Codes of one kind, by which the changes of a feed may be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codes {
    /// `feed-event`, which every change has.
    Feed,
    /// Event types of the catalogue.
    Types,
    /// HL7 v2 events, which only messages come with.
    V2,
}

/// The codes that a filter asks for: a change must have one of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asked(Vec<(Option<String>, String)>);

/// The name of the parameter.
pub(crate) const TRIGGER: &str = "trigger";

impl Asked {
    /// Reads a part whose name is [`TRIGGER`].
    ///
    /// # Errors
    /// What is wrong: names, never values.
    pub(crate) fn read(topic: &Topic, part: Part<'_>) -> Result<Asked, String> {
        let (left, values) = part.values().ok_or("the filter by trigger has no value")?;
        if left.contains(':') {
            return Err("the filter by trigger takes no modifier".to_owned());
        }
        let read = |value: &&str| code(topic, value).ok_or_else(|| unknown(topic));
        values.iter().map(read).collect::<Result<_, _>>().map(Asked)
    }

    /// Whether a change has one of the codes.
    pub(crate) fn hold(&self, change: &WholeChange) -> bool {
        let types = change.types.iter().map(model::EventType::as_str);
        let codes = feed::codes(types, change.event_code.as_deref());
        let is = |(system, code): &(Option<String>, String), coding: &Coding| {
            coding.code == *code && system.as_ref().is_none_or(|system| coding.system == *system)
        };
        self.0.iter().any(|asked| codes.iter().any(|coding| is(asked, coding)))
    }
}

/// `code` in whatever system, or `system|code`; none for what no change of the topic can have.
fn code(topic: &Topic, value: &str) -> Option<(Option<String>, String)> {
    let value = fhir::percent_decoded(value.trim());
    let (system, code) = match value.split_once('|') {
        Some((system, code)) => (Some(system.to_owned()), code),
        None => (None, value.as_str()),
    };
    let is_of = |known: &str| system.as_deref().is_none_or(|system| system == known);
    let can_be = |codes: &Codes| match codes {
        Codes::Feed => is_of(feed::CODES) && code == feed::EVENT,
        Codes::Types => {
            let is_known = || Catalogue::embedded().find(code).is_some();
            let stands_for = || topic.events.iter().any(|pattern| pattern.matches(code));
            is_of(fhir::basic::EVENT_TYPES) && stands_for() && is_known() && !code.starts_with("x.")
        }
        Codes::V2 => is_of(feed::V2_EVENTS) && is_v2_event(code),
    };
    topic.codes.iter().any(can_be).then(|| (system, code.to_owned()))
}

/// Table 0003: a letter and two letters or digits.
fn is_v2_event(code: &str) -> bool {
    code.len() == 3
        && code.starts_with(|first: char| first.is_ascii_uppercase())
        && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn unknown(topic: &Topic) -> String {
    let known = topic.codes.iter().map(|codes| match codes {
        Codes::Feed => feed::EVENT,
        Codes::Types => "event types of the catalogue",
        Codes::V2 => "HL7 v2 events",
    });
    format!(
        "the filter by trigger names a code that no change has; there are {}",
        known.collect::<Vec<_>>().join(", ")
    )
}
