//! Feeds: one event for each change of a resource, which says everything that the change was.

use model::{EventType, WholeChange};

use crate::draft::Happening;
use crate::triggered::Derived;

/// Lets the most urgent event of a change stand for all of it.
pub(crate) fn stand_for_all(happenings: &mut [Happening], derived: &[Derived], event_code: Option<&str>) {
    let derived = derived.iter().map(|one| &one.happening.event_type);
    let all = happenings.iter().map(|one| &one.event_type).chain(derived);
    let mut types: Vec<EventType> = all.filter(|one| is_told(one)).cloned().collect();
    types.sort_unstable();
    types.dedup();
    let whole = WholeChange { types, event_code: event_code.map(str::to_owned) };
    if let Some(most) = happenings.iter_mut().min_by_key(|one| one.lane) {
        most.content.occasion.change = Some(whole);
    }
}

/// Whether a type says more than that something changed, or what a trigger made of it.
fn is_told(event_type: &EventType) -> bool {
    !event_type.as_str().starts_with("x.") && !event_type.as_str().starts_with("trigger.")
}
