//! Three answers: a filter that cannot be decided says so (P5).

use std::sync::Arc;

/// What a filter says of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// It matches.
    Yes,
    /// It does not match.
    No,
    /// Nobody can tell; a person must hear of it where it matters.
    Indeterminate(Reason),
}

/// Why a filter cannot be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The parameter whose value was looked at.
    pub parameter: Arc<str>,
    /// What stands in the way.
    pub why: Why,
}

/// What stands in the way of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The value has a unit that cannot be compared with the filter's.
    Unit,
    /// The value is an interval (`>600`) that lies on both sides of the bound.
    Comparator,
    /// The value is not what its element promises: a number that is none, a date that cannot be.
    Unreadable,
    /// The value is a schedule without dates, or a series of samples.
    Shape,
    /// A relative and an absolute reference meet, and nobody said which server they are of.
    Server,
}

impl Why {
    /// All of them.
    pub const ALL: [Why; 5] = [Why::Unit, Why::Comparator, Why::Unreadable, Why::Shape, Why::Server];

    /// The reason in a stable word, for metrics and lists.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Why::Unit => "unit",
            Why::Comparator => "comparator",
            Why::Unreadable => "unreadable",
            Why::Shape => "shape",
            Why::Server => "server",
        }
    }
}

/// A decision about one value, before the parameter is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    No,
    Unclear(Why),
}

impl Verdict {
    pub(super) fn of(holds: bool) -> Verdict {
        if holds { Verdict::Yes } else { Verdict::No }
    }

    /// Yes if one is; unclear if one is; else no.
    pub(super) fn any(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
        let mut sum = Verdict::No;
        for verdict in verdicts {
            match verdict {
                Verdict::Yes => return Verdict::Yes,
                Verdict::Unclear(_) => sum = verdict,
                Verdict::No => {}
            }
        }
        sum
    }

    /// No if one is; unclear if one is; else yes.
    pub(super) fn all(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
        !Verdict::any(verdicts.into_iter().map(|verdict| !verdict))
    }

    pub(super) fn about(self, parameter: &Arc<str>) -> Match {
        match self {
            Verdict::Yes => Match::Yes,
            Verdict::No => Match::No,
            Verdict::Unclear(why) => Match::Indeterminate(Reason { parameter: Arc::clone(parameter), why }),
        }
    }
}

impl std::ops::Not for Verdict {
    type Output = Verdict;

    fn not(self) -> Verdict {
        match self {
            Verdict::Yes => Verdict::No,
            Verdict::No => Verdict::Yes,
            Verdict::Unclear(why) => Verdict::Unclear(why),
        }
    }
}
