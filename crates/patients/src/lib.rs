//! Synthetic people and their journeys from a seed, as FHIR and as HL7 v2.
//!
//! The same seed gives the same bytes, everywhere and forever. Nobody here is
//! real: family names say so. Reading order: chance (`chance`), who (`person`),
//! what happens to them (`journey`), and how it is said (`hl7`, `resources`).

mod chance; // A small generator of numbers.
mod person; // Who.
mod hl7; // Messages.
mod resources; // FHIR.
mod journey; // What happens.
mod vary; // Other events like a sample.

pub use journey::{Step, journey};
pub use person::Person;
pub use resources::observation;
pub use vary::vary;
