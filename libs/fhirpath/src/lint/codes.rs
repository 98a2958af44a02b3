//! Codes that an element never has.
//!
//! FHIR binds many elements of type `code` to a few codes (strength `required`), so that a comparison with
//! another text never holds, whoever sends. Those of R4 and of R5 count alike.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Linter;
use super::kind::{Type, Types};
use crate::model::TypeId;
use crate::syntax::{Expr, Kind, Literal, Operator};

/// The codes that an element may have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bound {
    element: &'static str,
    codes: Vec<&'static str>,
}

impl Bound {
    /// What the element of a type is bound to, if it is.
    pub(super) fn of(kind: TypeId, name: &str) -> Option<&'static Bound> {
        let owner = kind.owner(name)?.name();
        BOUND.get(format!("{owner}.{name}").as_str())
    }

    fn read(line: &'static str) -> Option<(&'static str, Bound)> {
        let (element, codes) = line.split_once(' ')?;
        Some((element, Bound { element, codes: codes.split('|').collect() }))
    }

    /// What may be written instead.
    fn fix(&self) -> String {
        let codes = self.codes.join(", ");
        format!("it is one of {codes}; of a sender that keeps to none of them, compare `toString()`")
    }
}

static BOUND: LazyLock<HashMap<&'static str, Bound>> = LazyLock::new(|| {
    include_str!("../../data/codes.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(Bound::read)
        .collect()
});

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
                self.tell(text.span, format!("{} is never '{written}'", bound.element), &bound.fix());
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
