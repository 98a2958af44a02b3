//! Clauses that never hold together: one element that is two texts, or there and empty.

use super::Linter;
use crate::fault::Span;
use crate::syntax::{Expr, Kind, Literal, Operator, StepKind};

/// What a clause says of what it is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Claim<'e> {
    Is(&'e str),
    Exists,
    Empty,
}

impl Claim<'_> {
    fn is_against(self, other: Self) -> bool {
        match (self, other) {
            (Claim::Is(one), Claim::Is(other)) => one != other,
            (one, other) => one != other && (one == Claim::Empty || other == Claim::Empty),
        }
    }

    fn words(self) -> String {
        match self {
            Claim::Is(text) => format!("'{text}'"),
            Claim::Exists => "there".to_owned(),
            Claim::Empty => "empty".to_owned(),
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
                self.tell(
                    operand.span,
                    what,
                    "write `or` between them, or `in ('a' | 'b')` for several texts",
                );
                return;
            }
            said.push((about, claim));
        }
    }

    /// What a clause is about, word for word, and what it says of that.
    fn claim<'e>(&self, clause: &'e Expr) -> Option<(&'t str, Claim<'e>)> {
        match &clause.kind {
            Kind::Chain { first, rest } => {
                let [(Operator::Equal, Expr { kind: Kind::Literal(Literal::Text(text)), .. })] =
                    rest.as_slice()
                else {
                    return None;
                };
                Some((self.written(first.span), Claim::Is(text)))
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
