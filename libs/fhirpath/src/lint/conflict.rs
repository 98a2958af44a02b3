//! Clauses that never hold together: one element that is two texts, there and empty, or above and below.

use super::Linter;
use crate::fault::Span;
use rust_decimal::Decimal;

use crate::syntax::{Expr, Kind, Literal, LiteralUnit, Operator, StepKind};

/// What a clause says of what it is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Claim<'e> {
    Is(&'e str),
    Exists,
    Empty,
    Bound(Bound<'e>),
}

/// A number that it is above or below.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Bound<'e> {
    is_above: bool,
    is_strict: bool,
    value: Decimal,
    /// As it is written; none for a bare number.
    unit: Option<&'e str>,
}

impl<'e> Bound<'e> {
    fn of(operator: Operator, literal: &'e Literal) -> Option<Self> {
        let (is_above, is_strict) = match operator {
            Operator::Greater => (true, true),
            Operator::GreaterOrEqual => (true, false),
            Operator::Less => (false, true),
            Operator::LessOrEqual => (false, false),
            _ => return None,
        };
        let (value, unit) = match literal {
            Literal::Integer(value) => (Decimal::from(*value), None),
            Literal::Decimal(value) => (*value, None),
            Literal::Quantity(value, LiteralUnit::Ucum(unit)) => (*value, Some(unit.as_str())),
            _ => return None,
        };
        Some(Bound { is_above, is_strict, value, unit })
    }

    /// Whether nothing is between the two.
    fn is_against(self, other: Self) -> bool {
        let (least, most) = if self.is_above { (self, other) } else { (other, self) };
        let is_empty =
            least.value > most.value || least.value == most.value && (least.is_strict || most.is_strict);
        self.is_above != other.is_above && self.unit == other.unit && is_empty
    }

    fn words(self) -> String {
        let side = if self.is_above { "above" } else { "below" };
        let unit = self.unit.map_or(String::new(), |unit| format!(" '{unit}'"));
        format!("{side} {}{unit}", self.value)
    }
}

impl Claim<'_> {
    fn is_against(self, other: Self) -> bool {
        match (self, other) {
            (Claim::Is(one), Claim::Is(other)) => one != other,
            (Claim::Bound(one), Claim::Bound(other)) => one.is_against(other),
            (Claim::Bound(_), Claim::Is(_)) | (Claim::Is(_), Claim::Bound(_)) => false,
            (one, other) => one != other && (one == Claim::Empty || other == Claim::Empty),
        }
    }

    fn fix(self) -> &'static str {
        match self {
            Claim::Bound(_) => "write `or` between them, or turn one of the signs",
            Claim::Is(_) => "write `or` between them, or `in ('a' | 'b')` for several texts",
            Claim::Exists | Claim::Empty => "leave one of them out, or write `or` between them",
        }
    }

    fn words(self) -> String {
        match self {
            Claim::Is(text) => format!("'{text}'"),
            Claim::Exists => "there".to_owned(),
            Claim::Empty => "empty".to_owned(),
            Claim::Bound(bound) => bound.words(),
        }
    }
}

impl<'t> Linter<'t> {
    /// Tells of two operands of `and` that are against each other.
    pub(super) fn conflicts(&mut self, first: &Expr, rest: &[(Operator, Expr)]) {
        let mut said: Vec<(&str, Claim<'_>)> = self.claim(first).into_iter().collect();
        for (operator, operand) in rest {
            let Some((about, claim)) = self.claim(operand).filter(|_| *operator == Operator::And) else {
                continue;
            };
            let against = |(other, before): &&(&str, Claim<'_>)| *other == about && before.is_against(claim);
            if let Some((_, before)) = said.iter().find(against) {
                let what = format!("{about} is never {} and {} at once", before.words(), claim.words());
                self.tell(operand.span, what, claim.fix());
                return;
            }
            said.push((about, claim));
        }
    }

    /// What a clause is about, word for word, and what it says of that.
    fn claim<'e>(&self, clause: &'e Expr) -> Option<(&'t str, Claim<'e>)> {
        match &clause.kind {
            Kind::Chain { first, rest } => {
                let [(operator, Expr { kind: Kind::Literal(literal), .. })] = rest.as_slice() else {
                    return None;
                };
                let claim = match (operator, literal) {
                    (Operator::Equal, Literal::Text(text)) => Claim::Is(text),
                    (operator, literal) => Claim::Bound(Bound::of(*operator, literal)?),
                };
                Some((self.written(first.span), claim))
            }
            Kind::Path { head, steps } => {
                let [before @ .., last] = steps.as_slice() else { return None };
                let StepKind::Call(function, arguments) = &last.kind else { return None };
                let claim = match function.name {
                    "exists" if arguments.is_empty() => Claim::Exists,
                    "empty" => Claim::Empty,
                    _ => return None,
                };
                let start = head.as_deref().map(|head| head.span).or(before.first().map(|step| step.span))?;
                let end = before.last().map_or(start, |step| step.span);
                Some((self.written(start.to(end)), claim))
            }
            _ => None,
        }
    }

    fn written(&self, span: Span) -> &'t str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}
