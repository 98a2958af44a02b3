//! One file for each command, and what several of them share.
//!
//! Shared: `out` (what is printed, and where), `end` (how a command ends),
//! `settings` (flags of a server's configuration), `server` (which running
//! server is meant), `signals` (being asked to end), `log` (what the server says).

pub(crate) mod out;
mod end;
mod settings;
mod server;
mod signals;
mod log;
mod table;
mod mllp;

pub(crate) mod audit;
pub(crate) mod audit_export;
pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod dlq;
pub(crate) mod explain;
pub(crate) mod fhirpath;
pub(crate) mod key;
pub(crate) mod keygen;
pub(crate) mod listen;
pub(crate) mod openapi;
pub(crate) mod org;
pub(crate) mod replay;
pub(crate) mod send_hl7;
pub(crate) mod serve;
pub(crate) mod sign_in;
pub(crate) mod source;
pub(crate) mod trigger;

pub(crate) use end::{End, Misuse};

/// Runs a command that waits for others.
fn block_on(task: impl Future<Output = anyhow::Result<End>>) -> anyhow::Result<End> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let end = runtime.block_on(task);
    // What still runs here, such as a name that is looked up, must not hold up the end.
    runtime.shutdown_background();
    end
}
