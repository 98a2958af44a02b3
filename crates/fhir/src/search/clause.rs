//! One parameter with its alternatives: one of them must hold.

use std::collections::HashSet;
use std::sync::Arc;

use model::limits;
use serde_json::Value;

use super::condition::Condition;
use super::error::Fault;
use super::known::Known;
use super::matched::{Match, Verdict};
use super::path::Path;
use super::table::{self, Kind, Parameter, Place};
use super::written::{Part, plain, separated};
use crate::is_resource_type;

/// One parameter of a filter.
#[derive(Debug)]
pub(super) struct Clause {
    parameter: Arc<str>,
    negated: bool,
    test: Test,
}

#[derive(Debug)]
enum Test {
    /// A value at a place meets one of the conditions.
    Any { place: Place, conditions: Vec<Condition> },
    /// The parts of one place meet all conditions of an alternative.
    Together { parameter: &'static Parameter, alternatives: Vec<Vec<Condition>> },
    /// Nothing is there.
    Missing(&'static Parameter),
    /// Something is there that is not false.
    Exists(&'static Place),
    /// The resource is of one of these types.
    Type(Vec<String>),
    /// The resource, or whom it is about, is a member.
    Member(Vec<Arc<HashSet<String>>>),
}

impl Clause {
    pub(super) fn read(resource_type: &str, part: &Part<'_>, known: &Known) -> Result<Clause, Fault> {
        let values = separated(&part.value, ',');
        if values.len() > limits::SEARCH_VALUES {
            let what = format!("a parameter has at most {} values", limits::SEARCH_VALUES);
            return Err(Fault::new(what, "name a value set by :in"));
        }
        let (negated, modifier) = match part.modifier {
            Some("not") => (true, None),
            Some("not-in") => (true, Some("in")),
            other => (false, other),
        };
        let asked = Asked { modifier, values, known };
        let (negated, test) = match part.name {
            "_type" if part.modifier.is_none() => (false, Test::Type(asked.types()?)),
            "_in" if part.modifier.is_none() => (false, Test::Member(asked.groups()?)),
            name => {
                let parameter = table::parameter(resource_type, name);
                let parameter = parameter.ok_or_else(|| unknown(resource_type, name))?;
                only_tokens_are_negated(negated, parameter)?;
                let (turned, test) = asked.test(parameter)?;
                test.can_hold(resource_type)?;
                (negated != turned, test)
            }
        };
        Ok(Clause { parameter: part.name.into(), negated, test })
    }

    pub(super) fn parameter(&self) -> &str {
        &self.parameter
    }

    pub(super) fn decide(&self, resource: &Value) -> Match {
        let verdict = self.test.verdict(resource);
        let verdict = if self.negated { !verdict } else { verdict };
        verdict.about(&self.parameter)
    }

    pub(super) fn required_codes(&self) -> Option<Vec<(Option<&str>, &str)>> {
        let Test::Any { conditions, .. } = &self.test else { return None };
        let codes = conditions.iter().map(Condition::code);
        codes.collect::<Option<Vec<_>>>().filter(|_| &*self.parameter == "code" && !self.negated)
    }
}

impl Test {
    /// Refuses a code that FHIR lets no element at the place have.
    fn can_hold(&self, resource_type: &str) -> Result<(), Fault> {
        let Test::Any { place, conditions } = self else { return Ok(()) };
        let Some(allowed) = place.codes(resource_type) else { return Ok(()) };
        let mut codes = conditions.iter().filter_map(Condition::code);
        if codes.all(|(_, code)| allowed.contains(&code)) {
            return Ok(());
        }
        Err(Fault::new(
            format!("{resource_type} never has this code there"),
            format!("use one of {}", allowed.join(", ")),
        ))
    }

    fn verdict(&self, resource: &Value) -> Verdict {
        match self {
            Test::Any { place, conditions } => {
                Verdict::any(conditions.iter().map(|condition| place.meets(condition, resource)))
            }
            Test::Together { parameter, alternatives } => together(parameter, alternatives, resource),
            Test::Missing(parameter) => Verdict::of(!parameter.is_there(resource)),
            Test::Exists(place) => {
                let mut values = place.paths.iter().flat_map(|path| path.values(resource));
                Verdict::of(values.any(|value| *value != Value::Bool(false)))
            }
            Test::Type(kinds) => {
                let own = resource.get("resourceType").and_then(Value::as_str);
                Verdict::of(own.is_some_and(|own| kinds.iter().any(|kind| kind == own)))
            }
            Test::Member(groups) => {
                let whom = whom(resource);
                Verdict::of(groups.iter().any(|group| whom.iter().any(|who| group.contains(who))))
            }
        }
    }
}

/// What a parameter is asked for.
struct Asked<'a> {
    modifier: Option<&'a str>,
    values: Vec<&'a str>,
    known: &'a Known,
}

impl Asked<'_> {
    /// The test, and whether it is to be turned round.
    fn test(&self, parameter: &'static Parameter) -> Result<(bool, Test), Fault> {
        if self.modifier == Some("missing") {
            return Ok((!self.truth()?, Test::Missing(parameter)));
        }
        match parameter {
            Parameter::Composite { parts, .. } => {
                Ok((false, Test::Together { parameter, alternatives: self.alternatives(parts)? }))
            }
            Parameter::Plain(place) if place.kind == Kind::Exists && self.modifier.is_none() => {
                Ok((!self.truth()?, Test::Exists(place)))
            }
            Parameter::Plain(place) => Ok((false, self.any(place)?)),
        }
    }

    fn any(&self, place: &Place) -> Result<Test, Fault> {
        let kind =
            self.modifier.filter(|modifier| place.kind == Kind::Reference && is_resource_type(modifier));
        let narrow = |path: &Path| kind.map_or_else(|| path.clone(), |kind| path.only_type(kind));
        let paths = place.paths.iter().map(narrow).collect();
        let modifier = self.modifier.filter(|_| kind.is_none());
        let read = |value: &&str| match kind {
            Some(kind) if !value.contains('/') => {
                Condition::read(place.kind, None, &format!("{kind}/{value}"), self.known)
            }
            _ => Condition::read(place.kind, modifier, value, self.known),
        };
        let conditions = self.values.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Test::Any { place: Place { kind: place.kind, paths }, conditions })
    }

    fn alternatives(&self, parts: &[Place]) -> Result<Vec<Vec<Condition>>, Fault> {
        if self.modifier.is_some() {
            return Err(Fault::new("a composite has no modifier", "leave it out"));
        }
        let alternative = |value: &&str| {
            let values = separated(value, '$');
            if values.len() != parts.len() {
                let what = format!("this composite has {} parts", parts.len());
                return Err(Fault::new(what, "join the parts by $"));
            }
            let paired = parts.iter().zip(values);
            paired.map(|(part, value)| Condition::read(part.kind, None, value, self.known)).collect()
        };
        self.values.iter().map(alternative).collect()
    }

    fn truth(&self) -> Result<bool, Fault> {
        match self.values[..] {
            ["true"] => Ok(true),
            ["false"] => Ok(false),
            _ => Err(Fault::new("the value is neither true nor false", "write true or false")),
        }
    }

    fn types(&self) -> Result<Vec<String>, Fault> {
        let known = |name: &&str| is_resource_type(name).then(|| (*name).to_owned());
        let types = self.values.iter().map(known).collect::<Option<Vec<_>>>();
        types.ok_or_else(|| Fault::new("this is not a resource type", "name types of FHIR"))
    }

    fn groups(&self) -> Result<Vec<Arc<HashSet<String>>>, Fault> {
        self.values.iter().map(|value| self.known.group(&plain(value))).collect()
    }
}

impl Place {
    /// The codes that can stand here; none where that is open.
    fn codes(&self, resource_type: &str) -> Option<Vec<&'static str>> {
        let codes = |path: &Path| fhirpath::codes_at(resource_type, &path.dotted()?);
        self.paths.iter().map(codes).collect::<Option<Vec<_>>>().map(|codes| codes.concat())
    }
}

impl Parameter {
    fn is_there(&self, resource: &Value) -> bool {
        let there =
            |place: &Place, from: &Value| place.paths.iter().any(|path| !path.values(from).is_empty());
        match self {
            Parameter::Plain(place) => there(place, resource),
            Parameter::Composite { bases, parts } => {
                let mut bases = bases.iter().flat_map(|base| base.values(resource));
                bases.any(|base| parts.iter().all(|part| there(part, base)))
            }
        }
    }
}

fn together(parameter: &Parameter, alternatives: &[Vec<Condition>], resource: &Value) -> Verdict {
    let Parameter::Composite { bases, parts } = parameter else { return Verdict::No };
    let bases = bases.iter().flat_map(|base| base.values(resource));
    let one = |base: &Value, conditions: &[Condition]| {
        Verdict::all(parts.iter().zip(conditions).map(|(part, condition)| part.meets(condition, base)))
    };
    Verdict::any(bases.map(|base| Verdict::any(alternatives.iter().map(|conditions| one(base, conditions)))))
}

/// The references under which a resource can be a member: itself, and whom it is about.
fn whom(resource: &Value) -> Vec<String> {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let own =
        text(resource, "resourceType").zip(text(resource, "id")).map(|(kind, id)| format!("{kind}/{id}"));
    let about = ["subject", "patient"].into_iter().filter_map(|name| text(resource.get(name)?, "reference"));
    own.into_iter().chain(about).collect()
}

fn only_tokens_are_negated(negated: bool, parameter: &Parameter) -> Result<(), Fault> {
    let is_token = matches!(parameter, Parameter::Plain(place) if place.kind == Kind::Token);
    if negated && !is_token {
        return Err(Fault::new("only codes can be negated", "leave :not out, or use the prefix ne"));
    }
    Ok(())
}

fn unknown(resource_type: &str, name: &str) -> Fault {
    let what = match name {
        "_has" => "a resource cannot be searched by what points to it".to_owned(),
        "_filter" | "_query" | "_text" | "_content" | "_list" => {
            format!("{name} needs a search server, a filter sees one resource")
        }
        name if name.starts_with('_') => format!("{name} shapes an answer, it does not select"),
        name if name.contains('.') => "a chain looks into other resources, a filter sees one".to_owned(),
        _ => format!("{resource_type} has no such search parameter"),
    };
    let mut known: Vec<_> = table::parameters(resource_type).filter(|name| !name.starts_with('_')).collect();
    known.sort_unstable();
    Fault::new(what, format!("use one of {}", known.join(", ")))
}
