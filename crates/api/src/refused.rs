//! Whatever goes wrong, as the answer to the caller (RFC 9457).

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use model::{Code, Problem};

/// Why a call did nothing.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Problem);

/// What every call returns.
pub(crate) type Result<T, E = Refused> = std::result::Result<T, E>;

impl Refused {
    /// There is nothing here, or it belongs to somebody else: the same bytes for both.
    pub(crate) fn not_found() -> Self {
        Refused(Code::NotFound.into())
    }

    /// The failure is ours: its reason goes to the log, not to the caller.
    pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = %Chain(error), "a call failed");
        Refused(Problem::new(Code::InternalError, "The log of the server has the reason."))
    }
}

/// What an event says is no longer kept.
pub(crate) fn gone() -> Refused {
    Problem::new(Code::NotFound, "What the event says is no longer kept.").into()
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let problem = self.0;
        let status = StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = (status, problem.to_json()).into_response();
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = problem.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if problem.code == Code::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        answer
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Refused(problem)
    }
}

impl From<Code> for Refused {
    fn from(code: Code) -> Self {
        Refused(code.into())
    }
}

impl From<store::Error> for Refused {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Overloaded => Refused(Problem::from(Code::Overloaded).after(1)),
            store::Error::DiskFull => Refused(Code::DiskFull.into()),
            store::Error::Stale(_) => Refused(Code::Conflict.into()),
            store::Error::Stopped(_) | store::Error::Damaged { .. } | store::Error::Backend(_) => {
                Refused::internal(&error)
            }
        }
    }
}

impl From<repeats::Error> for Refused {
    fn from(error: repeats::Error) -> Self {
        match error {
            repeats::Error::Refused(problem) => Refused(problem),
            repeats::Error::Store(below) => below.into(),
            repeats::Error::Keys(_) | repeats::Error::Lost => Refused::internal(&error),
        }
    }
}

impl From<settings::Error> for Refused {
    fn from(error: settings::Error) -> Self {
        match error {
            settings::Error::Store(below) => below.into(),
            settings::Error::Contended => Refused(Problem::from(Code::Conflict).after(1)),
            settings::Error::Unreadable { .. } | settings::Error::Unknown { .. } => Refused::internal(&error),
        }
    }
}

/// An error with everything below it.
struct Chain<'a>(&'a (dyn std::error::Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut below = self.0.source();
        while let Some(error) = below {
            write!(f, ": {error}")?;
            below = error.source();
        }
        Ok(())
    }
}
