//! An expression, compiled: as a condition with its clauses, or as a value.

use fhirpath::{Collection, Context, Decision, ErrorKind, EvaluationError, Expression, Item, Limits};
use model::{ClauseResult, limits};
use serde_json::Value;

use super::{Change, Held, clauses, undecided};
use crate::Misread;

/// An expression over a change.
#[derive(Debug)]
pub(super) struct Condition {
    text: String,
    parts: Vec<Expression>,
    /// Whether it may ask what time it is.
    asks_time: bool,
}

impl Condition {
    /// A condition about resources of a type.
    ///
    /// # Errors
    /// What is wrong with it, and where: it is no expression, names an unknown element, or can never hold.
    pub(super) fn new(text: &str, resource_type: &str) -> Result<Self, Misread> {
        let whole = compile(text)?;
        lint(&whole, resource_type)?;
        // What reads nothing is true or false for ever; anything but `true` is hardly meant.
        let is_constant = !whole.reads_present() && !whole.reads_previous();
        if let Some(lint) = whole.lint_criterion(resource_type).filter(|_| is_constant) {
            return Err(lint.into());
        }
        let clauses = clauses::split(text);
        if clauses.len() == 1 {
            return Ok(Condition::of(text, vec![whole]));
        }
        // A clause counts as it would beside `and`: one thing that is there counts as true.
        let parts = clauses.iter().map(|clause| compile(&format!("({clause}) and true")));
        Ok(Condition::of(text, parts.collect::<Result<_, _>>()?))
    }

    fn of(text: &str, parts: Vec<Expression>) -> Self {
        // A name in a literal is harmless: the time is set and nobody asks.
        let asks_time = ["now", "today", "timeOfDay"].iter().any(|name| text.contains(name));
        Condition { text: text.to_owned(), parts, asks_time }
    }

    /// A value of resources of a type.
    ///
    /// # Errors
    /// As [`Condition::new`].
    pub(super) fn value_of(text: &str, resource_type: &str) -> Result<Self, Misread> {
        let whole = compile(text)?;
        lint(&whole, resource_type)?;
        Ok(Condition::of(text, vec![whole]))
    }

    /// A comparison of `%now` and `%then`.
    ///
    /// # Errors
    /// It is no expression.
    pub(super) fn comparison(text: &str) -> Result<Self, Misread> {
        let whole = Expression::compile_with(text, &["now", "then"])?;
        Ok(Condition::of(text, vec![whole]))
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The clauses, as their results are counted.
    pub(super) fn clauses(&self) -> Vec<String> {
        clauses::split(&self.text).into_iter().map(str::to_owned).collect()
    }

    /// The clauses as they are compiled, each with its text.
    pub(super) fn parts(&self) -> impl Iterator<Item = (String, &Expression)> {
        let texts = if self.parts.len() == 1 { vec![self.text.clone()] } else { self.clauses() };
        texts.into_iter().zip(&self.parts)
    }

    /// The elements that it reads.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().flat_map(Expression::paths)
    }

    /// Whether it holds, and what each clause came to.
    pub(super) fn test(&self, change: &Change<'_>) -> (Held, Vec<ClauseResult>) {
        let context = self.context(change);
        let mut results = Vec::with_capacity(self.parts.len());
        let mut held = Held::Yes;
        for part in &self.parts {
            let (result, reason) = decide(part, &context);
            held = match (held, result) {
                (Held::No, _) | (_, ClauseResult::Fails | ClauseResult::Empty) => Held::No,
                (Held::Undecided(why), _) => Held::Undecided(why),
                (Held::Yes, ClauseResult::Indeterminate) => Held::Undecided(reason),
                (Held::Yes, ClauseResult::Holds) => Held::Yes,
            };
            if results.len() < limits::CLAUSES {
                results.push(result);
            }
        }
        (held, results)
    }

    /// Whether a comparison holds of a number that is now and one that was then.
    pub(super) fn compare(&self, now: &Value, then: &Value) -> Held {
        let context = Context::of(&NOTHING).variable("now", now).variable("then", then).limits(bounds());
        let mut held = Held::No;
        for part in &self.parts {
            let (result, reason) = decide(part, &context);
            match result {
                ClauseResult::Holds => return Held::Yes,
                ClauseResult::Indeterminate => held = Held::Undecided(reason),
                ClauseResult::Fails | ClauseResult::Empty => {}
            }
        }
        held
    }

    /// What it gives of a change: one value, or a list of several; none where there is nothing.
    ///
    /// # Errors
    /// The code of the reason why nobody can tell what it gives.
    pub(super) fn value(&self, change: &Change<'_>) -> Result<Option<Value>, String> {
        let context = self.context(change);
        let Some(part) = self.parts.first() else { return Ok(None) };
        let found = part.evaluate(&context).map_err(|error| reason(&error))?;
        match found.doubt() {
            Some(doubt) => Err(doubt.kind.code().to_owned()),
            None => Ok(one_or_several(&found)),
        }
    }

    fn context<'a>(&self, change: &Change<'a>) -> Context<'a> {
        // After a deletion there is no present version: `%previous` tells what was.
        let (root, previous) = match change.present() {
            Some(current) => (current, change.previous),
            None => (&NOTHING, change.previous.or(Some(change.resource))),
        };
        let context = Context::of(root).previous(previous).limits(bounds());
        match change.received.filter(|_| self.asks_time) {
            Some(received) => context.at(&received.to_string()),
            None => context,
        }
    }
}

fn one_or_several(found: &Collection<'_>) -> Option<Value> {
    let mut values: Vec<Value> = found.items().iter().take(limits::TRIGGER_PARTS).map(json).collect();
    match values.len() {
        0 => None,
        1 => values.pop(),
        _ => Some(Value::Array(values)),
    }
}

fn bounds() -> Limits {
    Limits { time: limits::EXPRESSION_TIME, ..Limits::default() }
}

fn decide(part: &Expression, context: &Context<'_>) -> (ClauseResult, String) {
    match part.decide(context) {
        Ok(Decision::Yes) => (ClauseResult::Holds, String::new()),
        Ok(Decision::No) => (ClauseResult::Fails, String::new()),
        Ok(Decision::Empty) => (ClauseResult::Empty, String::new()),
        Ok(Decision::Indeterminate(reason)) => (ClauseResult::Indeterminate, reason.kind.code().to_owned()),
        Err(error) => (ClauseResult::Indeterminate, reason(&error)),
    }
}

/// Why an evaluation that ended without an answer leaves a condition open.
fn reason(error: &EvaluationError) -> String {
    let code = match error.kind {
        ErrorKind::Several => fhirpath::ReasonKind::Several.code(),
        ErrorKind::Mismatch => fhirpath::ReasonKind::Mismatch.code(),
        ErrorKind::Modifier => fhirpath::ReasonKind::Modifier.code(),
        ErrorKind::Time => undecided::OUT_OF_TIME,
        ErrorKind::Steps | ErrorKind::Size | ErrorKind::Depth => undecided::TOO_COSTLY,
        ErrorKind::Argument | ErrorKind::NoClock | ErrorKind::Unset | ErrorKind::NoTerminology => {
            undecided::EXPRESSION
        }
    };
    code.to_owned()
}

fn compile(text: &str) -> Result<Expression, Misread> {
    if text.len() > limits::EXPRESSION_BYTES {
        let what = format!("An expression has at most {} bytes", limits::EXPRESSION_BYTES);
        return Err(Misread::new(what, "Shorten it"));
    }
    Ok(Expression::compile(text)?)
}

/// What can never hold, or names what is not there, is refused when it is saved: it would be silent for ever.
fn lint(expression: &Expression, resource_type: &str) -> Result<(), Misread> {
    if let Some(name) = NEED_TERMINOLOGY.into_iter().find(|name| expression.calls(name)) {
        let what = format!("Triggers have no terminology to ask, so of {name}() nobody could ever tell");
        return Err(Misread::new(what, "Compare codes, such as code.coding.exists(code = '2823-3')"));
    }
    let lint = expression.lint(resource_type).into_iter().find(|lint| lint.is_certain);
    lint.map_or(Ok(()), |lint| Err(lint.into()))
}

const NEED_TERMINOLOGY: [&str; 3] = ["memberOf", "subsumes", "subsumedBy"];

fn json(item: &Item<'_>) -> Value {
    match item {
        Item::Node(node) => node.json().clone(),
        Item::Boolean(value) => Value::Bool(*value),
        Item::Integer(value) => Value::from(*value),
        Item::Decimal(value) => match value.to_string().parse() {
            Ok(number) => Value::Number(number),
            Err(_) => Value::String(value.to_string()),
        },
        Item::Text(_)
        | Item::Date(_)
        | Item::DateTime(_)
        | Item::Time(_)
        | Item::Quantity(_)
        | Item::Type(_) => Value::String(item.to_string()),
    }
}

static NOTHING: Value = Value::Null;
