//! FHIRPath (N1 2.0, with FHIR R4) over JSON: exact decimals, UCUM quantities, bounded.
//!
//! [`Expression::compile`] reads a text once; [`Expression::evaluate`] gives
//! what FHIRPath says, and [`Expression::decide`] what it means as a criterion.
//! FHIRPath answers "empty" where units cannot be compared or a value is only
//! a bound, and `exists()` turns that into false; [`Decision::Indeterminate`]
//! keeps it, with the [`Reason`]. FHIR resources are read by their
//! `resourceType`, everything else as plain JSON. Nothing here waits, panics,
//! recurses without bound or shows what it read.
//!
//! ```
//! use fhirpath::{Context, Decision, Expression};
//!
//! let event = serde_json::json!({"data": {"value": {"value": 6.8, "unit": "mmol/L"}}});
//! let high = Expression::compile("data.value > 6.0 'mmol/L'").unwrap();
//! assert_eq!(high.decide(&Context::of(&event)), Ok(Decision::Yes));
//! assert_eq!(high.paths().collect::<Vec<_>>(), ["data.value"]);
//! ```

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "items, words and operators are closed sets of many, and most rules are about a few of them"
)]

mod lex; // A text becomes words.
mod parse; // Words become a tree.
mod syntax; // The tree.
mod functions; // What can be called.
mod expression; // The tree, ready to be asked.
mod context; // What it is asked about.
mod limits; // What asking may cost.
mod budget; // What of it is left.
mod evaluate; // Asking.
mod collection; // What it gives.
mod item; // Of what.
mod number; // Decimals.
mod quantity; // Numbers with units.
mod temporal; // Dates and times.
pub mod units; // Units as they are written.
mod model; // The types of FHIR.
mod bound; // The codes that they are bound to.
mod decision; // What it gives as a criterion.
mod reason; // Why something could not be decided.
mod fault; // What is wrong.
mod trace; // Why it decided as it did.
mod paths; // What it reads.
mod shape; // What JSON looks like.
mod lint; // What is likely wrong.
pub mod fuzz;

pub use bound::codes_at;
pub use budget::Budget;
pub use collection::Collection;
pub use context::{Code, Context, Resolve, Terminology};
pub use decision::Decision;
pub use expression::Expression;
pub use fault::{CompileError, ErrorKind, EvaluationError, Span};
pub use item::{Item, Node, TypeName};
pub use limits::Limits;
pub use lint::Lint;
pub use quantity::{Comparator, Quantity};
pub use reason::{Reason, ReasonKind};
pub use shape::{Members, Others, Shape};
pub use temporal::{Date, DateTime, Time};
pub use trace::{Clause, ClauseOutcome, Trace};

/// The names of all functions, for whoever documents or completes them.
pub fn functions() -> impl Iterator<Item = &'static str> {
    functions::names().chain(["is", "as", "ofType"])
}

/// The operators as they are written, for whoever documents or completes them.
pub fn operators() -> impl Iterator<Item = &'static str> {
    syntax::Operator::TABLE.iter().map(|(sign, ..)| *sign).chain(["is", "as"])
}
