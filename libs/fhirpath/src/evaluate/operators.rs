use std::borrow::Cow;

use super::{Evaluator, Frame, Outcome, compare, equal};
use crate::collection::{Collection, Doubt, Truth, either, unsettled};
use crate::fault::{ErrorKind, EvaluationError, Span};
use crate::item::Item;
use crate::reason::Reason;
use crate::syntax::{Expr, Operator};

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn operate(
        &mut self,
        left: Collection<'a>,
        (operator, right): (Operator, &'a Expr),
        frame: Frame<'_, 'a>,
        span: Span,
    ) -> Outcome<'a> {
        self.spend(1, span)?;
        if operator.is_logical() {
            return self.logic(&left, (operator, right), frame, span);
        }
        let right = self.operand(right, frame)?;
        match operator {
            Operator::Equal => self.equality(&left, &right, span),
            Operator::NotEqual => Ok(self
                .equality(&left, &right, span)?
                .truth()
                .map_or_else(|_| Collection::empty(), |truth| truth.not().into_collection())),
            Operator::Equivalent => self.equivalence(&left, &right, span).map(Truth::into_collection),
            Operator::NotEquivalent => {
                self.equivalence(&left, &right, span).map(|truth| truth.not().into_collection())
            }
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                self.inequality(&left, operator, &right, span)
            }
            Operator::In => self.membership(&left, &right, span),
            Operator::Contains => self.membership(&right, &left, span),
            Operator::Union => self.union(left, right, span),
            Operator::Join => self.join(&left, &right, span),
            Operator::Plus
            | Operator::Minus
            | Operator::Times
            | Operator::Divide
            | Operator::Div
            | Operator::Mod => self.arithmetic(&left, operator, &right, span),
            Operator::Implies | Operator::Or | Operator::Xor | Operator::And => Ok(left),
        }
    }

    /// N1 §6.5. What the left side settles leaves the right side unasked.
    fn logic(
        &mut self,
        left: &Collection<'a>,
        (operator, right): (Operator, &'a Expr),
        frame: Frame<'_, 'a>,
        clause: Span,
    ) -> Outcome<'a> {
        let truth =
            |collection: &Collection<'a>| collection.truth().map_err(|kind| EvaluationError { kind, clause });
        let left = truth(left)?;
        let settled = match operator {
            Operator::And => left.is_surely(false).then_some(false),
            Operator::Or => left.is_surely(true).then_some(true),
            Operator::Implies => left.is_surely(false).then_some(true),
            _ => None,
        };
        if let Some(value) = settled {
            return Ok(Collection::boolean(value));
        }
        let right = truth(&self.clause(right, frame)?)?;
        let result = match operator {
            Operator::And => left.and(right),
            Operator::Or => left.or(right),
            Operator::Xor => left.xor(right),
            _ => left.not().or(right),
        };
        Ok(result.into_collection())
    }

    pub(crate) fn equality(
        &mut self,
        left: &Collection<'a>,
        right: &Collection<'a>,
        clause: Span,
    ) -> Outcome<'a> {
        let doubt = unsettled(either(left.doubt, right.doubt));
        if left.items.is_empty() || right.items.is_empty() {
            return Ok(Collection::empty().doubting(doubt));
        }
        if left.items.len() != right.items.len() {
            return Ok(Collection::boolean(false).doubting(doubt));
        }
        self.spend(left.items.len(), clause)?;
        let mut unknown = None;
        for (one, other) in left.items.iter().zip(&right.items) {
            match self.same(one, other, clause)? {
                Ok(true) => {}
                Ok(false) => return Ok(Collection::boolean(false).doubting(doubt)),
                Err(kind) => unknown = unknown.or(Some(kind)),
            }
        }
        Ok(match unknown {
            Some(kind) => Collection::unknown(kind, clause),
            None => Collection::boolean(true),
        }
        .doubting(doubt))
    }

    /// N1 §6.1.2: in any order, and never empty.
    pub(crate) fn equivalence(
        &mut self,
        left: &Collection<'a>,
        right: &Collection<'a>,
        clause: Span,
    ) -> Result<Truth, EvaluationError> {
        let doubt = unsettled(either(left.doubt, right.doubt));
        if left.items.len() != right.items.len() {
            return Ok(Truth { value: Some(false), doubt });
        }
        let mut rest: Vec<&Item<'a>> = right.items.iter().collect();
        for one in &left.items {
            match self.alike(one, &rest, clause)? {
                Ok(place) => drop(rest.remove(place)),
                Err(unknown) => return Ok(Truth { value: Some(false), doubt: either(doubt, unknown) }),
            }
        }
        Ok(Truth { value: Some(true), doubt })
    }

    /// The place of an item that is alike, or what is in doubt where none is.
    fn alike(
        &mut self,
        one: &Item<'a>,
        others: &[&Item<'a>],
        clause: Span,
    ) -> Result<Result<usize, Option<Doubt>>, EvaluationError> {
        self.spend(others.len(), clause)?;
        let mut doubt = None;
        for (place, other) in others.iter().enumerate() {
            let (is_alike, unknown) = equal::equivalent(one, other, self.context, clause)?;
            if is_alike {
                return Ok(Ok(place));
            }
            doubt = doubt.or(unknown.map(|kind| Doubt { reason: Reason { kind, clause }, is_open: false }));
        }
        Ok(Err(doubt))
    }

    fn inequality(
        &mut self,
        left: &Collection<'a>,
        operator: Operator,
        right: &Collection<'a>,
        clause: Span,
    ) -> Outcome<'a> {
        let fail = |kind| EvaluationError { kind, clause };
        let doubt = unsettled(either(left.doubt, right.doubt));
        let (Some(one), Some(other)) = (left.single().map_err(fail)?, right.single().map_err(fail)?) else {
            return Ok(Collection::empty().doubting(doubt));
        };
        Ok(match compare::holds(one, operator, other, self.context).map_err(fail)? {
            Ok(value) => Collection::boolean(value),
            Err(kind) => Collection::unknown(kind, clause),
        }
        .doubting(doubt))
    }

    fn membership(&mut self, item: &Collection<'a>, among: &Collection<'a>, clause: Span) -> Outcome<'a> {
        let one = item.single().map_err(|kind| EvaluationError { kind, clause })?;
        let Some(one) = one else { return Ok(Collection::empty().doubting(unsettled(item.doubt))) };
        let found = self.find(one, among, clause)?;
        Ok(found.doubting(unsettled(item.doubt)))
    }

    /// Whether an item is among others; found is sure even where others are missing.
    pub(crate) fn find(&mut self, one: &Item<'a>, among: &Collection<'a>, clause: Span) -> Outcome<'a> {
        self.spend(among.items.len(), clause)?;
        let mut unknown = None;
        for other in &among.items {
            match self.same(one, other, clause)? {
                Ok(true) => {
                    let doubt = among.doubt.filter(|doubt| !doubt.is_open);
                    return Ok(Collection::boolean(true).doubting(doubt));
                }
                Ok(false) => {}
                Err(kind) => unknown = unknown.or(Some(kind)),
            }
        }
        let doubt = unknown.map(|kind| Doubt { reason: Reason { kind, clause }, is_open: false });
        Ok(Collection::boolean(false).doubting(doubt).doubting(unsettled(among.doubt)))
    }

    /// Both, without what is there already.
    pub(crate) fn union(&mut self, left: Collection<'a>, right: Collection<'a>, clause: Span) -> Outcome<'a> {
        let doubt = either(left.doubt, right.doubt);
        let mut items: Vec<Item<'a>> = Vec::new();
        for item in left.items.into_iter().chain(right.items) {
            if !self.is_among(&item, &items, clause)? {
                items.push(item);
            }
        }
        self.sized(Collection { items, doubt }, clause)
    }

    pub(crate) fn is_among(
        &mut self,
        item: &Item<'a>,
        items: &[Item<'a>],
        clause: Span,
    ) -> Result<bool, EvaluationError> {
        self.spend(1 + items.len(), clause)?;
        for other in items {
            if self.same(item, other, clause)? == Ok(true) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn same(
        &mut self,
        one: &Item<'a>,
        other: &Item<'a>,
        clause: Span,
    ) -> Result<Result<bool, crate::reason::ReasonKind>, EvaluationError> {
        equal::equal(one, other, self.context, clause)
    }

    /// N1 §6.6.9: empty is an empty text.
    fn join(&mut self, left: &Collection<'a>, right: &Collection<'a>, clause: Span) -> Outcome<'a> {
        let part = |collection: &Collection<'a>| {
            let item = collection.single().map_err(|kind| EvaluationError { kind, clause })?;
            let mismatch = EvaluationError { kind: ErrorKind::Mismatch, clause };
            item.map_or(Ok(Cow::Borrowed("")), |item| item.text().ok_or(mismatch))
        };
        let text = format!("{}{}", part(left)?, part(right)?);
        self.spend_text(text.len(), clause)?;
        let doubt = unsettled(either(left.doubt, right.doubt));
        Ok(Collection::of(Item::Text(Cow::Owned(text))).doubting(doubt))
    }
}
