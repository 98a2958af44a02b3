//! The only runner: everything that is checked, tested or generated goes through `cargo xtask`.
//!
//! One file per command. `steps` counts what passed, `command` runs other programs, `workspace` is what cargo
//! knows of us, `tidy/` is the style as a test.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a runner talks to the terminal")]
#![expect(clippy::disallowed_methods, reason = "a runner owns real time, its environment and its sockets")]

mod check;
mod test;

mod conformance;
mod needs;
mod smoke;
mod stories;

mod catalogue;
mod fhir_server;
mod fuzz;
mod nightly;
mod openapi;
mod quick;
mod snap;
mod tidy;
mod ui;
mod first_load;

mod command;
mod steps;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The only runner of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", disable_version_flag = true)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Format, lints and tidy.
    Check,
    /// Everything: what it misses is installed first, the dear steps come last.
    Test,
    /// Lints and tests of the crates changed since main, and of those that use them.
    Quick,
    /// The style as a test.
    Tidy,
    /// Writes openapi.json from the binary.
    Openapi {
        /// Compare with the committed file, write nothing.
        #[arg(long)]
        check: bool,
    },
    /// Writes the pages of event types from catalogue/.
    Catalogue {
        /// Compare with the committed pages, write nothing.
        #[arg(long)]
        check: bool,
    },
    /// Builds the console from ui/ into the binary's files.
    Ui {
        /// Build, compare with the committed files, write nothing.
        #[arg(long)]
        check: bool,
    },
    /// A long proof; without a part, the list of parts.
    Nightly { part: Option<String> },
    /// Runs the tests and accepts what the snapshots became.
    Snap,
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Check => check::run(),
        Task::Test => test::run(),
        Task::Quick => quick::run(),
        Task::Tidy => tidy::run(),
        Task::Openapi { check } => openapi::run(check),
        Task::Catalogue { check } => catalogue::run(check),
        Task::Ui { check } => ui::run(check),
        Task::Nightly { part } => nightly::run(part.as_deref()),
        Task::Snap => snap::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The steps have already said what failed; their closing line stays the last one.
            if !error.is::<steps::Failed>() {
                eprintln!("error: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}
