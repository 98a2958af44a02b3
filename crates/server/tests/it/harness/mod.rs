//! What stories are told with: the real binary, senders, and receivers that remember.
//!
//! A [`Server`] is a child process with a home of its own, which stays when
//! its story fails. An [`Api`] calls it, an [`Mllp`] sends to it, a
//! [`Receiver`] hears from it. Nothing here sleeps for a guess: it waits for a
//! state, within a patience that only a failing story uses up.

mod api; // Calls to the server.
mod audit; // `carehook audit verify`.
mod home; // The folder of one server.
mod hook; // A webhook as its owner knows it.
mod message; // HL7 v2 messages.
mod mllp; // Sending them.
mod patience; // Waiting for a state.
mod ports; // Addresses nobody uses.
mod receiver; // Where deliveries arrive.
mod seed; // Randomness that can be repeated.
mod server; // The binary as a child.
mod setting; // A server with what most stories need.
mod socket; // A client that listens.
mod wire; // HTTP/1.1 in a page.

pub(crate) use api::{Answer, Api};
pub(crate) use audit::verify_audit;
pub(crate) use home::Home;
pub(crate) use hook::Hook;
pub(crate) use message::{Oru, Result as Obx, adt};
pub(crate) use mllp::Mllp;
pub(crate) use patience::{Patience, until};
pub(crate) use ports::free_port;
pub(crate) use receiver::{Gate, Hit, Receiver, Reply};
pub(crate) use seed::Seed;
pub(crate) use server::{Server, Start, run};
pub(crate) use setting::{Setting, critical, event, number};
pub(crate) use socket::Socket;
