//! What an expression decides as a criterion.

use crate::collection::Collection;
use crate::evaluate::Outcome;
use crate::fault::{ErrorKind, EvaluationError, Span};
use crate::reason::{Reason, ReasonKind};

/// Whether a criterion is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Yes,
    No,
    /// There is nothing to decide on: an element that it reads is missing.
    Empty,
    /// The data says too little, or in a way that cannot be understood. Never to be taken for `No`.
    Indeterminate(Reason),
}

impl Decision {
    pub(crate) fn of(collection: &Collection<'_>) -> Decision {
        match collection.truth() {
            Err(_) => Decision::Indeterminate(Reason { kind: ReasonKind::Several, clause: Span::default() }),
            Ok(truth) => match (truth.doubt, truth.value) {
                (Some(doubt), _) => Decision::Indeterminate(doubt.reason),
                (None, Some(true)) => Decision::Yes,
                (None, Some(false)) => Decision::No,
                (None, None) => Decision::Empty,
            },
        }
    }

    /// What the data is to blame for is undecided; anything else is an error.
    pub(crate) fn of_outcome(outcome: &Outcome<'_>, whole: Span) -> Result<Decision, EvaluationError> {
        let undecided = |kind, clause| Ok(Decision::Indeterminate(Reason { kind, clause }));
        match outcome {
            Ok(collection) if collection.items.len() > 1 => undecided(ReasonKind::Several, whole),
            Ok(collection) => Ok(Decision::of(collection)),
            Err(EvaluationError { kind: ErrorKind::Several, clause }) => {
                undecided(ReasonKind::Several, *clause)
            }
            Err(EvaluationError { kind: ErrorKind::Mismatch, clause }) => {
                undecided(ReasonKind::Mismatch, *clause)
            }
            Err(EvaluationError { kind: ErrorKind::Modifier, clause }) => {
                undecided(ReasonKind::Modifier, *clause)
            }
            Err(error) => Err(*error),
        }
    }
}
