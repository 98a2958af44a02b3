//! From when to when.

use std::time::Duration;

use model::{Problem, Timestamp, limits};

use crate::strict::invalid;

/// A span of time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

impl Span {
    /// The span that is asked for; by default the 24 hours before now.
    pub(super) fn read(
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Span, Problem> {
        let to = to.unwrap_or(now);
        let from = from.unwrap_or(to - DAY);
        if from > to {
            return Err(invalid("from", "The span ends before it begins."));
        }
        if to.since(from) > limits::MONITORED {
            let days = limits::MONITORED.as_secs() / 86_400;
            return Err(invalid("from", format!("At most {days} days at once.")));
        }
        Ok(Span { from, to })
    }
}

const DAY: Duration = Duration::from_secs(86_400);
