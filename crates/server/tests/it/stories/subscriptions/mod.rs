//! FHIR Subscriptions: what a client of the Subscriptions R5 Backport guide 1.1.0 relies on.
//!
//! A test that proves a requirement of the guide begins with its number.

mod client; // A FHIR client.
mod care; // What belongs to care.
mod documents; // Submission sets and folders.
mod life; // From asked for to over.
mod told; // What notifications say.
mod asked; // What is accepted, and what is not.
mod listening; // Websockets.
mod queries; // $status, $events, search and metadata.
mod triggers; // Triggers as topics.
mod feed; // US Core's Patient Data Feed.
mod rights; // Who may.
