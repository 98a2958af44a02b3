//! What we know of FHIR as JSON, and how HL7 v2 becomes it.
//!
//! Resources stay `serde_json::Value`, so that decimals keep their text and
//! unknown elements survive. Reading order: what may come in (`resource`,
//! `bundle`, `reference`), who and what it is about (`identifiers`), what flags
//! mean (`flags`), what a filter selects (`search`), what is answered (`outcome`),
//! what subscribers are told (`notification`), and the v2 mapping (`v2`).

mod reference; // Patient/1 and its kin.
mod resource; // Light checks of one resource.
mod types; // The resource types there are.
pub mod bundle; // Many resources in one body.
pub mod basic; // What has no resource of its own.
pub mod notification; // What a Subscription tells its subscriber.
pub mod address; // Ids for what comes without.
pub mod capability; // What a server says it can do.
pub mod notified; // What the Subscription of an outside server tells us.
pub mod identifiers; // Who and what a resource is about.
pub mod flags; // Abnormal and critical.
mod imaging; // Which reports are of imaging.
pub mod derived; // Flags that a sender leaves out.
pub mod search; // Search filters, in memory.
pub mod feed; // US Core's Patient Data Feed.
mod date; // FHIR times to points in time.
mod outcome; // OperationOutcome.
pub mod patch; // JSON Patch.
pub mod fhirpath_patch; // FHIRPath Patch.
pub mod subscription; // Subscriptions, in the shape of each version.
pub mod v2; // HL7 v2 to FHIR.
pub mod fuzz; // Entry points for fuzzers, replayed by the tests.

pub use date::instant;
pub use imaging::is_imaging;
pub use outcome::{Severity, operation_outcome};
pub use reference::{Reference, parse as parse_reference, percent_decoded};
pub use resource::{Fault, check, is_id};
pub use types::is_resource_type;
pub use v2::REPORT_EXTENSION;
