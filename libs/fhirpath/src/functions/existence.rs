use super::{Function, Gives, function};
use crate::collection::{Collection, Truth, either, unsettled};
use crate::evaluate::{Call, Evaluator, Outcome};
use crate::fault::EvaluationError;
use crate::item::Item;

pub(super) static TABLE: [Function; 13] = [
    function("empty", (0, 0), Gives::Boolean, empty),
    function("exists", (0, 1), Gives::Boolean, exists),
    function("all", (1, 1), Gives::Boolean, all),
    function("allTrue", (0, 0), Gives::Boolean, all_true),
    function("anyTrue", (0, 0), Gives::Boolean, any_true),
    function("allFalse", (0, 0), Gives::Boolean, all_false),
    function("anyFalse", (0, 0), Gives::Boolean, any_false),
    function("subsetOf", (1, 1), Gives::Boolean, subset_of),
    function("supersetOf", (1, 1), Gives::Boolean, superset_of),
    function("count", (0, 0), Gives::Integer, count),
    function("distinct", (0, 0), Gives::Input, distinct),
    function("isDistinct", (0, 0), Gives::Boolean, is_distinct),
    function("not", (0, 0), Gives::Boolean, not),
];

/// Whether there is an item; one that surely belongs here settles it.
fn existence(input: &Collection<'_>) -> Truth {
    let is_settled = !input.items.is_empty() && input.doubt.is_none_or(|doubt| doubt.is_open);
    let doubt = if is_settled { None } else { unsettled(input.doubt) };
    Truth { value: Some(!input.items.is_empty()), doubt }
}

fn empty<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    Ok(existence(&call.input).not().into_collection())
}

fn exists<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let input = match call.argument(0) {
        Some(_) => super::filtering::keep(evaluator, call)?,
        None => call.input,
    };
    Ok(existence(&input).into_collection())
}

fn all<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let mut doubt = unsettled(call.input.doubt);
    let mut value = true;
    for (index, item) in call.input.items.iter().enumerate() {
        let truth = evaluator.criterion(&call, item, index)?;
        if truth.is_surely(false) || (truth.value.is_none() && truth.doubt.is_none()) {
            return Ok(Collection::boolean(false));
        }
        value &= truth.value == Some(true);
        doubt = either(doubt, unsettled(truth.doubt));
    }
    Ok(Collection::boolean(value).doubting(doubt))
}

/// Whether all, or any, of some booleans are `wanted`.
fn booleans<'a>(call: &Call<'_, 'a>, wanted: bool, all: bool) -> Outcome<'a> {
    let mut values = Vec::new();
    for item in &call.input.items {
        match item.read() {
            Ok(Item::Boolean(value)) => values.push(value == wanted),
            _ => return Err(call.error(crate::fault::ErrorKind::Mismatch)),
        }
    }
    let value = if all { values.iter().all(|value| *value) } else { values.contains(&true) };
    // One that surely is here settles "any" when it is as wanted, and "all" when it is not.
    let is_settled = value != all && call.input.doubt.is_none_or(|doubt| doubt.is_open);
    let doubt = if is_settled { None } else { unsettled(call.input.doubt) };
    Ok(Collection::boolean(value).doubting(doubt))
}

fn all_true<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    booleans(&call, true, true)
}

fn any_true<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    booleans(&call, true, false)
}

fn all_false<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    booleans(&call, false, true)
}

fn any_false<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    booleans(&call, false, false)
}

fn subset_of<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let other = evaluator.argument(&call, 0)?;
    contained(evaluator, &call.input, &other, &call)
}

fn superset_of<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let other = evaluator.argument(&call, 0)?;
    contained(evaluator, &other, &call.input, &call)
}

fn contained<'a>(
    evaluator: &mut Evaluator<'_, 'a>,
    inner: &Collection<'a>,
    outer: &Collection<'a>,
    call: &Call<'_, 'a>,
) -> Outcome<'a> {
    let mut truth = Truth { value: Some(true), doubt: unsettled(inner.doubt) };
    for item in &inner.items {
        let found = evaluator.find(item, outer, call.span)?;
        truth = truth.and(found.truth().map_err(|kind| EvaluationError { kind, clause: call.span })?);
    }
    Ok(truth.into_collection())
}

fn count<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let count = Item::Integer(call.input.items.len() as i64);
    Ok(Collection::of(count).doubting(unsettled(call.input.doubt)))
}

fn distinct<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    evaluator.union(call.input, Collection::empty(), call.span)
}

fn is_distinct<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let (count, doubt) = (call.input.items.len(), unsettled(call.input.doubt));
    let distinct = evaluator.union(call.input, Collection::empty(), call.span)?;
    Ok(Collection::boolean(distinct.items.len() == count).doubting(doubt))
}

fn not<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let truth = call.input.truth().map_err(|kind| call.error(kind))?;
    Ok(truth.not().into_collection())
}
