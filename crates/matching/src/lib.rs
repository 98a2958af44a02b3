//! Which destinations want an event, and why.
//!
//! Reading order: the event types there are (`catalogue`), what a FHIR resource
//! raises (`raise`), what triggers ask of it (`trigger`), which webhooks want it (`compiled`, `filter`), who got
//! it before (`former`), and what a wildcard destination is spared (`supersede`). Everything here is pure: no I/O, no clock.

mod catalogue; // The event types there are.
mod specimen; // The resource that an event type is about.
mod json_schema; // What JSON Schemas ask of a value.
mod schema; // What an event type asks of its data.
mod own; // Event types that organisations made.
mod topics; // What FHIR Subscriptions may name.
mod written; // A filter taken apart.
mod codes; // What a feed may be filtered by besides.
mod whom; // The patient, by an identifier.
mod conditions; // What a Subscription asks of an event.
mod adjust; // Filters fitted to what there is.
mod subscribed; // Whether a Subscription hears of an event.
mod compiled; // Which webhooks want an event.
mod seen; // An event as expressions see it.
mod filter; // What a webhook asks of an event.
mod templates; // Those of a configuration.
mod template; // In whose shape a webhook is told.
mod misread; // What is wrong with what somebody wrote.
mod former; // Whoever got an event before.
mod supersede; // One delivery per result for wildcards (N6).
#[cfg(test)]
mod fixture;
pub mod raise; // From resources to events.
pub mod trigger; // What people ask of changes and events beside that.

pub use adjust::{Adjusted, adjust};
pub use catalogue::{Catalogue, Member, Pack, TypeInfo};
pub use codes::Codes;
pub use compiled::{Compiled, Facts, Verdict};
pub use conditions::{Conditions, Unfit};
pub use filter::Filter;
pub use former::reach_former;
pub use json_schema::{Fault, Schema};
pub use misread::Misread;
pub use schema::check_data;
pub use seen::Seen;
pub use specimen::Specimen;
pub use subscribed::may_still;
pub use supersede::{Decided, supersede};
pub use template::{Tells, Template, TemplateFlaw, Unshaped};
pub use topics::{Topic, TopicResource, Topics, resource as topic_resource};
