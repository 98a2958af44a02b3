//! Why a criterion was met or not, clause by clause.

use std::fmt::Write as _;

use crate::collection::Collection;
use crate::decision::Decision;
use crate::evaluate::Outcome;
use crate::fault::{ErrorKind, EvaluationError, Span};

/// What became of an expression and its clauses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    pub decision: Result<Decision, EvaluationError>,
    /// The whole expression first, each clause after the one it is part of.
    pub clauses: Vec<Clause>,
}

/// One clause, told without what it read, unless that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// As it is written in the expression.
    pub text: String,
    pub span: Span,
    /// How many clauses it is within.
    pub depth: usize,
    pub outcome: ClauseOutcome,
    /// Whether the outcome of the whole expression is that of this clause.
    pub decided: bool,
    /// What it gave, if values were asked for.
    pub value: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClauseOutcome {
    Decided(Decision),
    /// No criterion, but what one compares.
    Value,
    /// Several items, which is no criterion.
    Items,
    Failed(ErrorKind),
}

impl Trace {
    /// The innermost clause that settled the decision.
    #[must_use]
    pub fn because(&self) -> Option<&Clause> {
        self.clauses.iter().rfind(|clause| clause.decided)
    }
}

/// Takes down clauses while they are evaluated.
#[derive(Debug)]
pub(crate) struct Recorder {
    clauses: Vec<Recorded>,
    within: Vec<usize>,
    pub(crate) with_values: bool,
}

#[derive(Debug)]
struct Recorded {
    span: Span,
    parent: Option<usize>,
    depth: usize,
    outcome: ClauseOutcome,
    value: Option<String>,
}

impl Recorder {
    /// More clauses than this nobody reads, and loops ask the same ones again and again.
    const CLAUSES_MAX: usize = 200;
    const VALUE_CHARS_MAX: usize = 200;

    pub(crate) fn new(with_values: bool) -> Recorder {
        Recorder { clauses: Vec::new(), within: Vec::new(), with_values }
    }

    pub(crate) fn open(&mut self, span: Span) -> Option<usize> {
        let place = self.clauses.len();
        if place >= Self::CLAUSES_MAX {
            return None;
        }
        let (parent, depth) = (self.within.last().copied(), self.within.len());
        let outcome = ClauseOutcome::Items;
        self.clauses.push(Recorded { span, parent, depth, outcome, value: None });
        self.within.push(place);
        Some(place)
    }

    /// Takes down what a clause compares.
    pub(crate) fn value(&mut self, span: Span, collection: &Collection<'_>) {
        if let Some(clause) = self.open(span).and_then(|place| self.clauses.get_mut(place)) {
            clause.outcome = ClauseOutcome::Value;
            clause.value = shown(collection);
            self.within.pop();
        }
    }

    pub(crate) fn close(&mut self, place: usize, outcome: &Outcome<'_>) {
        self.within.pop();
        let value = outcome.as_ref().ok().filter(|_| self.with_values).and_then(shown);
        if let Some(clause) = self.clauses.get_mut(place) {
            clause.value = value;
            clause.outcome = match outcome {
                Ok(collection) if collection.items.len() > 1 => ClauseOutcome::Items,
                Ok(collection) => ClauseOutcome::Decided(Decision::of(collection)),
                Err(error) => ClauseOutcome::Failed(error.kind),
            };
        }
    }

    pub(crate) fn finish(self, text: &str, decision: Result<Decision, EvaluationError>) -> Trace {
        let decided = self.deciding();
        let clauses = self.clauses.into_iter().enumerate().map(|(place, clause)| Clause {
            text: clause.span.of(text).to_owned(),
            span: clause.span,
            depth: clause.depth,
            outcome: clause.outcome,
            decided: decided.contains(&place),
            value: clause.value,
        });
        Trace { decision, clauses: clauses.collect() }
    }

    /// From the whole expression inward, each time to the first part with the same outcome.
    fn deciding(&self) -> Vec<usize> {
        let mut line = Vec::new();
        let mut next = (!self.clauses.is_empty()).then_some(0);
        while let Some(place) = next {
            line.push(place);
            let outcome = self.clauses.get(place).map(|clause| clause.outcome);
            let mut parts = self.clauses.iter().enumerate().skip(place + 1);
            let is_part = |(_, clause): &(usize, &Recorded)| {
                clause.parent == Some(place) && Some(clause.outcome) == outcome
            };
            next = parts.find(is_part).map(|(part, _)| part);
        }
        line
    }
}

fn shown(collection: &Collection<'_>) -> Option<String> {
    let mut text = String::new();
    for item in collection.items.iter().take(5) {
        let separator = if text.is_empty() { "" } else { ", " };
        write!(text, "{separator}{item}").ok()?;
    }
    if let Some((at, _)) = text.char_indices().nth(Recorder::VALUE_CHARS_MAX) {
        text.truncate(at);
        text.push('…');
    }
    Some(text)
}
