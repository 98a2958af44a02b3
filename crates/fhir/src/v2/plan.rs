//! What becomes of the segments of a message.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A message that is mapped.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageMap {
    pub(super) code: String,
    pub(super) events: Vec<String>,
    /// Resources, parted by `|`, of which one must come, and the segment that makes it.
    needs: BTreeMap<String, String>,
    /// Segments that begin results and orders of the past.
    #[serde(default)]
    pub(super) earlier: Vec<String>,
    segments: BTreeMap<String, String>,
}

/// What becomes of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act<'m> {
    Open(&'m str),
    Over(&'m str),
    Add(&'m str),
    AddToLast,
    Hold(&'m str),
    /// Several resources, parted by blanks.
    Lead(&'m str),
    Read,
    Count,
}

impl<'m> Act<'m> {
    /// Reads what a plan says; what it does not say is counted.
    pub(super) fn parse(text: &'m str) -> Act<'m> {
        match text.split_once(' ') {
            Some(("open", resource)) => Act::Open(resource),
            Some(("over", resource)) => Act::Over(resource),
            Some(("add", "*")) => Act::AddToLast,
            Some(("add", resource)) => Act::Add(resource),
            Some(("hold", resource)) => Act::Hold(resource),
            Some(("lead", resources)) => Act::Lead(resources),
            _ if text == "read" => Act::Read,
            _ => Act::Count,
        }
    }
}

impl MessageMap {
    /// What becomes of a segment.
    pub(super) fn act(&self, segment: &str) -> Act<'_> {
        Act::parse(self.segments.get(segment).map_or("", String::as_str))
    }

    /// Lets segments do something else.
    pub(super) fn differ(&mut self, acts: &BTreeMap<String, String>) {
        self.segments.extend(acts.clone());
    }

    /// The plan of one event alone.
    pub(super) fn of_event(&self, event: &str) -> MessageMap {
        MessageMap { events: vec![event.to_owned()], ..self.clone() }
    }

    /// What must come, and the segment that makes it.
    pub(super) fn needs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.needs.iter().map(|(resources, segment)| (resources.as_str(), segment.as_str()))
    }

    /// Whether a message without this resource may be refused.
    pub(super) fn asks_for(&self, resource: &str) -> bool {
        resource != "Patient" && self.needs.keys().any(|names| names.split('|').any(|name| name == resource))
    }

    /// The segments that the plan names.
    #[cfg(test)]
    pub(super) fn segments(&self) -> impl Iterator<Item = &str> {
        self.segments.keys().map(String::as_str)
    }
}
