//! What is never comparable, or not with everything that may come, and what is no criterion.

use super::Linter;
use super::kind::{Class, Type, Types, class, nature, type_name};
use crate::fault::Span;
use crate::model::Nature;
use crate::syntax::{Expr, Operator};

impl<'t> Linter<'t> {
    pub(super) fn criterion(&mut self, types: &Types<'t>, span: Span) {
        let is_boolean = |kind: &Type<'_>| nature(*kind) == Nature::Boolean;
        if types.as_ref().is_some_and(|types| !types.iter().any(is_boolean)) {
            self.tell(
                span,
                "this is no criterion: it is true whatever it holds".to_owned(),
                "compare it, or ask exists()",
            );
        }
    }

    pub(super) fn text(&mut self, types: &Types<'t>, name: &str, span: Span) {
        let is_text = |kind: &Type<'_>| nature(*kind) == Nature::Text;
        if types.as_ref().is_some_and(|types| !types.iter().any(is_text)) {
            self.tell(
                span,
                format!("{name}() needs text, and this is none"),
                "name an element that holds text",
            );
        }
    }

    pub(super) fn comparison(
        &mut self,
        left: &Types<'t>,
        right: &Types<'t>,
        (operator, span): (Operator, Span),
    ) {
        let (Some(left), Some(right)) = (left, right) else { return };
        let can_be = |one: &Type<'_>, other: &Type<'_>| {
            // An object may be a quantity.
            if matches!((one, other), (Type::Json(_), _) | (_, Type::Json(_))) {
                return true;
            }
            let (one, other) = (class(nature(*one)), class(nature(*other)));
            one == other || one == Class::Complex && other == Class::Complex
        };
        if left.is_empty()
            || right.is_empty()
            || left.iter().any(|one| right.iter().any(|other| can_be(one, other)))
        {
            if needs_one(operator) {
                self.often(left, right, span);
            }
            return;
        }
        let name = |types: &[Type<'t>]| types.first().map_or("", |kind| type_name(*kind));
        let what = format!("{} is never comparable with {}", name(left), name(right));
        let classes = [class(nature(left[0])), class(nature(right[0]))];
        let fix = if classes.contains(&Class::Quantity) && classes.contains(&Class::Number) {
            "give the number a unit, such as 6.0 'mmol/L', or compare `.value`"
        } else if classes.contains(&Class::Moment) && classes.contains(&Class::Number) {
            "write a date as @2024-03-01"
        } else if classes.contains(&Class::Text) && classes.contains(&Class::Number) {
            "write a text in quotes, such as '2823-3', and a number without"
        } else if classes.contains(&Class::Complex) {
            "compare an element of it, such as `.coding.code`"
        } else {
            "compare values of one type, such as a date with @2024-03-01"
        };
        self.tell(span, what, fix);
    }

    /// What may be a quantity and is compared with something else is undecided each time that it is one.
    fn often(&mut self, left: &[Type<'t>], right: &[Type<'t>], span: Span) {
        let is = |types: &[Type<'t>], wanted| types.iter().any(|kind| class(nature(*kind)) == wanted);
        for (choice, written) in [(left, right), (right, left)] {
            let [Type::System(_)] = written else { continue };
            let fix = match class(nature(written[0])) {
                Class::Number => {
                    "write the unit, such as 6.0 'mmol/L', or compare `.value` of `ofType(Quantity)`"
                }
                Class::Text => {
                    "write a number and its unit, such as 6.0 'mmol/L', or `ofType(string)` before"
                }
                _ => continue,
            };
            if choice.len() > 1 && is(choice, Class::Quantity) {
                let what = "of a Quantity this cannot be decided".to_owned();
                self.say(span, (what, fix), false);
            }
        }
    }

    /// What may be several things is compared with one: it is undecided whenever there are several.
    pub(super) fn several(&mut self, operands: [&Expr; 2], operator: Operator) {
        for operand in operands.into_iter().filter(|_| needs_one(operator)) {
            if self.repeating.contains(&operand.span) {
                let what = "there may be several of this, and then nobody can tell".to_owned();
                let fix = "ask whether one of them is, such as `component.exists(value > 140 'mm[Hg]')`";
                self.say(operand.span, (what, fix), false);
            }
        }
    }
}

/// Whether both sides must be one thing, and of one type, to be decided.
fn needs_one(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Equal
            | Operator::NotEqual
            | Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual
    )
}
