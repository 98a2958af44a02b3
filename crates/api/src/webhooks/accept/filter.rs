//! Filters: understood before they are kept, and no way around a profile.

use matching::Filter;
use model::{Code, Problem, Profile};

use crate::strict::invalid;

/// A filter, if one is asked for.
pub(super) fn accept(wish: Option<String>) -> Result<Option<Filter>, Problem> {
    let text = wish.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let read = text.map(|text| Filter::read(&text)).transpose();
    read.map_err(|fault| invalid("/filter", fault.what).fix(fault.fix))
}

/// Refuses a filter that reads what the profile does not show, where nothing says why it may.
pub(super) fn within(filter: &Filter, profile: Profile) -> Result<(), Problem> {
    let beyond: Vec<&str> = filter.read_beyond(profile).collect();
    if beyond.is_empty() {
        return Ok(());
    }
    let fix = format!(
        "The filter tells the receiver of {}: say in justification why, or filter by type, lane or time only.",
        beyond.join(", ")
    );
    Err(Problem::from(Code::JustificationRequired).at("/justification").fix(fix))
}
