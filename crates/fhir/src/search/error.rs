//! What is wrong with a filter, and how to write it instead.

/// Why a filter is refused; it holds no value of the filter, which may name a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{parameter:?} at byte {position}: {what}; {fix}")]
pub struct CriteriaError {
    /// The parameter as written, without its value; empty where the whole filter is meant.
    pub parameter: String,
    /// The byte of the filter where the parameter begins.
    pub position: usize,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub fix: String,
}

/// A fault of one value, before its place is known.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) what: String,
    pub(super) fix: String,
}

impl Fault {
    pub(super) fn new(what: impl Into<String>, fix: impl Into<String>) -> Fault {
        Fault { what: what.into(), fix: fix.into() }
    }

    pub(super) fn at(self, parameter: &str, position: usize) -> CriteriaError {
        CriteriaError { parameter: parameter.to_owned(), position, what: self.what, fix: self.fix }
    }
}
