//! Why somebody reads what is about people, or lets others see it.

use model::{Problem, limits};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::strict::invalid;

/// A justification without the space around it; an empty one is none.
pub(crate) fn justification(wish: Option<String>, place: &str) -> Result<Option<String>, Problem> {
    let text = wish.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > limits::JUSTIFICATION_CHARS) {
        return Err(invalid(place, format!("At most {} characters.", limits::JUSTIFICATION_CHARS)));
    }
    Ok(text)
}

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
