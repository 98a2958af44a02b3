//! Urgency. The order of the variants is the order of service.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How urgent an event or a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// Harm is possible within the hour.
    Critical,
    /// Clinical or money-blocking on the same day.
    Urgent,
    /// Everything else.
    Routine,
    /// Back-fill and analytics.
    Bulk,
}

impl Lane {
    /// All lanes, the most urgent first.
    pub const ALL: [Lane; 4] = [Lane::Critical, Lane::Urgent, Lane::Routine, Lane::Bulk];

    /// The more urgent of the two: a lane that is asked for can only raise.
    #[must_use]
    pub fn raised_by(self, asked: Option<Lane>) -> Lane {
        asked.map_or(self, |asked| self.min(asked))
    }

    /// Position in [`Lane::ALL`]; also how stores write a lane.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The lane at a position of [`Lane::ALL`].
    #[must_use]
    pub fn at(index: usize) -> Option<Lane> {
        Lane::ALL.get(index).copied()
    }

    /// The name in JSON and in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Lane::Critical => "critical",
            Lane::Urgent => "urgent",
            Lane::Routine => "routine",
            Lane::Bulk => "bulk",
        }
    }

    /// Whether deliveries of this lane may be buffered while the node is busy.
    #[must_use]
    pub const fn may_be_buffered(self) -> bool {
        matches!(self, Lane::Routine | Lane::Bulk)
    }

    /// How long an attempt may take when the webhook does not say.
    #[must_use]
    pub const fn default_timeout(self) -> Duration {
        match self {
            Lane::Critical => Duration::from_secs(5),
            Lane::Urgent | Lane::Routine | Lane::Bulk => Duration::from_secs(15),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_asked_for_can_only_raise() {
        assert_eq!(Lane::Urgent.raised_by(Some(Lane::Bulk)), Lane::Urgent);
        assert_eq!(Lane::Urgent.raised_by(Some(Lane::Critical)), Lane::Critical);
        assert_eq!(Lane::Bulk.raised_by(None), Lane::Bulk);
    }
}
