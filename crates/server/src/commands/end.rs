//! How a command ends: the exit codes, and the errors that have one of their own.

use crate::client;

/// How a command ended; the number is the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum End {
    /// Done.
    Well = 0,
    /// Failed, or something needs attention.
    Badly = 1,
    /// Asked for wrongly, or configured wrongly.
    Misused = 2,
    /// The server cannot be reached.
    Unreachable = 3,
}

impl End {
    /// The end that an error means.
    pub(crate) fn of(error: &anyhow::Error) -> End {
        if error.downcast_ref::<super::out::Heard>().is_some() {
            return End::Well;
        }
        if error.downcast_ref::<Misuse>().is_some() {
            return End::Misused;
        }
        match error.downcast_ref::<client::Error>() {
            Some(client::Error::Unreachable { .. }) => End::Unreachable,
            Some(client::Error::Address(_)) => End::Misused,
            Some(client::Error::Refused(_) | client::Error::Unreadable { .. }) | None => End::Badly,
        }
    }

    /// Well if nothing went wrong.
    pub(crate) fn well_if(is_well: bool) -> End {
        if is_well { End::Well } else { End::Badly }
    }
}

/// A command was asked for wrongly, or a configuration is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Misuse(pub(crate) String);

impl Misuse {
    /// The same as an error of a command.
    pub(crate) fn error(what: impl Into<String>) -> anyhow::Error {
        Misuse(what.into()).into()
    }
}
