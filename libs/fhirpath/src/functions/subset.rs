use super::{Function, Gives, function};
use crate::collection::{Collection, either, unsettled};
use crate::evaluate::{Call, Evaluator, Outcome};
use crate::fault::{ErrorKind, EvaluationError};
use crate::item::Item;

pub(super) static TABLE: [Function; 10] = [
    function("single", (0, 0), Gives::Input, single),
    function("first", (0, 0), Gives::Input, first),
    function("last", (0, 0), Gives::Input, last),
    function("tail", (0, 0), Gives::Input, tail),
    function("skip", (1, 1), Gives::Input, skip),
    function("take", (1, 1), Gives::Input, take),
    function("intersect", (1, 1), Gives::Input, intersect),
    function("exclude", (1, 1), Gives::Input, exclude),
    function("union", (1, 1), Gives::Other, union),
    function("combine", (1, 1), Gives::Other, combine),
];

/// Some of the items by their place, which is not sure where one may be missing.
fn by_place<'a>(
    input: Collection<'a>,
    choose: impl FnOnce(Vec<Item<'a>>) -> Vec<Item<'a>>,
) -> Collection<'a> {
    Collection { items: choose(input.items), doubt: unsettled(input.doubt) }
}

fn single<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    call.single()?;
    Ok(call.input)
}

fn first<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    Ok(by_place(call.input, |items| items.into_iter().take(1).collect()))
}

fn last<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    Ok(by_place(call.input, |mut items| items.pop().into_iter().collect()))
}

fn tail<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    Ok(by_place(call.input, |items| items.into_iter().skip(1).collect()))
}

fn skip<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let count = evaluator.amount(&call)?;
    Ok(by_place(call.input, |items| items.into_iter().skip(count).collect()))
}

fn take<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let count = evaluator.amount(&call)?;
    Ok(by_place(call.input, |items| items.into_iter().take(count).collect()))
}

impl<'a> Evaluator<'_, 'a> {
    /// The integer of the first argument; less than nothing is nothing.
    fn amount(&mut self, call: &Call<'_, 'a>) -> Result<usize, EvaluationError> {
        let count = self.integer(call, 0)?.ok_or(call.error(ErrorKind::Argument))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// An argument as an integer, if there is one.
    pub(super) fn integer(
        &mut self,
        call: &Call<'_, 'a>,
        place: usize,
    ) -> Result<Option<i64>, EvaluationError> {
        let found = self.argument(call, place)?;
        match found.single().map_err(|kind| call.error(kind))?.map(Item::read) {
            None => Ok(None),
            Some(Ok(Item::Integer(value))) => Ok(Some(value)),
            Some(_) => Err(call.error(ErrorKind::Mismatch)),
        }
    }
}

fn intersect<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let other = evaluator.argument(&call, 0)?;
    let doubt = unsettled(either(call.input.doubt, other.doubt));
    let mut items: Vec<Item<'a>> = Vec::new();
    for item in call.input.items {
        if evaluator.is_among(&item, &other.items, call.span)?
            && !evaluator.is_among(&item, &items, call.span)?
        {
            items.push(item);
        }
    }
    Ok(Collection { items, doubt })
}

fn exclude<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let other = evaluator.argument(&call, 0)?;
    let doubt = unsettled(either(call.input.doubt, other.doubt));
    let mut items = Vec::new();
    for item in call.input.items {
        if !evaluator.is_among(&item, &other.items, call.span)? {
            items.push(item);
        }
    }
    Ok(Collection { items, doubt })
}

fn union<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let other = evaluator.argument(&call, 0)?;
    evaluator.union(call.input, other, call.span)
}

fn combine<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let other = evaluator.argument(&call, 0)?;
    let doubt = either(call.input.doubt, other.doubt);
    Ok(Collection { items: call.input.items.into_iter().chain(other.items).collect(), doubt })
}
