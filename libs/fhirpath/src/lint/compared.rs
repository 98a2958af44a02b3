//! What is never comparable, and what is no criterion.

use super::Linter;
use super::kind::{Class, Type, Types, class, nature, type_name};
use crate::fault::Span;
use crate::model::Nature;

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

    pub(super) fn comparison(&mut self, left: &Types<'t>, right: &Types<'t>, span: Span) {
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
            return;
        }
        let name = |types: &[Type<'t>]| types.first().map_or("", |kind| type_name(*kind));
        let what = format!("{} is never comparable with {}", name(left), name(right));
        let classes = [class(nature(left[0])), class(nature(right[0]))];
        let fix = if classes.contains(&Class::Quantity) && classes.contains(&Class::Number) {
            "give the number a unit, such as 6.0 'mmol/L', or compare `.value`"
        } else if classes.contains(&Class::Complex) {
            "compare an element of it, such as `.coding.code`"
        } else {
            "compare values of one type, such as a date with @2024-03-01"
        };
        self.tell(span, what, fix);
    }
}
