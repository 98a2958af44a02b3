//! From JSON to parts: every instruction understood, every limit kept.

use fhirpath::Expression;
use model::{Profile, limits};
use serde_json::{Map, Value};

use super::{Ask, Fills, Missing, Part, Tells, TemplateFlaw, members};
use crate::Misread;

/// The members of an instruction.
const KNOWN: [&str; 6] = ["$path", "$list", "$each", "$missing", "$omit", "$undecided"];

pub(super) fn whole(document: &Value, profile: Profile) -> Result<Part, TemplateFlaw> {
    let bytes = document.to_string().len();
    if bytes > limits::TEMPLATE_BYTES {
        let what = format!("A template has at most {} KiB", limits::TEMPLATE_BYTES >> 10);
        return Err(flaw("", Misread::new(what, "Shorten it")));
    }
    if !document.is_object() && !document.is_array() {
        let what = "A template is an object or an array";
        return Err(flaw("", Misread::new(what, "Write {\"$path\": \"…\"} for what is to be found")));
    }
    let mut reader = Reader { profile, expressions: 0 };
    let root = reader.part(document, &Place { pointer: String::new(), depth: 1, is_within: false })?;
    if root.may_be_left_out() {
        let what = "The whole body cannot be left out";
        return Err(flaw("/$omit", Misread::new(what, "Give $missing a value instead")));
    }
    Ok(root)
}

struct Reader {
    profile: Profile,
    expressions: usize,
}

/// Where in a template.
struct Place {
    pointer: String,
    depth: usize,
    /// Whether expressions here ask items of a list.
    is_within: bool,
}

impl Place {
    fn of(&self, step: &str) -> Place {
        let pointer = format!("{}/{}", self.pointer, step.replace('~', "~0").replace('/', "~1"));
        Place { pointer, depth: self.depth + 1, is_within: self.is_within }
    }

    fn flaw(&self, what: impl std::fmt::Display, fix: impl std::fmt::Display) -> TemplateFlaw {
        flaw(&self.pointer, Misread::new(what, fix))
    }
}

fn flaw(pointer: &str, misread: Misread) -> TemplateFlaw {
    TemplateFlaw { pointer: pointer.to_owned(), misread }
}

impl Reader {
    fn part(&mut self, value: &Value, place: &Place) -> Result<Part, TemplateFlaw> {
        if place.depth > limits::TEMPLATE_DEPTH {
            let what = format!("A template is nested at most {} deep", limits::TEMPLATE_DEPTH);
            return Err(place.flaw(what, "Flatten it"));
        }
        match value {
            Value::Object(members) if members.keys().any(|name| is_instruction(name)) => {
                Ok(Part::Asked(Box::new(self.ask(members, place)?)))
            }
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| {
                    Ok((unescaped(name).to_owned(), self.part(value, &place.of(name))?))
                };
                Ok(Part::Object(members.iter().map(member).collect::<Result<_, _>>()?))
            }
            Value::Array(items) => {
                let item = |(at, value): (usize, &Value)| self.part(value, &place.of(&at.to_string()));
                Ok(Part::Array(items.iter().enumerate().map(item).collect::<Result<_, _>>()?))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                Ok(Part::Said(value.clone()))
            }
        }
    }

    fn ask(&mut self, members: &Map<String, Value>, place: &Place) -> Result<Ask, TemplateFlaw> {
        if let Some(name) = members.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            let what = "It stands beside an instruction and belongs to none";
            let fix = format!("Use {}, or write $$ for a member that begins with $", KNOWN.join(", "));
            return Err(place.of(name).flaw(what, fix));
        }
        let (name, text) = match (members.get("$path"), members.get("$list")) {
            (Some(text), None) => ("$path", text),
            (None, Some(text)) => ("$list", text),
            (None, None) | (Some(_), Some(_)) => {
                let fix = "Write $path for one value, $list for all that are found";
                return Err(place.flaw("An instruction has either $path or $list", fix));
            }
        };
        let expression = self.expression(text, &place.of(name))?;
        let fills = match (name, members.get("$each")) {
            ("$list", Some(each)) => {
                Fills::Each(self.part(each, &Place { is_within: true, ..place.of("$each") })?)
            }
            ("$list", None) => Fills::List,
            (_, Some(_)) => {
                return Err(place.of("$each").flaw("It shapes the items of a list", "Write $list for $path"));
            }
            (_, None) => Fills::One,
        };
        Ok(Ask {
            place: place.of(name).pointer,
            tells: Tells::of(&expression, place.is_within),
            missing: missing(members, (name, place))?,
            undecided: said(members, ("$undecided", place))?,
            expression,
            fills,
        })
    }

    fn expression(&mut self, text: &Value, place: &Place) -> Result<Expression, TemplateFlaw> {
        self.expressions += 1;
        if self.expressions > limits::TEMPLATE_EXPRESSIONS {
            let what = format!("A template has at most {} expressions", limits::TEMPLATE_EXPRESSIONS);
            return Err(place.flaw(what, "Take whole objects instead of each of their members"));
        }
        let wrong = |misread: Misread| flaw(&place.pointer, misread);
        let Value::String(text) = text else {
            return Err(place.flaw("An expression is a text", "Write FHIRPath, such as \"data.value.value\""));
        };
        if text.len() > limits::FILTER_BYTES {
            let what = format!("An expression has at most {} bytes", limits::FILTER_BYTES);
            return Err(place.flaw(what, "Shorten it"));
        }
        let expression = Expression::compile_with(text, &["event"]).map_err(|error| wrong(error.into()))?;
        // What reads nothing is a constant: odd as a criterion, and fine as a value.
        if expression.paths().next().is_some()
            && let Some(lint) = expression.lint("").into_iter().find(|lint| lint.is_certain)
        {
            return Err(wrong(lint.into()));
        }
        for path in expression.paths() {
            let of_event = path.strip_prefix("%event.");
            let is_of_event = path != "%event" && (of_event.is_some() || !place.is_within);
            if is_of_event {
                members::check(of_event.unwrap_or(path), self.profile).map_err(wrong)?;
            }
        }
        Ok(expression)
    }
}

fn is_instruction(name: &str) -> bool {
    name.starts_with('$') && !name.starts_with("$$")
}

/// The name of a member as it is sent.
fn unescaped(name: &str) -> &str {
    name.strip_prefix('$').filter(|rest| rest.starts_with('$')).unwrap_or(name)
}

fn missing(members: &Map<String, Value>, (name, place): (&str, &Place)) -> Result<Missing, TemplateFlaw> {
    let omit = match members.get("$omit") {
        None => false,
        Some(Value::Bool(omit)) => *omit,
        Some(_) => return Err(place.of("$omit").flaw("It is true or false", "Write true to leave it out")),
    };
    let said = said(members, ("$missing", place))?;
    match (omit, said) {
        (true, Some(_)) => {
            let what = "What is left out has no value";
            Err(place.of("$missing").flaw(what, "Give either $omit or $missing"))
        }
        (true, None) => Ok(Missing::LeftOut),
        (false, Some(value)) => Ok(Missing::Said(value)),
        (false, None) if name == "$list" => Ok(Missing::Said(Value::Array(Vec::new()))),
        (false, None) => Ok(Missing::Said(Value::Null)),
    }
}

/// A value that stands as it is, whatever the event says.
fn said(members: &Map<String, Value>, (name, place): (&str, &Place)) -> Result<Option<Value>, TemplateFlaw> {
    let Some(value) = members.get(name) else { return Ok(None) };
    if asks(value) {
        let what = "It stands where nothing can be asked, and holds an instruction";
        return Err(place.of(name).flaw(what, "Give a value, or say more in the expression with iif()"));
    }
    Ok(Some(value.clone()))
}

fn asks(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, value)| is_instruction(name) || asks(value)),
        Value::Array(items) => items.iter().any(asks),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
