//! What goes wrong below the verbs, and what it means for the writer.

use rusqlite::ErrorCode;
use store::Error;

/// Why a step failed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// SQLite said so.
    Sql(rusqlite::Error),
    /// A stored row cannot be what was written.
    Damaged { table: &'static str, what: String },
}

/// What steps return.
pub(crate) type Result<T, E = Fault> = std::result::Result<T, E>;

/// What a fault means for a commit group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    /// No space is left. Nothing was written; later it may be.
    Full,
    /// One command of the group is at fault.
    Command,
    /// A write or fsync failed: what is on disk is not known any more.
    Fatal,
}

impl Fault {
    pub(crate) fn damaged(table: &'static str, what: impl Into<String>) -> Self {
        Fault::Damaged { table, what: what.into() }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "what is not known to be harmless is fatal")]
    pub(crate) fn severity(&self) -> Severity {
        let Fault::Sql(rusqlite::Error::SqliteFailure(failure, _)) = self else { return Severity::Command };
        match failure.code {
            ErrorCode::DiskFull => Severity::Full,
            ErrorCode::ConstraintViolation
            | ErrorCode::TooBig
            | ErrorCode::TypeMismatch
            | ErrorCode::ParameterOutOfRange
            | ErrorCode::DatabaseBusy => Severity::Command,
            _ => Severity::Fatal,
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Fault::Sql(error)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Damaged { table, what } => Error::Damaged { table, what },
            Fault::Sql(error) => backend(error),
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Sql(error) => error.fmt(f),
            Fault::Damaged { table, what } => write!(f, "damaged row in {table}: {what}"),
        }
    }
}

/// Any other error from below.
pub(crate) fn backend(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Backend(Box::new(error))
}
