use super::{Function, Gives, function};
use crate::collection::{Collection, Doubt, Truth, either, unsettled};
use crate::evaluate::{Call, Evaluator, Frame, Outcome, compare};
use crate::fault::{ErrorKind, EvaluationError};
use crate::item::Item;
use crate::syntax::{Expr, Kind, Operator};

pub(super) static TABLE: [Function; 7] = [
    function("where", (1, 1), Gives::Input, keep),
    function("select", (1, 1), Gives::Other, select),
    function("repeat", (1, 1), Gives::Other, repeat),
    function("aggregate", (1, 2), Gives::Other, aggregate),
    function("sort", (0, 8), Gives::Input, sort),
    function("iif", (2, 3), Gives::Other, iif),
    function("trace", (1, 2), Gives::Input, trace),
];

impl<'a> Evaluator<'_, 'a> {
    /// Asks the first argument of an item.
    fn ask(&mut self, call: &Call<'_, 'a>, argument: &'a Expr, item: &Item<'a>, index: usize) -> Outcome<'a> {
        let this = Collection::of(item.clone());
        self.evaluate(argument, Frame { this: &this, index: Some(index), total: call.frame.total })
    }

    pub(super) fn criterion(
        &mut self,
        call: &Call<'_, 'a>,
        item: &Item<'a>,
        index: usize,
    ) -> Result<Truth, EvaluationError> {
        let Some(argument) = call.argument(0) else { return Ok(Truth { value: None, doubt: None }) };
        self.ask(call, argument, item, index)?.truth().map_err(|kind| call.error(kind))
    }
}

/// `where`: what could not be decided is left out, and that it may belong here is remembered.
pub(super) fn keep<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let mut kept = Collection { items: Vec::new(), doubt: call.input.doubt };
    for (index, item) in call.input.items.iter().enumerate() {
        let truth = evaluator.criterion(&call, item, index)?;
        let is_kept = truth.value == Some(true);
        if is_kept {
            kept.items.push(item.clone());
        }
        let doubt = truth.doubt.map(|doubt| Doubt { is_open: !is_kept, ..doubt });
        kept.doubt = either(kept.doubt, doubt);
    }
    Ok(kept)
}

fn select<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let Some(argument) = call.argument(0) else { return Ok(Collection::empty()) };
    let mut selected = Collection { items: Vec::new(), doubt: call.input.doubt };
    for (index, item) in call.input.items.iter().enumerate() {
        let found = evaluator.ask(&call, argument, item, index)?;
        selected.doubt = either(selected.doubt, found.doubt);
        selected.items.extend(found.items);
        selected = evaluator.sized(selected, call.span)?;
    }
    Ok(selected)
}

/// What the argument gives, and what it gives of that, until nothing new comes.
fn repeat<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let Some(argument) = call.argument(0) else { return Ok(Collection::empty()) };
    let mut found: Vec<Item<'a>> = Vec::new();
    let mut doubt = call.input.doubt;
    let mut waiting = call.input.items.clone();
    while !waiting.is_empty() {
        let mut next = Vec::new();
        for (index, item) in waiting.iter().enumerate() {
            let asked = evaluator.ask(&call, argument, item, index)?;
            doubt = either(doubt, asked.doubt);
            next.extend(evaluator.news(asked.items, &mut found, &call)?);
        }
        waiting = next;
    }
    evaluator.sized(Collection { items: found, doubt }, call.span)
}

impl<'a> Evaluator<'_, 'a> {
    /// Those that are not yet among `found`, and are from now on.
    fn news(
        &mut self,
        items: Vec<Item<'a>>,
        found: &mut Vec<Item<'a>>,
        call: &Call<'_, 'a>,
    ) -> Result<Vec<Item<'a>>, EvaluationError> {
        let start = found.len();
        for item in items {
            if !self.is_known(&item, found, call)? {
                found.push(item);
            }
        }
        Ok(found.iter().skip(start).cloned().collect())
    }

    /// The same place in the JSON, or an equal value.
    fn is_known(
        &mut self,
        item: &Item<'a>,
        found: &[Item<'a>],
        call: &Call<'_, 'a>,
    ) -> Result<bool, EvaluationError> {
        let is_same_place = |other: &Item<'a>| match (item, other) {
            (Item::Node(one), Item::Node(other)) => std::ptr::eq(one.value, other.value),
            _ => false,
        };
        self.spend(found.len() / 16, call.span)?;
        if found.iter().any(is_same_place) {
            return Ok(true);
        }
        self.is_among(item, found, call.span)
    }
}

fn aggregate<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let Some(argument) = call.argument(0) else { return Ok(Collection::empty()) };
    let mut total = match call.argument(1) {
        Some(start) => evaluator.evaluate(start, call.frame)?,
        None => Collection::empty(),
    };
    for (index, item) in call.input.items.iter().enumerate() {
        let this = Collection::of(item.clone());
        let frame = Frame { this: &this, index: Some(index), total: Some(&total) };
        let next = evaluator.evaluate(argument, frame)?;
        evaluator.spend(next.items.len(), call.span)?;
        total = next;
    }
    Ok(total.doubting(unsettled(call.input.doubt)))
}

/// By keys, of which one with `-` before it counts from the greatest down, text too.
fn sort<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let mut keyed = Vec::new();
    for (index, item) in call.input.items.iter().enumerate() {
        let mut keys = Vec::new();
        for argument in call.arguments {
            let key = if let Kind::Negative(of) = &argument.kind { of } else { argument };
            let found = evaluator.ask(&call, key, item, index)?;
            keys.push(found.single().map_err(|kind| call.error(kind))?.cloned());
        }
        if keys.is_empty() {
            keys.push(Some(item.clone()));
        }
        keyed.push((keys, item.clone()));
    }
    let is_down: Vec<bool> =
        call.arguments.iter().map(|argument| matches!(argument.kind, Kind::Negative(_))).collect();
    let count = keyed.len();
    evaluator.spend(count * (usize::BITS - count.leading_zeros()) as usize, call.span)?;
    let mut trouble = None;
    keyed.sort_by(|(one, _), (other, _)| {
        for (place, (one, other)) in one.iter().zip(other).enumerate() {
            let order = evaluator.order(one.as_ref(), other.as_ref()).unwrap_or_else(|kind| {
                trouble = Some(kind);
                std::cmp::Ordering::Equal
            });
            let order = if is_down.get(place) == Some(&true) { order.reverse() } else { order };
            if order.is_ne() {
                return order;
            }
        }
        std::cmp::Ordering::Equal
    });
    if let Some(kind) = trouble {
        return Err(call.error(kind));
    }
    let items = keyed.into_iter().map(|(_, item)| item).collect();
    Ok(Collection { items, doubt: call.input.doubt })
}

impl<'a> Evaluator<'_, 'a> {
    /// Nothing comes last.
    fn order(
        &self,
        one: Option<&Item<'a>>,
        other: Option<&Item<'a>>,
    ) -> Result<std::cmp::Ordering, ErrorKind> {
        let (Some(one), Some(other)) = (one, other) else { return Ok(one.is_none().cmp(&other.is_none())) };
        let less = |one, other| compare::holds(one, Operator::Less, other, self.context);
        Ok(if less(one, other)? == Ok(true) {
            std::cmp::Ordering::Less
        } else if less(other, one)? == Ok(true) {
            std::cmp::Ordering::Greater
        } else {
            std::cmp::Ordering::Equal
        })
    }
}

fn iif<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let item = call.input.single().map_err(|kind| call.error(kind))?;
    let this = match item {
        Some(_) => &call.input,
        None => call.frame.this,
    };
    let frame = Frame { this, ..call.frame };
    let Some(criterion) = call.argument(0) else { return Ok(Collection::empty()) };
    let truth = evaluator.clause(criterion, frame)?.truth().map_err(|kind| call.error(kind))?;
    let chosen = if truth.value == Some(true) { call.argument(1) } else { call.argument(2) };
    let result = chosen.map_or(Ok(Collection::empty()), |chosen| evaluator.evaluate(chosen, frame))?;
    Ok(result.doubting(unsettled(truth.doubt)))
}

/// The items as they are: what was seen is told by `explain`, never written anywhere.
fn trace<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    Ok(call.input)
}
