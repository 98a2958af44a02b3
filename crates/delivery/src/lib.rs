//! Sends each delivery until it is accepted, refused or out of attempts.
//!
//! A delivery passes through these files in this order. The store decides who
//! holds it; nothing here remembers a delivery that is not stamped as ours.

mod run; // The loop.
mod engine; // What the parts share, and the seat where the store hands over.
mod ports; // What all of it stands on.
mod dispatch; // Which delivery goes next.
mod breaker; // Whether a destination may be called now.
mod bucket; // How often.
mod fetch; // What waits on disk.
mod sender; // Call after call.
mod idle; // Senders with nothing to send.
mod hooks; // What is ready to be called.
mod render; // The body.
pub mod attempt; // One HTTP call.
mod listening; // Receivers at websockets.
mod sign; // Proof that it came from us.
pub mod auth; // Proof that we may call.
pub mod egress; // Where calls may go at all.
mod decide; // What an answer means.
mod settle; // Making it durable.
mod states; // What was told of webhooks.
mod pulse; // Handshakes and heartbeats of FHIR Subscriptions.
pub mod challenge; // Receivers that have to show that they are some.
mod care; // Webhooks that fail for days.
mod redrive; // Dead letters on their way back.
mod ask; // Questions to outside servers.
pub mod mail; // Letters to people.
pub mod otlp; // Spans on their way to a collector.
mod rehearse; // A test send that tells each step.
pub mod fuzz; // What fuzzers feed.

pub use ask::Asker;
pub use attempt::Caller;
pub use engine::Engine;
pub use ports::Ports;
pub use rehearse::{NoSample, Rehearsals, Samples};
pub use sign::Signer;
