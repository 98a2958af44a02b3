use super::{Function, Gives, function};
use crate::collection::{Collection, unsettled};
use crate::evaluate::{Call, Evaluator, Outcome};
use crate::fault::{ErrorKind, EvaluationError};
use crate::item::{Item, Node};
use crate::model::TypeId;

pub(super) static TABLE: [Function; 8] = [
    function("children", (0, 0), Gives::Other, children),
    function("descendants", (0, 0), Gives::Other, descendants),
    function("nodesByType", (1, 1), Gives::Other, nodes_by_type),
    function("nodesByName", (1, 1), Gives::Other, nodes_by_name),
    function("type", (0, 0), Gives::Other, type_of),
    function("now", (0, 0), Gives::Other, now),
    function("today", (0, 0), Gives::Other, today),
    function("timeOfDay", (0, 0), Gives::Other, time_of_day),
];

fn children<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let mut items = Vec::new();
    for item in &call.input.items {
        if let Item::Node(node) = item {
            items.extend(node.children().into_iter().map(|(_, child)| Item::Node(child)));
        }
    }
    evaluator.spend(items.len(), call.span)?;
    Ok(Collection { items, doubt: call.input.doubt })
}

fn descendants<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    collected(evaluator, &call, |_, _| (true, true))
}

/// Elements of a type, but not those of resources within: a rule of the de-identification tools of Microsoft.
fn nodes_by_type<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let name = name(evaluator, &call)?;
    let wanted = TypeId::named(&name).ok_or(call.error(ErrorKind::Argument))?;
    collected(evaluator, &call, |_, node| {
        let is_within = node.kind.is_none_or(|kind| !kind.is_resource());
        (node.kind == Some(wanted), is_within)
    })
}

fn nodes_by_name<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let wanted = name(evaluator, &call)?;
    collected(evaluator, &call, |name, node| {
        let is_within = node.kind.is_none_or(|kind| !kind.is_resource());
        (name == wanted, is_within)
    })
}

fn name<'a>(evaluator: &mut Evaluator<'_, 'a>, call: &Call<'_, 'a>) -> Result<String, EvaluationError> {
    let found = evaluator.argument(call, 0)?;
    let name = found.single().map_err(|kind| call.error(kind))?.and_then(Item::text);
    name.map(std::borrow::Cow::into_owned).ok_or(call.error(ErrorKind::Argument))
}

/// All below in order, level by level within each, where `wish` says which to take and which to look into.
fn collected<'a>(
    evaluator: &mut Evaluator<'_, 'a>,
    call: &Call<'_, 'a>,
    wish: impl Fn(&str, &Node<'a>) -> (bool, bool),
) -> Outcome<'a> {
    let mut items = Vec::new();
    let nodes = call.input.items.iter().filter_map(|item| match item {
        Item::Node(node) => Some(*node),
        _ => None,
    });
    let mut waiting: Vec<(Node<'a>, usize)> = nodes.map(|node| (node, 0)).collect();
    waiting.reverse();
    while let Some((node, depth)) = waiting.pop() {
        if depth > evaluator.context.limits.depth {
            return Err(call.error(ErrorKind::Depth));
        }
        let children = node.children();
        evaluator.spend(1 + children.len(), call.span)?;
        for (name, child) in children.into_iter().rev() {
            let (is_taken, is_opened) = wish(name, &child);
            if is_taken {
                items.push(Item::Node(child));
            }
            if is_opened {
                waiting.push((child, depth + 1));
            }
        }
    }
    evaluator.sized(Collection { items, doubt: call.input.doubt }, call.span)
}

fn type_of<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let items = call.input.items.iter().map(|item| Item::Type(item.type_name())).collect();
    Ok(Collection { items, doubt: unsettled(call.input.doubt) })
}

fn now<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let now = evaluator.context.now.ok_or(call.error(ErrorKind::NoClock))?;
    Ok(Collection::of(Item::DateTime(now)))
}

fn today<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let now = evaluator.context.now.ok_or(call.error(ErrorKind::NoClock))?;
    Ok(Collection::of(Item::Date(now.date)))
}

fn time_of_day<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let now = evaluator.context.now.and_then(|now| now.time).ok_or(call.error(ErrorKind::NoClock))?;
    Ok(Collection::of(Item::Time(now)))
}
