//! Alert rules looked at: what was counted of late, and what that means.
//!
//! `recent` counts as things happen, in `ring`s of the last minutes; `measure`
//! reads a rule's signal for each of its targets; `decide` says whether an
//! alert opens, stays or ends. `replay` asks the same of the past. Nothing here does I/O or asks the time.

mod durations; // Percentiles of what took how long.
mod ring; // The last minutes of one rule and target.
mod recent; // Counting, rule by rule.
mod measure; // The signal of a rule, target by target.
mod decide; // Open, keep, end.
mod replay; // A rule over what is past.
mod counts; // How many alerts there are, for metrics.

pub use counts::AlertCounts;
pub use decide::{Standing, Verdict, decide};
pub use measure::{HookFacts, Owed, World, readings};
pub use recent::{Called, Recent};
pub use replay::{Firing, History, Past, replay};
