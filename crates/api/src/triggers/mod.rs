//! Triggers: one file per call.
//!
//! `wish` is what a caller may say, `shown` is what is answered. A trigger that
//! cannot be made ready is refused with the member that is wrong.

mod wish; // What may be said about a trigger.
mod sight; // What it looks at.
mod hints; // What it reads and may not be there.
mod shown; // What is answered.
mod event; // An event that one is tried on.
mod explain; // What triggers made of an event.
mod lacking; // What one never finds in events.
mod back_test; // A trigger over what is stored.
mod subscribed; // FHIR Subscriptions that hear it.
pub(crate) mod list;
pub(crate) mod create;
pub(crate) mod read;
pub(crate) mod update;
pub(crate) mod delete;
pub(crate) mod test;
pub(crate) mod judgements;

pub(crate) use explain::{Clause, Explained};
pub(crate) use lacking::Lacking;
pub(crate) use wish::Wish;
