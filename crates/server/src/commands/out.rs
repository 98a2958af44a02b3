//! What is printed: data on standard output, everything else on standard error.

use std::io::{IsTerminal as _, Write as _};

use clap::ValueEnum;
use serde_json::Value;

use crate::client;

/// The shape of what is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON document in a line.
    Json,
}

/// Which shape is wanted.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Shape {
    /// How results are printed
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
}

impl Shape {
    /// Prints one result as a line, in the wanted shape.
    pub(crate) fn print(
        self,
        text: impl FnOnce() -> String,
        json: impl FnOnce() -> Value,
    ) -> anyhow::Result<()> {
        match self.output {
            Output::Text => data(&text()),
            Output::Json => data(&json().to_string()),
        }
    }
}

/// Prints data, with a line end behind it.
pub(crate) fn data(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush());
    written.map_err(
        |error| if error.kind() == std::io::ErrorKind::BrokenPipe { Heard.into() } else { error.into() },
    )
}

/// The reader of our output, such as `head`, has heard enough.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads standard output any more")]
pub(crate) struct Heard;

/// Says something to the person in front of the terminal.
pub(crate) fn note(text: &str) {
    // Nobody listens any more: there is nobody to tell that to.
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}

/// Says how far something is, in place, if a person watches.
pub(crate) fn progress(text: &str) {
    let mut err = std::io::stderr().lock();
    if err.is_terminal() {
        drop(write!(err, "\r\x1b[2K{text}").and_then(|()| err.flush()));
    }
}

/// Ends a line of [`progress`].
pub(crate) fn progress_done() {
    progress("");
}

/// Asks the person in front of the terminal; nobody there means no.
pub(crate) fn ask(question: &str) -> anyhow::Result<bool> {
    let mut err = std::io::stderr().lock();
    write!(err, "{question} [y/N] ")?;
    err.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// Tells what went wrong, with its causes and what can be done.
pub(crate) fn complain(error: &anyhow::Error) {
    if error.downcast_ref::<Heard>().is_some() {
        return;
    }
    note(&format!("error: {error:#}"));
    if let Some(client::Error::Refused(refusal)) = error.downcast_ref() {
        refusal.hints().iter().for_each(|hint| note(&format!("hint: {hint}")));
    }
    if let Some(client::Error::Unreachable { .. }) = error.downcast_ref() {
        note("hint: start one with `carehook serve` or `carehook demo`, or name another in CAREHOOK_URL");
    }
}
