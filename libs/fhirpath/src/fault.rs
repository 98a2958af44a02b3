//! What can be wrong with an expression, or with asking it.

use std::fmt;

/// Bytes `start..end` of an expression's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub(crate) fn to(self, end: Span) -> Span {
        Span { start: self.start, end: end.end }
    }

    /// The part of `text` that is meant.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// Why a text is not an expression: where, what, and what to do about it.
///
/// It shows parts of the expression and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileError {
    /// The byte in the text.
    pub position: usize,
    /// Line and column, from one; columns are characters.
    pub line: usize,
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub fix: String,
}

impl CompileError {
    pub(crate) fn new(text: &str, position: usize, what: impl Into<String>, fix: impl Into<String>) -> Self {
        let before = text.get(..position).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(1, |last| last.chars().count() + 1);
        CompileError { position, line, column, what: what.into(), fix: fix.into() }
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}; {}", self.line, self.column, self.what, self.fix)
    }
}

impl std::error::Error for CompileError {}

/// Why an evaluation ended without a value. It names a place in the expression, never a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvaluationError {
    pub kind: ErrorKind,
    /// The part of the expression that could not be evaluated.
    pub clause: Span,
}

/// What ended an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// One item was needed and there were several.
    Several,
    /// Types that do not go together, such as text and a number.
    Mismatch,
    /// An argument that the function cannot work with, such as a pattern that is none.
    Argument,
    /// A modifier extension that the expression did not allow.
    Modifier,
    /// `now()`, `today()` or `timeOfDay()` in a context without a time.
    NoClock,
    /// A variable that the expression may use and the context does not hold.
    Unset,
    /// `memberOf()`, `subsumes()` or `subsumedBy()` in a context without a terminology.
    NoTerminology,
    /// More steps than the limits allow.
    Steps,
    /// More items or longer text than the limits allow.
    Size,
    /// JSON nested deeper than the limits allow.
    Depth,
    /// More time than the limits allow.
    Time,
}

impl EvaluationError {
    /// Whether a limit ended it: the expression is too costly for this data.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(self.kind, ErrorKind::Steps | ErrorKind::Size | ErrorKind::Depth | ErrorKind::Time)
    }

    /// Whether the data is to blame, and other data may well be decided.
    #[must_use]
    pub fn is_about_data(&self) -> bool {
        matches!(self.kind, ErrorKind::Several | ErrorKind::Mismatch | ErrorKind::Modifier)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ErrorKind::Several => "several items where one is needed; choose one with first() or where()",
            ErrorKind::Mismatch => {
                "values of types that do not go together; convert one, such as with toDecimal()"
            }
            ErrorKind::Argument => "an argument that the function cannot work with",
            ErrorKind::Modifier => "a modifier extension that is not among those allowed",
            ErrorKind::NoClock => "no time is given; the caller has to set one",
            ErrorKind::Unset => "a variable is not set; the caller has to set it",
            ErrorKind::NoTerminology => "no terminology is given; compare codes instead",
            ErrorKind::Steps => "it takes more steps than allowed; narrow it with where() earlier",
            ErrorKind::Size => "it makes more items or text than allowed; narrow it with where() earlier",
            ErrorKind::Depth => "the data is nested deeper than allowed",
            ErrorKind::Time => "it takes longer than allowed; narrow it with where() earlier",
        })
    }
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.clause.start, self.kind)
    }
}

impl std::error::Error for EvaluationError {}
