//! Codes that an element never has: a comparison with another text never holds, whoever sends.

use super::Linter;
use super::kind::{Type, Types};
use crate::bound::Bound;
use crate::syntax::{Expr, Kind, Literal, Operator};

impl<'t> Linter<'t> {
    /// Tells where one side is a text that the other never is.
    pub(super) fn never(
        &mut self,
        (one, one_types): (&Expr, &Types<'t>),
        operator: Operator,
        (other, other_types): (&Expr, &Types<'t>),
    ) {
        let is_same: fn(&str, &str) -> bool = match operator {
            Operator::Equal | Operator::NotEqual | Operator::In | Operator::Contains => {
                |one, other| one == other
            }
            // Case does not count there (N1 §6.1.2).
            Operator::Equivalent | Operator::NotEquivalent => str::eq_ignore_ascii_case,
            _ => return,
        };
        let sides = [(one_types, other), (other_types, one)];
        let bound = sides.into_iter().filter_map(|(types, texts)| bound(types).zip(Some(texts)));
        let compared =
            bound.flat_map(|(bound, texts)| literals(texts).into_iter().map(move |text| (bound, text)));
        for (bound, text) in compared {
            let Kind::Literal(Literal::Text(written)) = &text.kind else { continue };
            if !bound.codes.iter().any(|code| is_same(code, written)) {
                let codes = bound.codes.join(", ");
                let fix = format!(
                    "it is one of {codes}; of a sender that keeps to none of them, compare `toString()`"
                );
                self.tell(text.span, format!("{} is never '{written}'", bound.element), &fix);
            }
        }
    }
}

/// What items are bound to, where all are bound to the same.
fn bound(types: &Types<'_>) -> Option<&'static Bound> {
    let [Type::Code(first), others @ ..] = types.as_deref()? else { return None };
    others.iter().all(|other| *other == Type::Code(first)).then_some(first)
}

/// What is written: one literal, or several with `|` between them.
fn literals(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        Kind::Literal(_) => vec![expr],
        Kind::Chain { first, rest } => std::iter::once(&**first)
            .chain(rest.iter().map(|(_, operand)| operand))
            .flat_map(literals)
            .collect(),
        _ => Vec::new(),
    }
}
