//! Codes: `system|code`, `code`, `|code`, `system|`, and what modifiers make of them.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::error::Fault;
use super::matched::Verdict;
use super::text::folded;
use super::written::{plain, separated};

/// A code that is sought.
#[derive(Debug)]
pub(super) enum Wanted {
    Code(Code),
    /// `:text`: how the text of the code begins.
    Text(String),
    /// `:of-type`: the type of an identifier, and its value.
    OfType {
        kind: Code,
        value: String,
    },
    /// `:in`: one of a value set.
    In(Arc<HashSet<(String, String)>>),
}

/// A code and what is said of its system.
#[derive(Debug)]
pub(super) struct Code {
    system: System,
    /// None: any code of the system.
    pub(super) code: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum System {
    Any,
    Absent,
    Is(String),
}

impl Wanted {
    pub(super) fn read(text: &str) -> Result<Wanted, Fault> {
        Code::read(text).map(Wanted::Code)
    }

    pub(super) fn of_type(text: &str) -> Result<Wanted, Fault> {
        let fault = || Fault::new(":of-type takes three parts", "write system|type|value");
        let [system, code, value] = separated(text, '|')[..] else { return Err(fault()) };
        if system.is_empty() || code.is_empty() || value.is_empty() {
            return Err(fault());
        }
        let kind = Code { system: System::Is(plain(system)), code: Some(plain(code)) };
        Ok(Wanted::OfType { kind, value: plain(value) })
    }

    pub(super) fn test(&self, value: &Value) -> Verdict {
        Verdict::of(match self {
            Wanted::Code(wanted) => wanted.is(value),
            Wanted::Text(wanted) => texts(value).any(|text| folded(text).starts_with(wanted)),
            Wanted::OfType { kind, value: wanted } => {
                let typed = value.get("type").is_some_and(|stored| kind.is(stored));
                typed && value.get("value").and_then(Value::as_str) == Some(wanted)
            }
            Wanted::In(set) => codings(value).any(|coding| {
                let member = |name| coding.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                set.contains(&(member("system"), member("code")))
            }),
        })
    }
}

impl Code {
    fn read(text: &str) -> Result<Code, Fault> {
        let filled = |text: &str| Some(plain(text)).filter(|text| !text.is_empty());
        let code = match separated(text, '|')[..] {
            [code] => Code { system: System::Any, code: filled(code) },
            ["", code] => Code { system: System::Absent, code: filled(code) },
            [system, code] => Code { system: System::Is(plain(system)), code: filled(code) },
            _ => {
                return Err(Fault::new(
                    "there is more than one |",
                    r"write system|code, and a | of a code as \|",
                ));
            }
        };
        if code.code.is_none() && !matches!(code.system, System::Is(_)) {
            return Err(Fault::new("there is no code", "write system|code, code, |code or system|"));
        }
        Ok(code)
    }

    /// The system and the code, where both are given: what an index can be built over.
    pub(super) fn exactly(&self) -> Option<(Option<&str>, &str)> {
        let system = match &self.system {
            System::Is(system) => Some(system.as_str()),
            System::Any => None,
            System::Absent => return None,
        };
        Some((system, self.code.as_deref()?))
    }

    fn is(&self, value: &Value) -> bool {
        match value {
            // The system of a code, an id or a truth value is in the definition of its element.
            Value::String(text) => self.code.as_ref().is_none_or(|code| code == text),
            Value::Bool(truth) => self.code.as_deref() == Some(if *truth { "true" } else { "false" }),
            Value::Object(_) if value.get("coding").is_some() => {
                codings(value).any(|coding| self.is_of(coding, "code"))
            }
            Value::Object(_) if value.get("code").is_some() => self.is_of(value, "code"),
            Value::Object(_) => self.is_of(value, "value"),
            Value::Null | Value::Number(_) | Value::Array(_) => false,
        }
    }

    /// A Coding by its code; an Identifier or a `ContactPoint` by its value.
    fn is_of(&self, value: &Value, name: &str) -> bool {
        let stored = value.get("system").and_then(Value::as_str).filter(|system| !is_channel(system));
        let system = match &self.system {
            System::Any => true,
            System::Absent => stored.is_none(),
            System::Is(system) => stored == Some(system),
        };
        let code = value.get(name).and_then(Value::as_str);
        system && self.code.as_ref().is_none_or(|wanted| code == Some(wanted))
    }
}

/// The systems of a `ContactPoint`, which are no namespaces.
fn is_channel(system: &str) -> bool {
    matches!(system, "phone" | "fax" | "email" | "pager" | "url" | "sms" | "other")
}

fn codings(value: &Value) -> impl Iterator<Item = &Value> {
    let many = value.get("coding").and_then(Value::as_array);
    let one = many.is_none().then_some(value);
    one.into_iter().chain(many.into_iter().flatten())
}

/// The texts of a code: of the concept, of its codings, of the type of an identifier.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let own = value.get("text").into_iter().chain(value.get("type").and_then(|kind| kind.get("text")));
    own.chain(codings(value).filter_map(|coding| coding.get("display"))).filter_map(Value::as_str)
}
