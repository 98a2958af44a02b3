//! Load generator, sink and report behind `carehook bench`.
//!
//! [`run`] drives a running server from outside, through its API and its doors,
//! and shares nothing with it but the machine. Every event carries an id that the
//! sink looks for; what was acknowledged and did not arrive is counted as lost.
//! Generator and sink speak HTTP/1.1 and MLLP by hand: they run on the cores they measure,
//! and a general client would cost as much as a delivery does.
//! How to read the figures: `docs/explanation/performance.md`.

mod options; // What to measure, and against which server.
mod run; // All scenarios in turn.
mod bench; // What they share.
mod scenario; // What each of them does.
mod stage; // Integrations, webhooks and sinks of one run.
mod api; // The administration calls that a stage needs.
mod sender; // The generator, closed and open loop.
mod door; // How something is sent, and what the answers mean.
mod event; // Synthetic results, as JSON or HL7 v2.
mod hl7; // Reports of a laboratory, and their acknowledgements.
mod text; // A text whose marks are patched in place.
mod sink; // Receivers: prompt, slow or stalled.
mod ledger; // When each id was sent, acknowledged and received.
mod names; // Ids of events, for receivers that are told nothing else.
mod wire; // HTTP/1.1 with keep-alive and content-length; frames of MLLP.
mod needle; // Finds a fixed string in bytes.
mod process; // The server's CPU, memory, end and start.
mod disk; // What one fdatasync costs here.
mod machine; // Where the figures were measured.
mod figure; // Names, units and targets of what is measured.
mod report; // Medians as JSON, text and page.

pub use figure::{Better, Figure, Target};
pub use machine::{Disk, Machine};
pub use options::{Options, Scenario};
pub use report::{Outcome, Plots, Report, Run, Tally};
pub use run::run;
