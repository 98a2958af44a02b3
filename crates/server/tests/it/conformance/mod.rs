//! Judged by others: what we say is read by programs that are not ours.

mod signatures; // The official Standard Webhooks libraries.
mod fhir; // A library of FHIR.
mod mail; // A mail server.

use std::path::{Path, PathBuf};

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../xtask/conformance").join(name)
}

#[expect(clippy::disallowed_methods, reason = "the runner says where it has installed the libraries")]
fn path(name: &str) -> PathBuf {
    std::env::var(name).map_or_else(
        |_| {
            panic!(
                "{name} is not set: the programs that judge us are installed by `cargo xtask test`. \
                 To run the rest without them: cargo test --package server --test it -- --skip conformance::"
            )
        },
        PathBuf::from,
    )
}
