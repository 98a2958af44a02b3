//! One delivery per result for wildcard destinations (N6).

use model::Event;

use crate::Verdict;

/// One event of an arrival with what was decided about it.
#[derive(Debug)]
pub struct Decided<'a> {
    /// The event.
    pub event: &'a Event,
    /// The report that the event is, or is part of: [`crate::raise::Raised::report`].
    pub report: Option<&'a str>,
    /// What [`crate::Compiled::decide`] said.
    pub verdicts: Vec<Verdict>,
}

/// Leaves a wildcard destination one delivery per result, the most severe type.
pub fn supersede(arrival: &mut [Decided<'_>]) {
    let _ = arrival;
    unimplemented!()
}
