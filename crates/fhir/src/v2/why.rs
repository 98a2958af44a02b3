//! Why something that a message says goes nowhere.

use super::spot::Spot;

/// Why something that a message says goes nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// No plan of the message names the segment, or no rows say what it means there.
    Segment,
    /// The segment belongs to results or orders of the past.
    Earlier,
    /// There is nothing in the message that the segment could belong to.
    Alone,
    /// No row takes the place up.
    NoRow,
    /// A row takes it up, on a condition that the segment does not meet.
    Condition,
    /// Only the first repetition has a place.
    Repetition,
    /// Only the first component has a place.
    Beside,
    /// An earlier place said the element already.
    Again,
    /// What the data type cannot do without is missing.
    Incomplete,
    /// It cannot be read as what the row says it is.
    Unfit,
    /// The table does not know the code; the code itself stays as it was written.
    UnknownCode,
    /// Something later in the message, or the message as a whole, took its place.
    Replaced,
    /// The resource was not made: nothing says which one it is.
    NoIdentifier,
}

impl Why {
    /// Its name in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Why::Segment => "segment",
            Why::Earlier => "earlier",
            Why::Alone => "alone",
            Why::NoRow => "no_row",
            Why::Condition => "condition",
            Why::Repetition => "repetition",
            Why::Beside => "beside",
            Why::Again => "again",
            Why::Incomplete => "incomplete",
            Why::Unfit => "unfit",
            Why::UnknownCode => "unknown_code",
            Why::Replaced => "replaced",
            Why::NoIdentifier => "no_identifier",
        }
    }

    /// The place as it is counted.
    pub(super) fn counted(self, spot: &Spot<'_>, table: Option<&str>) -> String {
        match (self, table) {
            (Why::Earlier, _) => format!("{spot} (earlier)"),
            (Why::Again, _) => format!("{spot} (again)"),
            (Why::Repetition, _) => match spot {
                Spot::Part { repetition, .. } => format!("{spot}[{repetition}]"),
                Spot::Segment { .. } => spot.to_string(),
            },
            (Why::Unfit | Why::UnknownCode, Some(table)) => format!("{spot} ({table})"),
            _ => spot.to_string(),
        }
    }
}
