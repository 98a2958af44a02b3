//! Why something was not taken, in the words of the caller's protocol.

use model::{Code, Problem};

/// A store that cannot take more, for the caller.
pub(crate) fn of_store(error: &store::Error) -> Problem {
    match error {
        store::Error::Overloaded => {
            Problem::new(Code::Overloaded, "More is waiting to be written than memory holds.").after(1)
        }
        store::Error::DiskFull => {
            Problem::new(Code::DiskFull, "Nothing was stored: the disk of the server is full.").after(5)
        }
        store::Error::Stopped(_)
        | store::Error::Stale(_)
        | store::Error::Damaged { .. }
        | store::Error::Backend(_) => internal(error),
    }
}

/// Keys that cannot be had, for the caller.
pub(crate) fn of_keys(error: &privacy::Error) -> Problem {
    match error {
        privacy::Error::Vault(privacy::VaultError::DiskFull) => of_store(&store::Error::DiskFull),
        privacy::Error::Vault(_) | privacy::Error::Unwrap(_) | privacy::Error::Damaged => internal(error),
    }
}

/// A repeated call that has no answer, for the caller.
pub(crate) fn of_repeat(error: repeats::Error) -> Problem {
    match error {
        repeats::Error::Refused(problem) => problem,
        repeats::Error::Store(error) => of_store(&error),
        repeats::Error::Keys(error) => of_keys(&error),
        repeats::Error::Lost => internal(&error),
    }
}

/// A failure of ours: the log says which, the caller hears only that it was not them.
pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error, "cannot take what came in");
    Problem::from(Code::InternalError).after(5)
}
