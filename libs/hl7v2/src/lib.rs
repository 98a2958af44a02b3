//! HL7 v2 as it really arrives: parse without loss, escape, encode, acknowledge, frame.
//!
//! [`parse`] never fails on a message that has a readable MSH: it returns the
//! [`Message`], which borrows the bytes, and a list of [`Flaw`]s. Nothing is
//! dropped: [`Message::to_bytes`] gives back what came in. Values are split and
//! decoded when asked for: `message.value("PID-3[2].4.1")`, or step by step with
//! [`Message::segments`], [`Segment::field`], [`Part::component`].
//! [`mllp::Decoder`] makes frames out of a byte stream, [`batch::split`] makes
//! messages out of a batch, [`ack::reply`] answers one. No I/O, no clock, no
//! panic; no error text carries message content.
//!
//! ```
//! let bytes = b"MSH|^~\\&|LAB|CLINIC|EHR|HOSPITAL|20240301120000||ORU^R01^ORU_R01|42|P|2.5.1\r\
//!               PID|1||1001^^^MAIN&1.2.3&ISO^MR||Doe^Jane\r\
//!               OBX|1|NM|718-7^Hemoglobin^LN||6.1|g/dL||LL|||F\r";
//! let (message, flaws) = hl7v2::parse(bytes).unwrap();
//! assert!(flaws.is_empty());
//! assert_eq!(message.header().trigger_event().value().as_str(), Some("R01"));
//! assert_eq!(message.value("PID-3.4.2").as_str(), Some("1.2.3"));
//! for result in message.segments_named("OBX") {
//!     assert_eq!(result.field(5).value().as_str(), Some("6.1"));
//! }
//! let stamp = hl7v2::ack::Stamp { time: "20240301120001".parse().unwrap(), control_id: "A1" };
//! let answer = hl7v2::ack::reply(&message.header(), &hl7v2::ack::Verdict::Accepted, &stamp);
//! assert!(answer.unwrap().ends_with(b"\rMSA|AA|42\r"));
//! ```

pub mod mllp; // Bytes of a connection become frames.
pub mod batch; // A frame or file becomes messages.
mod lines; // Where a segment ends.
mod parse; // A message becomes segments and flaws.
mod flaw; // What was odd about it.
mod delimiters; // What MSH-1 and MSH-2 say.
mod charset; // What MSH-18 says.
mod scan; // Finding delimiters, also where characters are wider than a byte.
mod message; // All segments, and groups of them.
mod segment; // One segment and its fields.
mod part; // Fields, repetitions, components, subcomponents and their values.
mod path; // `PID-3[2].4.1`.
mod escape; // `\F\` and its kin, both ways.
mod header; // MSH by name.
pub mod ack; // What to answer.
pub mod timestamp; // DTM.
pub mod fuzz;

pub use charset::Charset;
pub use delimiters::Delimiters;
pub use escape::{escape, unescape};
pub use flaw::{Flaw, FlawKind};
pub use header::{Header, Processing, Wish};
pub use message::{Group, Message, Segments};
pub use parse::{NoHeader, parse, parse_assuming};
pub use part::{Part, Parts, Value};
pub use path::{Path, PathError, Place};
pub use segment::Segment;
