//! What a proven call says happened, by the rules of its preset.

mod rules; // What a preset says about events.
mod frame; // What says that something happened.
mod picks; // What is taken, told as places.

use std::collections::BTreeSet;

use model::Timestamp;
use serde_json::{Map, Value};

use crate::call::{Call, pairs};
use crate::document::{BodyKind, Other};
use crate::fields::Settings;
use crate::template::Scope;

pub use picks::Pick;
pub(crate) use rules::Reading;
use rules::{Data, Rule, SubjectRule};

/// One thing that a call says, with the events it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The vendor's id of it, if it has one.
    pub id: Option<String>,
    /// The vendor's name of what happened.
    pub native: String,
    /// What it says, as JSON.
    pub content: Value,
    /// The events, at least one.
    pub said: Vec<Said>,
}

/// An event to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Its type: one of the catalogue, or a vendor's that passes through.
    pub event_type: Named,
    /// The vendor's id of what it happened to.
    pub object: Option<String>,
    /// Who it is about.
    pub subject: Option<Whom>,
    /// When it happened, as the vendor says.
    pub time: Option<Timestamp>,
    /// Whether it is about made-up people.
    pub test: bool,
    /// What it says.
    pub data: Value,
}

/// The type of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// By the map of the preset.
    Ours(String),
    /// As the vendor says: the catalogue's if it has it, else `passthrough`.
    SameOr {
        /// The vendor's name.
        native: String,
        /// `x.<preset>.<name>`.
        passthrough: String,
    },
    /// `x.<preset>.<name>`.
    Passthrough(String),
}

/// Who an event is about.
#[derive(Clone, PartialEq, Eq)]
pub struct Whom {
    /// `patient`, unless the preset says otherwise.
    pub kind: String,
    /// Who assigned the identifier; the integration, unless the preset says.
    pub system: Option<String>,
    /// The identifier.
    pub id: String,
}

impl std::fmt::Debug for Whom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("personal")
    }
}

/// Why a proven call says nothing that is understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// The body is not what the preset says it is.
    #[error("the body is not {0}")]
    Body(&'static str),
    /// It has more items than one call may bring.
    #[error("the body has more than {0} items")]
    Many(usize),
    /// It names no type.
    #[error("the call does not say what happened")]
    NoType,
    /// The preset does not map its type.
    #[error("the type {0} is not mapped")]
    Unmapped(String),
    /// A header that it needs is given twice.
    #[error("{0}")]
    Header(String),
}

impl Reading {
    /// What a call says.
    pub(crate) fn read(&self, call: &Call<'_>, given: Settings<'_>) -> Result<Vec<Item>, Unread> {
        let root = self.root(call.body)?;
        let items: Vec<&Value> = match &self.items {
            None => vec![&root],
            Some(pointer) => {
                let list = root.pointer(pointer).and_then(Value::as_array);
                list.ok_or(Unread::Body("a list where the preset says"))?.iter().collect()
            }
        };
        if items.len() > model::limits::EVENTS_PER_CALL {
            return Err(Unread::Many(model::limits::EVENTS_PER_CALL));
        }
        let scope = Scope { root: Some(&root), ..Scope::of(call, given) };
        items.into_iter().map(|item| self.item(Scope { item: Some(item), ..scope })).collect()
    }

    /// A body that was kept: as it came, or one item of it, which is kept as JSON whatever it came as.
    pub(crate) fn body(&self, kept: &[u8]) -> Option<Value> {
        serde_json::from_slice(kept).ok().or_else(|| self.root(kept).ok())
    }

    fn root(&self, body: &[u8]) -> Result<Value, Unread> {
        match self.body {
            BodyKind::Json => {
                let text =
                    model::json::check(body).map_err(|_| Unread::Body("JSON without repeated keys"))?;
                serde_json::from_str(text).map_err(|_| Unread::Body("JSON"))
            }
            BodyKind::Form => {
                let text = str::from_utf8(body).map_err(|_| Unread::Body("a form"))?;
                let members = pairs(text.as_bytes()).map(|(name, value)| (name, Value::String(value)));
                Ok(Value::Object(members.collect::<Map<_, _>>()))
            }
        }
    }

    fn item(&self, scope: Scope<'_>) -> Result<Item, Unread> {
        let header = |fault: crate::call::Unreadable| Unread::Header(fault.to_string());
        let native = self.kind.text(&scope).map_err(header)?.filter(|text| !text.is_empty());
        let native = native.ok_or(Unread::NoType)?;
        let id = match &self.id {
            Some(template) => template.text(&scope).map_err(header)?.filter(|id| !id.is_empty()),
            None => None,
        };
        let mut said = Vec::new();
        for rule in self.rules.iter().filter(|rule| rule.native.contains(&native)) {
            said.extend(self.of_rule(rule, scope).map_err(header)?);
        }
        if said.is_empty() && !self.maps(&native) {
            let event_type = self.unmapped(&native).ok_or_else(|| Unread::Unmapped(plain(&native)))?;
            said.push(self.say(event_type, &self.default_rule(), scope).map_err(header)?);
        }
        let content = scope.item.cloned().unwrap_or_default();
        Ok(Item { id, native, content, said })
    }

    fn of_rule(&self, rule: &Rule, scope: Scope<'_>) -> Result<Vec<Said>, crate::call::Unreadable> {
        let named = || Named::Ours(rule.event_type.clone());
        let Some(each) = &rule.each else { return Ok(vec![self.say(named(), rule, scope)?]) };
        let elements = scope.item.and_then(|item| item.pointer(each)).and_then(Value::as_array);
        let elements = elements.into_iter().flatten().take(model::limits::EVENTS_PER_CALL);
        elements.map(|element| self.say(named(), rule, Scope { item: Some(element), ..scope })).collect()
    }

    fn say(&self, event_type: Named, rule: &Rule, scope: Scope<'_>) -> Result<Said, crate::call::Unreadable> {
        let object = rule.object.as_ref().or(self.object.as_ref());
        let time = match &self.at {
            Some((template, unit)) => template.text(&scope)?.and_then(|text| unit.read(&text)),
            None => None,
        };
        let test = match &self.test {
            Some((template, equals)) => template.text(&scope)?.as_deref() == Some(equals),
            None => false,
        };
        Ok(Said {
            event_type,
            object: object.map(|template| template.text(&scope)).transpose()?.flatten(),
            subject: rule
                .subject
                .as_ref()
                .or(self.subject.as_ref())
                .map_or(Ok(None), |rule| whom(rule, &scope))?,
            time,
            test,
            data: select(rule.data.as_ref().unwrap_or(&self.data), &scope)?,
        })
    }

    fn maps(&self, native: &str) -> bool {
        self.rules.iter().any(|rule| rule.native.iter().any(|known| known == native))
    }

    fn unmapped(&self, native: &str) -> Option<Named> {
        let passthrough = || format!("x.{}.{}", self.vendor, tame(native));
        match self.other {
            Other::Quarantine => None,
            Other::Passthrough => Some(Named::Passthrough(passthrough())),
            Other::Same => Some(Named::SameOr { native: native.to_owned(), passthrough: passthrough() }),
        }
    }

    /// The headers that it looks at.
    pub(crate) fn headers(&self) -> impl Iterator<Item = String> + '_ {
        let own = [self.id.as_ref(), Some(&self.kind), self.object.as_ref()].into_iter().flatten();
        let at = self.at.iter().map(|(template, _)| template);
        let test = self.test.iter().map(|(template, _)| template);
        let data = self.data.texts.values();
        own.chain(at).chain(test).chain(data).flat_map(|template| template.headers().map(str::to_owned))
    }

    /// The types of the map.
    pub(crate) fn event_types(&self) -> BTreeSet<&str> {
        self.rules.iter().map(|rule| rule.event_type.as_str()).collect()
    }
}

fn whom(rule: &SubjectRule, scope: &Scope<'_>) -> Result<Option<Whom>, crate::call::Unreadable> {
    let id = rule.id.text(scope)?.filter(|id| !id.is_empty());
    Ok(id.map(|id| Whom { kind: rule.kind.clone(), system: rule.system.clone(), id }))
}

fn select(data: &Data, scope: &Scope<'_>) -> Result<Value, crate::call::Unreadable> {
    let mut members = match (&data.all, scope.item) {
        (Some(pointer), Some(item)) => match item.pointer(pointer) {
            Some(Value::Object(all)) => all.clone(),
            Some(other) => Map::from_iter([("value".to_owned(), other.clone())]),
            None => Map::new(),
        },
        (_, _) => Map::new(),
    };
    for (name, pointer) in &data.pointers {
        if let Some(value) =
            scope.item.and_then(|item| item.pointer(pointer)).filter(|value| !value.is_null())
        {
            members.insert(name.clone(), value.clone());
        }
    }
    for (name, template) in &data.texts {
        if let Some(text) = template.text(scope)? {
            members.insert(name.clone(), Value::String(text));
        }
    }
    for (name, template) in &data.numbers {
        if let Some(number) = template.text(scope)?.and_then(|text| text.parse::<serde_json::Number>().ok()) {
            members.insert(name.clone(), Value::Number(number));
        }
    }
    Ok(Value::Object(members))
}

/// A vendor's type as a part of ours: lower case letters, digits, `_`, and dots between parts.
fn tame(native: &str) -> String {
    let tamed: String = native
        .chars()
        .take(100)
        .map(|c| match c.to_ascii_lowercase() {
            '.' | ':' | '/' => '.',
            plain if plain.is_ascii_alphanumeric() => plain,
            _ => '_',
        })
        .collect();
    let parts: Vec<&str> = tamed.split('.').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "unnamed".to_owned() } else { parts.join(".") }
}

// A type is a name; if it is none, it may be anything, also something about a person.
fn plain(native: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-' | '/');
    if native.len() <= 64 && native.chars().all(is_plain) {
        native.to_owned()
    } else {
        "that is no plain name".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_native_type_becomes_a_name_of_ours() {
        assert_eq!(tame("photon:order:created"), "photon.order.created");
        assert_eq!(tame("Appointment.check-in"), "appointment.check_in");
        assert_eq!(tame("..."), "unnamed");
        assert_eq!(tame("né"), "n_");
        assert_eq!(plain("Jane Doe, born 1970"), "that is no plain name");
    }
}
