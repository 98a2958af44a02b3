//! The ways in, as metrics and rejections name them.

use serde::{Deserialize, Serialize};

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Door {
    /// `/ingest/{id}/events`.
    Events,
    /// `/ingest/{id}/fhir`.
    Fhir,
    /// `/ingest/{id}/hl7v2`.
    Hl7v2,
    /// An MLLP port.
    Mllp,
    /// `/ingest/{id}/hook`.
    Hook,
    /// Ourselves: operational events, test calls.
    Own,
}

impl Door {
    /// All doors.
    pub const ALL: [Door; 6] = [Door::Events, Door::Fhir, Door::Hl7v2, Door::Mllp, Door::Hook, Door::Own];

    /// The label.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Door::Events => "events",
            Door::Fhir => "fhir",
            Door::Hl7v2 => "hl7v2",
            Door::Mllp => "mllp",
            Door::Hook => "hook",
            Door::Own => "own",
        }
    }
}
