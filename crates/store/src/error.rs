//! How a store fails.

/// Why a verb did nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// More is waiting than the channel holds; ask again later.
    #[error("the writer has more to do than it can hold")]
    Overloaded,
    /// No space is left; what is stored stays readable.
    #[error("the disk is full")]
    DiskFull,
    /// The configuration was changed by somebody else.
    #[error("the configuration has changed since version {0}")]
    Stale(u64),
    /// The store stopped after a failed write and must be opened again.
    #[error("the store has stopped: {0}")]
    Stopped(String),
    /// A stored row cannot be what was written.
    #[error("damaged row in {table}: {what}")]
    Damaged {
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// Anything else from below.
    #[error("storage failed")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Error::Overloaded | Error::DiskFull)
    }
}

/// What verbs return.
pub type Result<T, E = Error> = std::result::Result<T, E>;
