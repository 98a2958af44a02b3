//! Who did what to whose data: a chain of rows that shows every change to itself.
//!
//! An [`Entry`] is what happened; a [`Row`] is an entry in its place, bound to
//! the row before it by a MAC. `chain` makes rows, `verify` checks them, and
//! `anchor` keeps the head outside the store so that a cut tail is seen. Old
//! machine steps are taken out by `gap`, and the rest can still be checked.

mod entry; // What happened.
mod chain; // Its place among all that happened.
mod gap; // Machine steps that were taken out.
mod anchor; // The head, kept elsewhere.
mod verify; // Whether all of it is as it was written.

pub use anchor::{Anchor, BadAnchor};
pub use chain::{Chain, Head};
pub use entry::{Action, Actor, Entry, Row};
pub use gap::Gap;
pub use verify::{Fault, Tampering, Verified, Verifier, verify};
