//! Why somebody reads what is about people.

use model::Problem;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::strict::invalid;

/// Why somebody reads.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Reveal)]
pub(crate) struct Why {
    /// 3 to 500 characters, kept in the audit log. No identifiers of people.
    reason: String,
}

impl Why {
    /// The reason, if it is one.
    pub(crate) fn reason(&self) -> Result<&str, Problem> {
        let reason = self.reason.trim();
        if (3..=500).contains(&reason.chars().count()) {
            Ok(reason)
        } else {
            Err(invalid("/reason", "A reason has 3 to 500 characters."))
        }
    }
}
