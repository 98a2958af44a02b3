//! The table of `rules.toml`, read once.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use super::{Input, purpose};

/// One rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    resource: String,
    #[serde(default)]
    events: Vec<String>,
    #[serde(default)]
    status: Vec<String>,
    was: Option<Vec<String>>,
    #[serde(default)]
    class: Vec<String>,
    #[serde(default)]
    priority: Vec<String>,
    #[serde(default)]
    disposition: Vec<String>,
    purpose: Option<String>,
    becomes: Option<(String, String)>,
    known: Option<bool>,
    changed: Option<String>,
    told: Option<bool>,
    raises: String,
    also: Option<String>,
    #[serde(default)]
    pub(super) replaces: bool,
    pub(super) what: Option<String>,
}

impl Rule {
    /// The first rule that holds.
    pub(super) fn find(input: &Input<'_>) -> Option<&'static Rule> {
        static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
            let file: File = toml::from_str(include_str!("rules.toml")).expect("the tests read the rules");
            file.rule
        });
        RULES.iter().find(|rule| rule.holds(input))
    }

    /// The type it raises; nothing for a rule that only stops the search.
    pub(super) fn raises(&self) -> Option<&str> {
        Some(self.raises.as_str()).filter(|name| *name != "none")
    }

    /// The types it raises, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.raises().into_iter().chain(self.also.as_deref())
    }

    fn holds(&self, input: &Input<'_>) -> bool {
        let now = text(Some(input.resource), "status");
        let was = text(input.previous, "status");
        let by_event = match input.event_code {
            _ if self.events.iter().any(|known| known == "*") => true,
            Some(event) => self.events.iter().any(|known| known == event),
            None => self.events.is_empty(),
        };
        let is_one_of =
            |list: &[String], code: &str| list.is_empty() || list.iter().any(|known| known == code);
        let by_status = self.status.is_empty()
            || (self.status.iter().any(|known| known == now)
                && self.was.as_ref().map_or(now != was, |before| before.iter().any(|known| known == was)));
        text(Some(input.resource), "resourceType") == self.resource
            && by_event
            && by_status
            && is_one_of(&self.class, class(input.resource))
            && is_one_of(&self.priority, text(Some(input.resource), "priority"))
            && is_one_of(&self.disposition, disposition(input.resource))
            && self.purpose.as_ref().is_none_or(|purpose| purpose::of(input) == Some(purpose.as_str()))
            && self.becomes.as_ref().is_none_or(|(url, code)| becomes(input, url, code))
            && self.known.is_none_or(|known| known == input.previous.is_some())
            && self.changed.as_ref().is_none_or(|name| has_changed(input, name))
            && self.told.is_none_or(|told| told == input.told().is_some())
    }
}

#[derive(Deserialize)]
struct File {
    rule: Vec<Rule>,
}

/// Whether an element, or with no name anything but bookkeeping, is another than before.
fn has_changed(input: &Input<'_>, name: &str) -> bool {
    let Some(previous) = input.previous else { return false };
    match name {
        "" => !super::changed_fields(previous, input.resource).is_empty(),
        name => previous.get(name) != input.resource.get(name),
    }
}

/// Whether an extension has a code now that it did not have before.
fn becomes(input: &Input<'_>, url: &str, code: &str) -> bool {
    let has = |resource: &Value| {
        let extensions = resource.get("extension").and_then(Value::as_array).into_iter().flatten();
        extensions.into_iter().any(|extension| extension["url"] == url && extension["valueCode"] == code)
    };
    has(input.resource) && !input.previous.is_some_and(has)
}

/// The code that tells where a patient went.
fn disposition(encounter: &Value) -> &str {
    encounter["hospitalization"]["dischargeDisposition"]["coding"][0]["code"].as_str().unwrap_or_default()
}

/// The code of `Encounter.class`, a Coding in R4 and a list of concepts in R5.
pub(super) fn class(encounter: &Value) -> &str {
    let class = &encounter["class"];
    let coding = if class.is_array() { &class[0]["coding"][0] } else { class };
    coding["code"].as_str().unwrap_or_default()
}

fn text<'v>(resource: Option<&'v Value>, name: &str) -> &'v str {
    resource.and_then(|resource| resource.get(name)).and_then(Value::as_str).unwrap_or_default()
}
