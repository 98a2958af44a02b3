//! What triggers made of a change: codes and numbers, never content.

use serde::{Deserialize, Serialize};

use crate::{EventId, TriggerId};

/// What one trigger made of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    /// The trigger.
    pub trigger: TriggerId,
    /// The configuration version that last changed it: its clauses are those of then.
    pub version: u64,
    /// What became of it.
    pub judgement: Judgement,
    /// What each of its clauses came to, in the order of its text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<ClauseResult>,
    /// Why it could not be decided: a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether its query would have decided otherwise than its expression.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disagrees: bool,
    /// The event that it raised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raised: Option<EventId>,
}

/// What became of a trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// It raised an event.
    Fired,
    /// It took back what it had raised: a correction cleared it (N5).
    Retracted,
    /// Its criteria do not hold.
    NotMatched,
    /// It cannot be decided (P5): never the same as not holding.
    Indeterminate,
    /// It holds, and nothing that it could tell is new (N4).
    Unchanged,
    /// It held before and has not been re-armed since (P7).
    NotRearmed,
    /// It holds, and another value came after it by its time (P7).
    OutOfOrder,
    /// It holds, and not yet for long or often enough.
    NotYet,
    /// It holds, and is quiet for a while after it fired.
    Quiet,
    /// It looks at other interactions than this one.
    OtherInteraction,
    /// It holds, and now waits for what may stay away.
    Waiting,
    /// It was not asked: a final version is known, and this one is not (N5).
    Stale,
}

impl Judgement {
    /// All of them.
    pub const ALL: [Judgement; 12] = [
        Judgement::Fired,
        Judgement::Retracted,
        Judgement::NotMatched,
        Judgement::Indeterminate,
        Judgement::Unchanged,
        Judgement::NotRearmed,
        Judgement::OutOfOrder,
        Judgement::NotYet,
        Judgement::Quiet,
        Judgement::OtherInteraction,
        Judgement::Waiting,
        Judgement::Stale,
    ];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Judgement::Fired => "fired",
            Judgement::Retracted => "retracted",
            Judgement::NotMatched => "not_matched",
            Judgement::Indeterminate => "indeterminate",
            Judgement::Unchanged => "unchanged",
            Judgement::NotRearmed => "not_rearmed",
            Judgement::OutOfOrder => "out_of_order",
            Judgement::NotYet => "not_yet",
            Judgement::Quiet => "quiet",
            Judgement::OtherInteraction => "other_interaction",
            Judgement::Waiting => "waiting",
            Judgement::Stale => "stale",
        }
    }

    /// Whether the events with this judgement are listed with the trigger.
    #[must_use]
    pub const fn is_listed(self) -> bool {
        matches!(self, Judgement::Fired | Judgement::Retracted | Judgement::Indeterminate)
    }
}

/// What a clause came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClauseResult {
    /// It holds.
    Holds,
    /// It does not.
    Fails,
    /// There is nothing that it could hold of.
    Empty,
    /// It cannot be decided (P5).
    Indeterminate,
}
