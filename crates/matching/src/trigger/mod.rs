//! Triggers: conditions over changes or events that raise events.
//!
//! A trigger is made `ready` when it is saved: its `condition` compiled, cut into
//! its `clauses`, its `bound` written out; `shape` is what events are linted by. `index` finds
//! those that a change or an event could concern, `test` says whether one holds, `told` and `series`
//! whether that is news (N4, N5, P7), `waiting` for whom it waits, `undecided` why nobody can tell, `say` what the
//! event then says, `topic` what the world is told
//! of the trigger itself. All of it is pure: what is remembered comes with the call.

pub(crate) mod clauses; // The parts of an expression that must all hold.
mod condition; // An expression, compiled.
mod bound; // A threshold as an expression.
mod feasible; // Whether it can hold at all.
mod amount; // How far a number must move.
mod queried; // Search criteria that nobody could decide.
mod making; // A trigger on its way, with what is wrong so far.
mod ready; // A trigger made ready, or what is wrong with it.
mod shape; // What events of a type look like.
mod lint; // What a trigger reads and events may not have.
mod blind; // What it does not see where codes are in no table.
mod index; // Which triggers a change could concern.
mod test; // Whether one holds.
mod told; // What was told of an object before.
mod series; // What was told of a patient before.
mod waiting; // Whom it waits for.
mod undecided; // Why nobody can tell.
mod say; // What the event says.
pub mod topic; // The trigger as a topic of FHIR Subscriptions.

use model::{Interaction, Timestamp};
use serde_json::Value;

pub use index::Triggers;
pub use lint::{Linted, lint};
pub use ready::{Keep, Ready, Unready};
pub use say::{data, data_of_event, happened};
pub use series::{Crossing, Often, Point, Series};
pub use test::{Held, Tested};
pub use told::{News, Told, news};
pub use undecided::NO_SUBJECT;
pub use waiting::{Awaited, Came, Waiting};

/// The type of an event that takes back what a trigger told.
pub const RETRACTED: &str = "trigger.retracted";
/// The type of an event that says that nobody can tell (P5).
pub const INDETERMINATE: &str = "trigger.indeterminate";

/// A resource before and after, as a trigger sees it; or an event, of which there is no before.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// The resource as it is now; for a deletion, as it was last. Or the event as JSON.
    pub resource: &'a Value,
    /// The version before, where it is known.
    pub previous: Option<&'a Value>,
    /// What was done to it, as far as anybody knows: what was never seen before is created.
    pub interaction: Interaction,
    /// The v2 trigger event, MSH-9.2 (never EVN-1, P2); absent at the FHIR door.
    pub event_code: Option<&'a str>,
    /// When it was received, which is what `now()` is; none leaves an expression that asks for it open.
    pub received: Option<Timestamp>,
}

impl<'a> Change<'a> {
    /// A change, from what a door says was done.
    #[must_use]
    pub fn new(
        resource: &'a Value,
        previous: Option<&'a Value>,
        asked: Interaction,
        event_code: Option<&'a str>,
    ) -> Self {
        let interaction = match (asked, previous) {
            (Interaction::Delete, _) => Interaction::Delete,
            (Interaction::Create | Interaction::Update, Some(_)) => Interaction::Update,
            (Interaction::Create | Interaction::Update, None) => Interaction::Create,
        };
        Change { resource, previous, interaction, event_code, received: None }
    }

    /// The same, received at a time.
    #[must_use]
    pub fn at(self, received: Timestamp) -> Self {
        Change { received: Some(received), ..self }
    }

    /// An event, as [`Seen`](crate::Seen) tells it.
    #[must_use]
    pub fn of_event(seen: &'a Value) -> Self {
        Change::new(seen, None, Interaction::Create, None)
    }

    /// The version that is there now: none after a deletion.
    #[must_use]
    pub fn present(&self) -> Option<&'a Value> {
        (self.interaction != Interaction::Delete).then_some(self.resource)
    }

    pub(crate) fn text(&self, name: &str) -> &'a str {
        self.resource.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether the resource is a result: one measurement, whose later versions correct it (N5).
    pub(crate) fn is_result(&self) -> bool {
        matches!(self.text("resourceType"), "Observation" | "DiagnosticReport")
    }

    /// Whether it is a result that never happened: it is no ground for anything, whatever it says.
    #[must_use]
    pub fn is_void(&self) -> bool {
        self.is_result() && self.is_taken_back()
    }

    /// Whether it says that it never happened.
    pub(crate) fn is_taken_back(&self) -> bool {
        self.interaction == Interaction::Delete
            || matches!(self.text("status"), "cancelled" | "entered-in-error")
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_events;
#[cfg(test)]
mod tests_refused;
