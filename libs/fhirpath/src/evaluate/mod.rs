//! A tree and a context become items, within limits.

mod operators; // Logic, membership, union, joining.
pub(crate) mod compare; // Which is more, and whether that can be said.
pub(crate) mod equal; // Whether two are the same.
mod arithmetic; // Sums, products, and moments with durations.

use std::borrow::Cow;

use crate::budget::Budget;
use crate::collection::{Collection, either, unsettled};
use crate::context::Context;
use crate::fault::{ErrorKind, EvaluationError, Span};
use crate::functions::Function;
use crate::item::{Item, Node, TypeName};
use crate::model::Nature;
use crate::quantity::{Quantity, Unit};
use crate::syntax::{
    Expr, Kind, Literal, LiteralUnit, Operator, Step, StepKind, SystemType, TypeRef, TypeTest, Variable,
};
use crate::trace::Recorder;

pub(crate) type Outcome<'a> = Result<Collection<'a>, EvaluationError>;

pub(crate) struct Evaluator<'c, 'a> {
    pub(crate) context: &'c Context<'a>,
    pub(crate) budget: Budget,
    pub(crate) recorder: Option<Recorder>,
}

/// What `$this`, `$index` and `$total` are.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'f, 'a> {
    pub(crate) this: &'f Collection<'a>,
    pub(crate) index: Option<usize>,
    pub(crate) total: Option<&'f Collection<'a>>,
}

/// A function is asked for.
pub(crate) struct Call<'f, 'a> {
    pub(crate) input: Collection<'a>,
    pub(crate) arguments: &'a [Expr],
    pub(crate) frame: Frame<'f, 'a>,
    pub(crate) span: Span,
}

impl<'a> Call<'_, 'a> {
    pub(crate) fn argument(&self, place: usize) -> Option<&'a Expr> {
        self.arguments.get(place)
    }

    pub(crate) fn error(&self, kind: ErrorKind) -> EvaluationError {
        EvaluationError { kind, clause: self.span }
    }

    /// The one item of the input.
    pub(crate) fn single(&self) -> Result<Option<Item<'a>>, EvaluationError> {
        self.input.single().map(|item| item.cloned()).map_err(|kind| self.error(kind))
    }
}

impl<'c, 'a> Evaluator<'c, 'a> {
    pub(crate) fn new(context: &'c Context<'a>, recorder: Option<Recorder>) -> Self {
        Evaluator { context, budget: Budget::of(&context.limits), recorder }
    }

    pub(crate) fn run(&mut self, expr: &'a Expr) -> Outcome<'a> {
        let this = self.root();
        self.clause(expr, Frame { this: &this, index: None, total: None })
    }

    /// What is asked about; what is not there, such as a resource that was deleted, is JSON null.
    fn root(&self) -> Collection<'a> {
        let root = self.context.root;
        Collection::of((!root.value.is_null()).then_some(Item::Node(root)))
    }

    /// Pays for `steps` operations.
    pub(crate) fn spend(&mut self, steps: usize, clause: Span) -> Result<(), EvaluationError> {
        self.budget.spend(steps).map_err(|kind| EvaluationError { kind, clause })
    }

    /// Pays for a text that was made.
    pub(crate) fn spend_text(&mut self, bytes: usize, clause: Span) -> Result<(), EvaluationError> {
        if bytes > self.context.limits.text_bytes {
            return Err(EvaluationError { kind: ErrorKind::Size, clause });
        }
        self.spend(bytes / 64, clause)
    }

    pub(crate) fn sized(&self, collection: Collection<'a>, clause: Span) -> Outcome<'a> {
        if collection.items.len() > self.context.limits.items {
            return Err(EvaluationError { kind: ErrorKind::Size, clause });
        }
        Ok(collection)
    }

    /// A part that decides something: it is told to who asks why.
    pub(crate) fn clause(&mut self, expr: &'a Expr, frame: Frame<'_, 'a>) -> Outcome<'a> {
        if self.recorder.is_none() {
            return self.evaluate(expr, frame);
        }
        let place = self.recorder.as_mut().and_then(|recorder| recorder.open(expr.span));
        let outcome = self.evaluate(expr, frame);
        if let (Some(recorder), Some(place)) = (&mut self.recorder, place) {
            recorder.close(place, &outcome);
        }
        outcome
    }

    pub(crate) fn evaluate(&mut self, expr: &'a Expr, frame: Frame<'_, 'a>) -> Outcome<'a> {
        self.spend(1, expr.span)?;
        match &expr.kind {
            Kind::Literal(literal) => Ok(value_of(literal)),
            Kind::Variable(variable) => self.variable(variable, frame, expr.span),
            Kind::Path { head, steps } => self.path(head.as_deref(), steps, frame),
            Kind::Negative(of) => {
                let of = self.evaluate(of, frame)?;
                arithmetic::negative(&of).map_err(|kind| EvaluationError { kind, clause: expr.span })
            }
            Kind::Positive(of) => {
                let value = self.evaluate(of, frame)?;
                arithmetic::positive(value).map_err(|kind| EvaluationError { kind, clause: expr.span })
            }
            Kind::Chain { first, rest } => self.chain(first, rest, frame),
            Kind::Typed { of, tests } => {
                let mut value = self.evaluate(of, frame)?;
                for (test, kind) in tests {
                    value = self.typed(value, *test, *kind, expr.span)?;
                }
                Ok(value)
            }
        }
    }

    fn chain(&mut self, first: &'a Expr, rest: &'a [(Operator, Expr)], frame: Frame<'_, 'a>) -> Outcome<'a> {
        let is_logical = rest.first().is_some_and(|(operator, _)| operator.is_logical());
        let mut left = if is_logical { self.clause(first, frame) } else { self.operand(first, frame) }?;
        for (operator, right) in rest {
            let span = first.span.to(right.span);
            left = self.operate(left, (*operator, right), frame, span)?;
        }
        Ok(left)
    }

    /// A value that a clause is about, told to who asks for values.
    fn operand(&mut self, expr: &'a Expr, frame: Frame<'_, 'a>) -> Outcome<'a> {
        let outcome = self.evaluate(expr, frame)?;
        if let Some(recorder) = self.recorder.as_mut().filter(|it| it.with_values)
            && !matches!(expr.kind, Kind::Literal(_))
        {
            recorder.value(expr.span, &outcome);
        }
        Ok(outcome)
    }

    fn variable(&mut self, variable: &'a Variable, frame: Frame<'_, 'a>, span: Span) -> Outcome<'a> {
        let context = self.context;
        Ok(match variable {
            Variable::This => frame.this.clone(),
            Variable::Index => Collection::of(frame.index.map(|index| Item::Integer(index as i64))),
            Variable::Total => frame.total.cloned().unwrap_or_default(),
            Variable::Current => self.root(),
            Variable::Root => Collection::of(Item::Node(context.container.map_or(context.root, Node::root))),
            Variable::Previous => Collection::of(context.previous.map(Item::Node)),
            Variable::Constant(text) => Collection::of(Item::Text(Cow::Borrowed(text))),
            Variable::Named(name) => {
                let found = context.variables.iter().find(|(set, _)| set == name);
                let (_, value) = found.ok_or(EvaluationError { kind: ErrorKind::Unset, clause: span })?;
                let mut items = Vec::new();
                match value.as_array() {
                    Some(values) => items.extend(values.iter().map(|value| Item::Node(Node::root(value)))),
                    None => items.push(Item::Node(Node::root(value))),
                }
                Collection { items, doubt: None }
            }
        })
    }

    fn path(&mut self, head: Option<&'a Expr>, steps: &'a [Step], frame: Frame<'_, 'a>) -> Outcome<'a> {
        let (mut current, rest) = match (head, steps) {
            (Some(head), steps) => (self.evaluate(head, frame)?, steps),
            (None, [Step { kind: StepKind::Member(name), span }, rest @ ..]) => {
                (self.first_member(frame.this, name, *span)?, rest)
            }
            (None, steps) => (frame.this.clone(), steps),
        };
        for step in rest {
            current = match &step.kind {
                StepKind::Member(name) => self.member(&current, name, step.span)?,
                StepKind::Call(function, arguments) => {
                    self.call(function, Call { input: current, arguments, frame, span: step.span })?
                }
                StepKind::Typed(test, kind) => self.typed(current, *test, *kind, step.span)?,
                StepKind::At(index) => self.at(current, index, frame)?,
            };
        }
        Ok(current)
    }

    fn call(&mut self, function: &'static Function, call: Call<'_, 'a>) -> Outcome<'a> {
        let span = call.span;
        self.spend(1 + call.input.items.len(), span)?;
        let result = (function.body)(self, call)?;
        self.sized(result, span)
    }

    /// The first name of a path may be the type of what it starts at: `Patient.name`.
    fn first_member(&mut self, this: &Collection<'a>, name: &str, span: Span) -> Outcome<'a> {
        let is_type = |item: &Item<'a>| match item {
            Item::Node(Node { kind: Some(kind), .. }) => {
                crate::model::TypeId::named(name).is_some_and(|named| kind.is_a(named))
            }
            _ => false,
        };
        if name.starts_with(|first: char| first.is_ascii_uppercase()) && this.items.iter().any(is_type) {
            let items = this.items.iter().filter(|item| is_type(item)).cloned().collect();
            return Ok(Collection { items, doubt: this.doubt });
        }
        self.member(this, name, span)
    }

    pub(crate) fn member(&mut self, input: &Collection<'a>, name: &str, span: Span) -> Outcome<'a> {
        let mut items = Vec::new();
        for item in &input.items {
            match item {
                Item::Node(node) => node.members(name, &mut items),
                Item::Type(TypeName { namespace, name: own }) => match name {
                    "namespace" => items.push(Item::Text(Cow::Borrowed(namespace))),
                    "name" => items.push(Item::Text(Cow::Borrowed(own))),
                    _ => {}
                },
                _ => {}
            }
        }
        self.spend(input.items.len() + items.len(), span)?;
        self.sized(Collection { items, doubt: input.doubt }, span)
    }

    fn at(&mut self, input: Collection<'a>, index: &'a Expr, frame: Frame<'_, 'a>) -> Outcome<'a> {
        let fail = |kind| EvaluationError { kind, clause: index.span };
        let at = self.evaluate(index, frame)?;
        let place = match at.single().map_err(fail)?.map(Item::read) {
            None => return Ok(Collection::empty().doubting(at.doubt)),
            Some(Ok(Item::Integer(place))) => usize::try_from(place).ok(),
            Some(_) => return Err(fail(ErrorKind::Mismatch)),
        };
        let doubt = unsettled(either(input.doubt, at.doubt));
        let item = place.and_then(|place| input.items.into_iter().nth(place));
        Ok(Collection::of(item).doubting(doubt))
    }

    fn typed(&self, input: Collection<'a>, test: TypeTest, kind: TypeRef, clause: Span) -> Outcome<'a> {
        let fail = |kind| EvaluationError { kind, clause };
        match test {
            TypeTest::Is => {
                let is = input.single().map_err(fail)?.map(|item| Item::Boolean(is_a(item, kind)));
                Ok(Collection::of(is).doubting(unsettled(input.doubt)))
            }
            TypeTest::As => {
                let item = input.single().map_err(fail)?.filter(|item| is_taken_as(item, kind)).cloned();
                Ok(Collection::of(item).doubting(input.doubt))
            }
            TypeTest::OfType => {
                let items = input.items.into_iter().filter(|item| is_taken_as(item, kind)).collect();
                Ok(Collection { items, doubt: input.doubt })
            }
        }
    }

    /// Evaluates an argument that does not depend on the items of the input.
    pub(crate) fn argument(&mut self, call: &Call<'_, 'a>, place: usize) -> Outcome<'a> {
        match call.argument(place) {
            Some(argument) => self.evaluate(argument, call.frame),
            None => Ok(Collection::empty()),
        }
    }
}

/// Whether an item is of a type or one made from it.
fn is_a(item: &Item<'_>, kind: TypeRef) -> bool {
    match item {
        Item::Node(Node { kind: Some(own), .. }) => kind.fhir.is_some_and(|fhir| own.is_a(fhir)),
        _ => kind.system.is_some_and(|system| is_system(item, system)),
    }
}

/// `as` and `ofType` take a primitive by exactly its type: a code is not taken as a string.
fn is_taken_as(item: &Item<'_>, kind: TypeRef) -> bool {
    match item {
        Item::Node(Node { kind: Some(own), .. }) => {
            let is_whole = matches!(own.nature(), Nature::Complex | Nature::Quantity);
            kind.fhir.is_some_and(|fhir| *own == fhir || (is_whole && own.is_a(fhir)))
        }
        _ => is_a(item, kind),
    }
}

/// Plain JSON has no types but ours: an object with a number and its unit is a quantity.
fn is_system(item: &Item<'_>, system: SystemType) -> bool {
    match item {
        Item::Node(node) => match node.read() {
            Ok(Some(value)) => is_system(&value, system),
            Ok(None) | Err(_) => system == SystemType::Any,
        },
        _ => system == SystemType::Any || item.type_name().name == system.name(),
    }
}

fn value_of<'a>(literal: &'a Literal) -> Collection<'a> {
    let item = match literal {
        Literal::Empty => return Collection::empty(),
        Literal::Boolean(value) => Item::Boolean(*value),
        Literal::Integer(value) => Item::Integer(*value),
        Literal::Decimal(value) => Item::Decimal(*value),
        Literal::Text(text) => Item::Text(Cow::Borrowed(text)),
        Literal::Date(date) => Item::Date(*date),
        Literal::DateTime(moment) => Item::DateTime(*moment),
        Literal::Time(time) => Item::Time(*time),
        Literal::Quantity(value, LiteralUnit::Calendar(unit)) => {
            Item::Quantity(Quantity::new(*value, Unit::Calendar(*unit)))
        }
        Literal::Quantity(value, LiteralUnit::Ucum(code)) => {
            Item::Quantity(Quantity::new(*value, Unit::code(code)))
        }
    };
    Collection::of(item)
}
