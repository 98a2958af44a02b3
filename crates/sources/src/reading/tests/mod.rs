//! Reading a FHIR server that answers what it is told to, hostile things too.

mod ehr; // The server, and the node that reads it.
mod rounds; // Polling.
mod hostile; // What a server must not be able to do.
mod sign_in; // SMART Backend Services.
mod notices; // What a Subscription tells.
