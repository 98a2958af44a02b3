//! What FHIR R4 adds to FHIRPath.

use serde_json::Value;

use super::{Function, Gives, function};
use crate::collection::{Collection, unsettled};
use crate::context::{Code, Terminology};
use crate::evaluate::{Call, Evaluator, Outcome};
use crate::fault::{ErrorKind, EvaluationError};
use crate::item::{Item, Node};
use crate::model::TypeId;

pub(super) static TABLE: [Function; 9] = [
    function("extension", (1, 1), Gives::Other, extension),
    function("hasValue", (0, 0), Gives::Boolean, has_value),
    function("getValue", (0, 0), Gives::Other, get_value),
    function("resolve", (0, 0), Gives::Other, resolve),
    function("conformsTo", (1, 1), Gives::Boolean, conforms_to),
    function("memberOf", (1, 1), Gives::Boolean, member_of),
    function("subsumes", (1, 1), Gives::Boolean, subsumes),
    function("subsumedBy", (1, 1), Gives::Boolean, subsumed_by),
    function("checkModifiers", (0, 16), Gives::Input, check_modifiers),
];

fn extension<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let url = evaluator.argument(&call, 0)?;
    let url = url.single().map_err(|kind| call.error(kind))?.and_then(Item::text).unwrap_or_default();
    let mut all = evaluator.member(&call.input, "extension", call.span)?;
    all.items.retain(|item| match item {
        Item::Node(node) => node.value.get("url").and_then(Value::as_str) == Some(&*url),
        _ => false,
    });
    Ok(all)
}

fn has_value<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let has = match call.input.items.as_slice() {
        [Item::Node(node)] => node.has_value(),
        [_] => true,
        _ => false,
    };
    Ok(Collection::boolean(has).doubting(unsettled(call.input.doubt)))
}

fn get_value<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let item = match call.input.items.as_slice() {
        [Item::Node(node)] if node.has_value() => node.read().ok().flatten(),
        [Item::Node(_)] => None,
        [item] => Some(item.clone()),
        _ => None,
    };
    Ok(Collection::of(item).doubting(unsettled(call.input.doubt)))
}

/// What references lead to: contained, in the bundle around, or where the caller looks.
fn resolve<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let mut items = Vec::new();
    for item in &call.input.items {
        let reference = match item {
            Item::Node(node) => node.value.as_str().or_else(|| node.value.get("reference")?.as_str()),
            Item::Text(text) => Some(&**text),
            _ => None,
        };
        let found = reference.and_then(|reference| evaluator.look_up(reference));
        evaluator.spend(32, call.span)?;
        items.extend(found.map(|found| Item::Node(Node::root(found))));
    }
    Ok(Collection { items, doubt: call.input.doubt })
}

impl<'a> Evaluator<'_, 'a> {
    fn look_up(&self, reference: &str) -> Option<&'a Value> {
        let root = self.context.root.value;
        if let Some(id) = reference.strip_prefix('#') {
            let contained = root.get("contained").and_then(Value::as_array).into_iter().flatten();
            let has_id = |found: &&Value| found.get("id").and_then(Value::as_str) == Some(id);
            // `#` alone is the resource that contains.
            return if id.is_empty() { Some(root) } else { contained.into_iter().find(has_id) };
        }
        let around = [Some(root), self.context.container];
        let entries =
            around.into_iter().flatten().filter_map(|around| around.get("entry")?.as_array()).flatten();
        let is_meant = |entry: &&'a Value| is_entry_of(entry, reference);
        let found = entries.into_iter().find(is_meant).and_then(|entry| entry.get("resource"));
        found.or_else(|| self.context.resolver?.resolve(reference))
    }
}

/// By its full URL, or by type and id.
fn is_entry_of(entry: &Value, reference: &str) -> bool {
    let url = entry.get("fullUrl").and_then(Value::as_str);
    let part =
        |name: &str| entry.get("resource").and_then(|resource| resource.get(name)).and_then(Value::as_str);
    let is_named = || {
        let (kind, id) = reference.split_once('/')?;
        let id = id.split_once("/_history/").map_or(id, |(id, _)| id);
        Some(part("resourceType")? == kind && part("id")? == id)
    };
    url == Some(reference) || is_named() == Some(true)
}

/// Profiles need definitions; of the base types it is known.
fn conforms_to<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let url = evaluator.argument(&call, 0)?;
    let url = url.single().map_err(|kind| call.error(kind))?.and_then(Item::text).unwrap_or_default();
    let name = url.strip_prefix("http://hl7.org/fhir/StructureDefinition/");
    let kind = name.and_then(TypeId::named).ok_or(call.error(ErrorKind::Argument))?;
    let conforms = call.single()?.map(|item| match item {
        Item::Node(Node { kind: Some(own), .. }) => own.is_a(kind),
        _ => false,
    });
    Ok(Collection::of(conforms.map(Item::Boolean)).doubting(unsettled(call.input.doubt)))
}

/// The codes of a code, Coding or CodeableConcept.
fn codes<'v>(node: &Node<'v>) -> Vec<Code<'v>> {
    let of_coding = |coding: &'v Value| {
        let text = |name: &str| coding.get(name).and_then(Value::as_str);
        Some(Code { system: text("system"), code: text("code")? })
    };
    match node.value {
        Value::String(code) => vec![Code { system: None, code }],
        value => match value.get("coding").and_then(Value::as_array) {
            Some(codings) => codings.iter().filter_map(of_coding).collect(),
            None => of_coding(value).into_iter().collect(),
        },
    }
}

fn terminology<'a>(
    evaluator: &Evaluator<'_, 'a>,
    call: &Call<'_, 'a>,
) -> Result<&'a dyn Terminology, EvaluationError> {
    evaluator.context.terminology.ok_or(call.error(ErrorKind::NoTerminology))
}

fn member_of<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let terminology = terminology(evaluator, &call)?;
    let value_set = evaluator.argument(&call, 0)?;
    let value_set = value_set.single().map_err(|kind| call.error(kind))?.and_then(Item::text);
    let (Some(Item::Node(node)), Some(value_set)) = (call.single()?, value_set) else {
        return Ok(Collection::empty());
    };
    let answers: Vec<Option<bool>> =
        codes(&node).into_iter().map(|code| terminology.is_member(code, &value_set)).collect();
    Ok(Collection::of(any_of(&answers).map(Item::Boolean)).doubting(unsettled(call.input.doubt)))
}

fn subsumes<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    subsumption(evaluator, &call, |terminology, one, other| terminology.subsumes(one, other))
}

fn subsumed_by<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    subsumption(evaluator, &call, |terminology, one, other| terminology.subsumes(other, one))
}

fn subsumption<'a>(
    evaluator: &mut Evaluator<'_, 'a>,
    call: &Call<'_, 'a>,
    ask: impl Fn(&dyn Terminology, Code<'a>, Code<'a>) -> Option<bool>,
) -> Outcome<'a> {
    let terminology = terminology(evaluator, call)?;
    let other = evaluator.argument(call, 0)?;
    let other = other.single().map_err(|kind| call.error(kind))?.cloned();
    let (Some(Item::Node(one)), Some(Item::Node(other))) = (call.single()?, other) else {
        return Ok(Collection::empty());
    };
    let others = codes(&other);
    let pairs = codes(&one).into_iter().flat_map(|one| others.iter().map(move |other| (one, *other)));
    let answers: Vec<Option<bool>> = pairs.map(|(one, other)| ask(terminology, one, other)).collect();
    evaluator.spend(answers.len(), call.span)?;
    Ok(Collection::of(any_of(&answers).map(Item::Boolean)).doubting(unsettled(call.input.doubt)))
}

/// True where one is, false where all are known to be false.
fn any_of(answers: &[Option<bool>]) -> Option<bool> {
    if answers.contains(&Some(true)) {
        return Some(true);
    }
    (!answers.is_empty() && answers.iter().all(Option::is_some)).then_some(false)
}

/// An error where a modifier extension is not among those that the arguments name.
fn check_modifiers<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let mut allowed = Vec::new();
    for place in 0..call.arguments.len() {
        let url = evaluator.argument(&call, place)?;
        allowed.extend(url.items.iter().filter_map(Item::text));
    }
    let found = evaluator.member(&call.input, "modifierExtension", call.span)?;
    let is_allowed = |item: &Item<'a>| match item {
        Item::Node(node) => {
            let url = node.value.get("url").and_then(Value::as_str).unwrap_or_default();
            allowed.iter().any(|allowed| allowed == url)
        }
        _ => true,
    };
    if found.items.iter().all(is_allowed) { Ok(call.input) } else { Err(call.error(ErrorKind::Modifier)) }
}
