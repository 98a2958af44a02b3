//! What is wrong with an expression or criteria that somebody wrote.

use std::fmt::Display;

use fhir::search::CriteriaError;
use fhirpath::{CompileError, Lint};
use model::sentence;

/// Why a text cannot be used, and what would be one that can. Both are sentences.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Misread {
    /// What is wrong, with its place in the text.
    pub what: String,
    /// What to do about it.
    pub fix: String,
}

impl Misread {
    pub(crate) fn new(what: impl Display, fix: impl Display) -> Self {
        Misread { what: sentence(what), fix: sentence(fix) }
    }
}

impl From<CompileError> for Misread {
    fn from(error: CompileError) -> Self {
        Misread::new(format!("Line {}, column {}: {}", error.line, error.column, error.what), error.fix)
    }
}

impl From<Lint> for Misread {
    fn from(lint: Lint) -> Self {
        Misread::new(format!("Line {}, column {}: {}", lint.line, lint.column, lint.what), lint.fix)
    }
}

impl From<CriteriaError> for Misread {
    fn from(error: CriteriaError) -> Self {
        Misread::new(format!("{:?} at byte {}: {}", error.parameter, error.position, error.what), error.fix)
    }
}
