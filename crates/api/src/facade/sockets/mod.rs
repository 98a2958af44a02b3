//! Websockets: where clients listen that cannot be called.
//!
//! A client asks for a token (`token`), opens a socket (`open`) and says the
//! token there (`said`). `tickets` knows which tokens were given, `bound` who
//! listens for what, and hands messages over; `line` is one socket while it is open.

mod tickets; // Tokens that were given and not yet used.
mod bound; // Who listens for what.
mod said; // What a client says.
mod farewell; // Why a socket ends.
mod seat; // What one socket holds among the others.
mod unanswered; // Pings that were not answered yet.
mod line; // One socket.
mod handshake; // What a client hears first.
pub(super) mod token; // $get-ws-binding-token.
pub(super) mod open; // The socket's address.

pub use bound::Sockets;
