//! Expressions as their writers mean them, and the official cases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod language; // What expressions give.
mod functions; // What each function gives.
mod decisions; // What they decide, and where they must not.
mod quantities; // Units, bounds, molar masses.
mod bounds; // What is refused, and what costs too much.
mod telling; // Traces, paths, lints.
mod fuzz; // The corpora of the fuzzers.
mod official; // The suite of HL7, where it is at hand.
mod conformance; // Another engine.
mod questions; // What both are asked.
