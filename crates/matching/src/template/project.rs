//! From an event to a body: written as it is found, so that no number changes and no limit is overrun.

use std::borrow::Cow;
use std::io;

use fhirpath::{Budget, Context, EvaluationError, Item, Limits};
use model::limits;
use serde::Serialize;
use serde_json::Value;

use super::{Ask, Fills, Missing, Part, TemplateFlaw};

/// Why an event cannot be told in the shape of a template. It names places of the template and parts of its
/// expressions; nothing of the event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {why}")]
pub struct Unshaped {
    /// Where in the template, as a JSON pointer.
    pub pointer: String,
    /// What went wrong, and what to do about it.
    pub why: String,
}

impl From<TemplateFlaw> for Unshaped {
    fn from(TemplateFlaw { pointer, misread }: TemplateFlaw) -> Self {
        Unshaped { pointer, why: format!("{} {}", misread.what, misread.fix) }
    }
}

pub(super) fn whole(root: &Part, native: &[u8]) -> Result<Vec<u8>, Unshaped> {
    let unread = |_| unshaped("", "The event is no JSON.".to_owned());
    let event: Value = serde_json::from_slice(native).map_err(unread)?;
    let mut projector =
        Projector { event: &event, budget: Budget::of(&bounds()), place: "", body: Body(Vec::new()) };
    if let Some(ready) = projector.ready(root, &event)? {
        projector.put(ready, &event)?;
    }
    Ok(projector.body.0)
}

struct Projector<'t> {
    event: &'t Value,
    /// What is left for all expressions together.
    budget: Budget,
    /// The instruction that was followed last, for what goes wrong while its outcome is written.
    place: &'t str,
    body: Body,
}

/// What is about to be written.
enum Ready<'t, 'a> {
    Value(Cow<'a, Value>),
    Object(&'t [(String, Part)]),
    Array(&'t [Part]),
    List(Vec<Cow<'a, Value>>),
    Each(Vec<Cow<'a, Value>>, &'t Part),
}

impl<'t> Projector<'t> {
    /// What a part gives way to; nothing if it is left out.
    fn ready<'a>(&mut self, part: &'t Part, root: &'a Value) -> Result<Option<Ready<'t, 'a>>, Unshaped>
    where
        't: 'a,
    {
        let ask = match part {
            Part::Said(value) => return Ok(Some(Ready::Value(Cow::Borrowed(value)))),
            Part::Object(members) => return Ok(Some(Ready::Object(members))),
            Part::Array(items) => return Ok(Some(Ready::Array(items))),
            Part::Asked(ask) => ask,
        };
        self.place = &ask.place;
        let mut found = match self.found(ask, root) {
            Ok(found) => found,
            Err(Trouble::Undecided(why)) => {
                let said = ask.undecided.as_ref().ok_or_else(|| unshaped(&ask.place, why))?;
                return Ok(Some(Ready::Value(Cow::Borrowed(said))));
            }
            Err(Trouble::Failed(why)) => return Err(unshaped(&ask.place, why)),
        };
        Ok(match (&ask.fills, &ask.missing) {
            (_, Missing::LeftOut) if found.is_empty() => None,
            (_, Missing::Said(said)) if found.is_empty() => Some(Ready::Value(Cow::Borrowed(said))),
            (Fills::One, _) => found.pop().map(Ready::Value),
            (Fills::List, _) => Some(Ready::List(found)),
            (Fills::Each(each), _) => Some(Ready::Each(found, each)),
        })
    }

    /// What the expression of an instruction finds, as JSON.
    fn found<'a>(&mut self, ask: &'t Ask, root: &'a Value) -> Result<Vec<Cow<'a, Value>>, Trouble>
    where
        't: 'a,
    {
        // A body is the same whenever it is made: its clock is that of the event.
        let received = self.event.get("received").and_then(Value::as_str).unwrap_or_default();
        let context = Context::of(root).variable("event", self.event).at(received).limits(bounds());
        let text = ask.expression.text();
        let found = ask.expression.evaluate_within(&context, &mut self.budget);
        let found = found.map_err(|error| Trouble::of(&error, text))?;
        if let Some(reason) = found.doubt() {
            let why = format!("{} cannot be decided: {reason}.", quoted(reason.clause.of(text)));
            return Err(Trouble::Undecided(why));
        }
        if matches!(ask.fills, Fills::One) && found.items().len() > 1 {
            let fix = "choose one with first() or where(), or write $list for $path";
            return Err(Trouble::Undecided(format!("{} gives several values; {fix}.", quoted(text))));
        }
        Ok(found.items().iter().map(Item::to_json).filter(|value| !value.is_null()).collect())
    }

    fn put<'a>(&mut self, ready: Ready<'t, 'a>, root: &'a Value) -> Result<(), Unshaped>
    where
        't: 'a,
    {
        match ready {
            Ready::Value(value) => self.write(&*value),
            Ready::List(items) => self.write(&items),
            Ready::Object(members) => {
                let members = members.iter().map(|(name, part)| (Some(name), part, root));
                self.all(["{", "}"], members)
            }
            Ready::Array(items) => self.all(["[", "]"], items.iter().map(|part| (None, part, root))),
            Ready::Each(items, each) => {
                self.all(["[", "]"], items.iter().map(|item| (None, each, item.as_ref())))
            }
        }
    }

    /// Parts between two signs, with those left out that are.
    fn all<'a>(
        &mut self,
        [open, close]: [&str; 2],
        parts: impl Iterator<Item = (Option<&'t String>, &'t Part, &'a Value)>,
    ) -> Result<(), Unshaped>
    where
        't: 'a,
    {
        self.sign(open)?;
        let mut is_first = true;
        for (name, part, root) in parts {
            let Some(ready) = self.ready(part, root)? else { continue };
            if !std::mem::take(&mut is_first) {
                self.sign(",")?;
            }
            if let Some(name) = name {
                self.write(name)?;
                self.sign(":")?;
            }
            self.put(ready, root)?;
        }
        self.sign(close)
    }

    fn write(&mut self, value: &impl Serialize) -> Result<(), Unshaped> {
        let written = serde_json::to_writer(&mut self.body, value);
        written.map_err(|_| too_large(self.place))
    }

    fn sign(&mut self, sign: &str) -> Result<(), Unshaped> {
        let written = io::Write::write_all(&mut self.body, sign.as_bytes());
        written.map_err(|_| too_large(self.place))
    }
}

/// What all expressions of a body may cost together.
fn bounds() -> Limits {
    let (steps, items) = (limits::TEMPLATE_STEPS, limits::TEMPLATE_ITEMS);
    Limits { steps, items, time: limits::EXPRESSION_TIME, ..Limits::default() }
}

/// Why an expression gave nothing to write.
enum Trouble {
    /// The data leaves it open; a template may say what stands there then.
    Undecided(String),
    /// It would go wrong with other data as well, or costs too much.
    Failed(String),
}

impl Trouble {
    fn of(error: &EvaluationError, text: &str) -> Trouble {
        let why = format!("{}: {}.", quoted(error.clause.of(text)), error.kind);
        if error.is_about_data() { Trouble::Undecided(why) } else { Trouble::Failed(why) }
    }
}

fn quoted(clause: &str) -> String {
    format!("`{clause}`")
}

fn unshaped(place: &str, why: String) -> Unshaped {
    Unshaped { pointer: place.to_owned(), why }
}

fn too_large(place: &str) -> Unshaped {
    let most = limits::TEMPLATE_BODY_BYTES >> 20;
    unshaped(place, format!("The body grows beyond {most} MiB; take less of the event."))
}

/// A body that cannot grow beyond its limit.
struct Body(Vec<u8>);

impl io::Write for Body {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > limits::TEMPLATE_BODY_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
