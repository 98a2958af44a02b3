//! Every way in, and intake, the one path behind them all.
//!
//! A door knows who calls and how to answer; what it brings becomes a draft,
//! and intake makes the draft durable. HTTP doors stand in `door`, MLLP ports
//! in `mllp`; what they bring is understood in `events`, `hl7` and `fhir`.

mod door; // HTTP.
mod mllp; // HL7 v2 over MLLP.
mod events; // Events sent as events.
mod hl7; // HL7 v2 messages.
mod transmission; // What one frame or body holds.
mod party; // The third party of an integration.
mod hook; // What third parties say.
mod resources; // FHIR resources.
mod bundles; // Bundles of them.
mod subjects; // Who a resource is about, where it says so by a reference.
mod tracked; // Resources against what is known of them.
mod triggered; // What triggers make of them.
mod fed; // What feeds are told of a change.
mod memories; // What triggers remember.
mod absences; // What does not come.
mod announce; // Events of the platform itself.
mod draft; // What came in, not yet decided upon.
mod intake; // Matching, sealing, committing.
mod owed_before; // Whoever got the original.
mod worklists; // What no table takes up, kept.
mod undecided; // What critical triggers could not decide.
mod traced; // How long it took.
mod told; // What is told to who watches.
mod reading; // FHIR servers that are asked.
mod sieve; // What is taken out before anything is kept.
mod refusal; // Why something was not taken.
mod forecast; // What a change would make of what is stored.
mod readmit; // What was quarantined, taken in.
mod rejections; // What was not taken, kept.
pub mod fuzz; // Entry points for fuzzers, replayed by the tests.
#[cfg(test)]
mod node; // A node in memory.

pub use door::{described, router};
pub use intake::{Intake, Ports};
pub use mllp::Mllp;
