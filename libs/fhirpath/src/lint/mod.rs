//! What is likely wrong with an expression, seen before it runs.

mod kind; // What an item can be.
mod literal; // Units and patterns as they are written.
mod codes; // Codes that an element never has.
mod compared; // What is never comparable, and no criterion.
mod conflict; // Clauses that never hold together.
mod json; // Where plain JSON is asked.

use serde_json::Value;

use self::json::is_near;
use self::kind::{Type, Types, may_repeat, number, of_shape, type_name};
use crate::bound::Bound;
use crate::context::Context;
use crate::decision::Decision;
use crate::evaluate::Evaluator;
use crate::fault::{CompileError, Span};
use crate::functions::{Function, Gives};
use crate::model::TypeId;
use crate::paths::{asks_items, read_by};
use crate::shape::Shape;
use crate::syntax::{Expr, Kind, Operator, Step, StepKind, SystemType, TypeRef, TypeTest, Variable};

/// A part of an expression that does not do what it seems to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lint {
    pub span: Span,
    pub line: usize,
    pub column: usize,
    pub what: String,
    pub fix: String,
    /// Whether it is so for whatever comes; otherwise it is likely.
    pub is_certain: bool,
}

pub(crate) fn of(root: &Expr, text: &str, resource_type: &str) -> Vec<Lint> {
    run(root, text, TypeId::resource(resource_type).map(|kind| vec![Type::Fhir(kind)]))
}

pub(crate) fn of_json(root: &Expr, text: &str, shape: &Shape) -> Vec<Lint> {
    run(root, text, of_shape(shape))
}

pub(crate) fn of_criterion(root: &Expr, text: &str, resource_type: &str) -> Option<Lint> {
    let start = TypeId::resource(resource_type).map(|kind| vec![Type::Fhir(kind)]);
    let mut linter = Linter { text, root: start.clone(), found: Vec::new(), repeating: Vec::new() };
    let types = linter.expr(root, &start);
    linter.found.clear();
    linter.criterion(&types, root.span);
    linter.found.pop()
}

fn run<'t>(root: &Expr, text: &'t str, start: Types<'t>) -> Vec<Lint> {
    let mut linter = Linter { text, root: start.clone(), found: Vec::new(), repeating: Vec::new() };
    linter.expr(root, &start);
    if linter.found.is_empty() && read_by(root).is_empty() {
        linter.constant(root);
    }
    linter.found
}

struct Linter<'t> {
    text: &'t str,
    root: Types<'t>,
    found: Vec<Lint>,
    /// Paths to what there may be several of.
    repeating: Vec<Span>,
}

impl<'t> Linter<'t> {
    fn tell(&mut self, span: Span, what: String, fix: &str) {
        self.say(span, (what, fix), true);
    }

    fn say(&mut self, span: Span, (what, fix): (String, &str), is_certain: bool) {
        let CompileError { line, column, what, fix, .. } =
            CompileError::new(self.text, span.start as usize, what, fix);
        self.found.push(Lint { span, line, column, what, fix, is_certain });
    }

    fn expr(&mut self, expr: &Expr, focus: &Types<'t>) -> Types<'t> {
        match &expr.kind {
            Kind::Literal(literal) => self.literal(literal, expr.span),
            Kind::Variable(variable) => self.variable((variable, expr.span), focus),
            Kind::Path { head, steps } => self.path((head.as_deref(), expr.span), steps, focus),
            Kind::Negative(of) | Kind::Positive(of) => self.expr(of, focus),
            Kind::Chain { first, rest } => self.chain(first, rest, focus),
            Kind::Typed { of, tests } => {
                let mut types = self.expr(of, focus);
                for (test, kind) in tests {
                    types = self.typed(types, *test, *kind, expr.span);
                }
                types
            }
        }
    }

    fn variable(&mut self, (variable, span): (&Variable, Span), focus: &Types<'t>) -> Types<'t> {
        match variable {
            Variable::This => focus.clone(),
            Variable::Index => Some(vec![Type::System(SystemType::Integer)]),
            Variable::Constant(_) => Some(vec![Type::System(SystemType::String)]),
            Variable::Previous if self.is_of_json() => {
                let what = "%previous is always empty: this has no version before".to_owned();
                self.tell(span, what, "ask what is there now");
                None
            }
            Variable::Current | Variable::Previous => self.root.clone(),
            Variable::Total | Variable::Root | Variable::Named(_) => None,
        }
    }

    fn path(&mut self, (head, span): (Option<&Expr>, Span), steps: &[Step], focus: &Types<'t>) -> Types<'t> {
        let mut repeats = false;
        let mut current = match head {
            Some(head) => self.expr(head, focus),
            None => focus.clone(),
        };
        let mut is_ordered = true;
        for (place, step) in steps.iter().enumerate() {
            let is_start = head.is_none() && place == 0;
            current = match &step.kind {
                StepKind::Member(name) if is_start && self.is_type_of(name, &current) => current,
                StepKind::Member(name) => {
                    repeats |= may_repeat(&current, name);
                    self.member(&current, name, step.span)
                }
                StepKind::Typed(test, kind) => self.typed(current, *test, *kind, step.span),
                StepKind::At(index) => {
                    self.expr(index, focus);
                    self.ordered(is_ordered, "[…]", step.span);
                    repeats = false;
                    current
                }
                StepKind::Call(function, arguments) => {
                    let needs_order = ["first", "last", "tail", "skip", "take"].contains(&function.name);
                    self.ordered(is_ordered || !needs_order, function.name, step.span);
                    is_ordered &= !["children", "descendants"].contains(&function.name);
                    // Whoever calls something has narrowed it, as `where` and `first` do.
                    repeats = false;
                    self.call(function, (arguments, step.span), &current, focus)
                }
            };
        }
        if repeats {
            self.repeating.push(span);
        }
        current
    }

    fn ordered(&mut self, is_ordered: bool, name: &str, span: Span) {
        if !is_ordered {
            let what =
                format!("children have no order, so what {name} gives may differ from server to server");
            self.tell(span, what, "name the element instead");
        }
    }

    fn is_type_of(&self, name: &str, current: &Types<'t>) -> bool {
        let named = TypeId::named(name);
        let is_of = |kind: &Type<'_>| kind.fhir().zip(named).is_some_and(|(kind, named)| kind.is_a(named));
        match current {
            Some(types) => types.iter().any(is_of),
            None => TypeId::resource(name).is_some(),
        }
    }

    fn member(&mut self, current: &Types<'t>, name: &str, span: Span) -> Types<'t> {
        let types = current.as_ref()?;
        if let [Type::Json(members)] = types.as_slice() {
            return self.member_of(members, name, span);
        }
        let mut found = Vec::new();
        let mut is_known = false;
        for kind in types {
            let Some(kind) = kind.fhir() else { continue };
            let Some(element) = kind.element(name) else { continue };
            is_known = true;
            match Bound::of(kind, name) {
                Some(bound) => found.push(Type::Code(bound)),
                None => found.extend(element.kinds.iter().copied().map(Type::Fhir)),
            }
        }
        if !is_known {
            self.unknown_element(types, name, span);
            return None;
        }
        // A resource within may be of any type.
        let is_open = found.iter().any(|kind| matches!(kind, Type::Fhir(kind) if kind.name() == "Resource"));
        if is_open { None } else { Some(found) }
    }

    fn unknown_element(&mut self, types: &[Type<'_>], name: &str, span: Span) {
        let Some(owner) = types.first() else { return };
        let what = format!("{} has no element {name}", type_name(*owner));
        let fix =
            types.iter().copied().filter_map(Type::fhir).flat_map(TypeId::elements).find_map(|element| {
                let is_choice = element.is_choice && element.kind_of_key(name).is_some();
                let choice =
                    format!("write `{}`, or `{}.ofType(…)` for one type", element.name, element.name);
                let is_near = is_near(element.name, name);
                is_choice.then_some(choice).or(is_near.then(|| format!("did you mean `{}`?", element.name)))
            });
        let meant = match name {
            "previous" | "current" | "resource" | "context" => Some(format!("did you mean `%{name}`?")),
            "null" => Some("ask empty() or exists() instead".to_owned()),
            _ => None,
        };
        let fix = meant.or(fix);
        self.tell(span, what, &fix.unwrap_or("see the definition of the type".to_owned()));
    }

    fn typed(&mut self, current: Types<'t>, test: TypeTest, kind: TypeRef, span: Span) -> Types<'t> {
        let wanted = [kind.fhir.map(Type::Fhir), kind.system.map(Type::System)];
        let can_be = |own: &Type<'_>| match own {
            Type::Json(_) => true,
            Type::System(own) => {
                kind.system.is_some_and(|system| *own == system || system == SystemType::Any)
            }
            Type::Fhir(_) | Type::Code(_) => {
                own.fhir().zip(kind.fhir).is_some_and(|(own, fhir)| own.is_a(fhir) || fhir.is_a(own))
            }
        };
        if let Some(types) = &current
            && !types.iter().any(can_be)
        {
            let named = wanted.iter().flatten().next().map_or("that type", |kind| type_name(*kind));
            let what = format!("this can never be of type {named}");
            self.tell(span, what, "name a type that the element can have");
            return None;
        }
        match test {
            TypeTest::Is => Some(vec![Type::System(SystemType::Boolean)]),
            TypeTest::As | TypeTest::OfType => Some(wanted.into_iter().flatten().collect()),
        }
    }

    fn call(
        &mut self,
        function: &Function,
        call: (&[Expr], Span),
        input: &Types<'t>,
        focus: &Types<'t>,
    ) -> Types<'t> {
        let (arguments, span) = call;
        let asked = if asks_items(function) { input } else { focus };
        let given: Vec<Types<'t>> = arguments.iter().map(|argument| self.expr(argument, asked)).collect();
        if function.name == "iif" {
            self.criterion(given.first().unwrap_or(&None), arguments.first().map_or(span, |it| it.span));
        }
        if ["startsWith", "endsWith", "contains", "indexOf", "matches", "upper", "lower"]
            .contains(&function.name)
        {
            self.text(input, function.name, span);
        }
        if ["matches", "matchesFull", "replaceMatches"].contains(&function.name) {
            self.pattern(arguments.first());
        }
        if function.name == "resolve" {
            let what = "this finds only what is contained, or stands in the same bundle".to_owned();
            self.say(span, (what, "compare the reference itself: `.reference`, or `.identifier`"), false);
        }
        match (function.name, function.gives) {
            ("select", _) => given.into_iter().next().flatten(),
            ("extension", _) => TypeId::named("Extension").map(|kind| vec![Type::Fhir(kind)]),
            (_, Gives::Input) => input.clone(),
            (_, Gives::Boolean) => Some(vec![Type::System(SystemType::Boolean)]),
            (_, Gives::Integer) => Some(vec![Type::System(SystemType::Integer)]),
            (_, Gives::Decimal) => Some(vec![Type::System(SystemType::Decimal)]),
            (_, Gives::Text) => Some(vec![Type::System(SystemType::String)]),
            (_, Gives::Other) => None,
        }
    }

    fn chain(&mut self, first: &Expr, rest: &[(Operator, Expr)], focus: &Types<'t>) -> Types<'t> {
        let mut left = self.expr(first, focus);
        self.conflicts(first, rest);
        for (operator, operand) in rest {
            let right = self.expr(operand, focus);
            let span = first.span.to(operand.span);
            self.never((first, &left), *operator, (operand, &right));
            self.several([first, operand], *operator);
            left = match operator {
                Operator::Union => left.zip(right).map(|(left, right)| [left, right].concat()),
                Operator::Plus
                | Operator::Minus
                | Operator::Times
                | Operator::Divide
                | Operator::Div
                | Operator::Mod => number(&left, &right),
                Operator::Join => Some(vec![Type::System(SystemType::String)]),
                Operator::Equal
                | Operator::NotEqual
                | Operator::Equivalent
                | Operator::NotEquivalent
                | Operator::Less
                | Operator::LessOrEqual
                | Operator::Greater
                | Operator::GreaterOrEqual
                | Operator::In
                | Operator::Contains => {
                    self.comparison(&left, &right, (*operator, span));
                    Some(vec![Type::System(SystemType::Boolean)])
                }
                Operator::Implies | Operator::Or | Operator::Xor | Operator::And => {
                    Some(vec![Type::System(SystemType::Boolean)])
                }
            };
        }
        left
    }

    /// An expression that reads nothing always gives the same.
    fn constant(&mut self, root: &Expr) {
        let nothing = Value::Null;
        let context = Context::of(&nothing).at("2024-01-01T00:00:00.000Z");
        let outcome = Evaluator::new(&context, None).run(root);
        if !matches!(Decision::of_outcome(&outcome, root.span), Ok(Decision::Yes)) {
            self.tell(root.span, "this reads nothing and can never be true".to_owned(), "name an element");
        }
    }
}
