//! Whatever goes wrong, as an `OperationOutcome` with the most precise issue type.

use axum::response::{IntoResponse, Response};
use fhir::subscription::Flaw;
use fhir::{Severity, operation_outcome};
use http::{HeaderValue, StatusCode, header};
use model::{Code, Problem};

use super::answer;
use crate::refused::Refused;

/// Why a call did nothing.
#[derive(Debug)]
pub(crate) struct Outcome {
    status: StatusCode,
    issue: &'static str,
    why: String,
    expression: Option<String>,
    retry_after: Option<u32>,
}

impl Outcome {
    /// An outcome of one issue.
    pub(super) fn new(status: StatusCode, issue: &'static str, why: impl Into<String>) -> Self {
        Outcome { status, issue, why: why.into(), expression: None, retry_after: None }
    }

    /// Something that is well-formed and cannot be accepted.
    pub(super) fn refused(issue: &'static str, expression: &str, why: impl Into<String>) -> Self {
        Flaw::new(issue, expression, why).into()
    }

    /// There is nothing here, or it belongs to somebody else.
    pub(super) fn not_found() -> Self {
        Outcome::new(StatusCode::NOT_FOUND, "not-found", "There is nothing at this address.")
    }

    /// Names the place, where none is known yet.
    pub(super) fn at(mut self, expression: &str) -> Self {
        self.expression.get_or_insert_with(|| expression.to_owned());
        self
    }
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        let outcome = operation_outcome(Severity::Error, self.issue, &self.why, self.expression.as_deref());
        let mut response = answer::resource(self.status, &outcome);
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<Flaw> for Outcome {
    fn from(flaw: Flaw) -> Self {
        let why = format!("{} {}.", flaw.expression, flaw.why);
        Outcome {
            expression: Some(flaw.expression),
            ..Outcome::new(StatusCode::UNPROCESSABLE_ENTITY, flaw.code, why)
        }
    }
}

impl From<Problem> for Outcome {
    fn from(problem: Problem) -> Self {
        let status = StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let outcome = Outcome::new(status, issue(problem.code), problem.in_words());
        Outcome { retry_after: problem.retry_after, ..outcome }
    }
}

impl From<Refused> for Outcome {
    fn from(refused: Refused) -> Self {
        refused.0.into()
    }
}

impl From<store::Error> for Outcome {
    fn from(error: store::Error) -> Self {
        Refused::from(error).into()
    }
}

/// The issue type that says the most.
fn issue(code: Code) -> &'static str {
    ISSUES.iter().find(|(known, _)| *known == code).map_or("value", |(_, issue)| issue)
}

const ISSUES: [(Code, &str); 20] = [
    (Code::MalformedJson, "structure"),
    (Code::TooDeep, "structure"),
    (Code::DuplicateKey, "structure"),
    (Code::Unauthorized, "login"),
    (Code::Forbidden, "forbidden"),
    (Code::Csrf, "forbidden"),
    (Code::NotFound, "not-found"),
    (Code::Conflict, "conflict"),
    (Code::WrongState, "business-rule"),
    (Code::PreconditionFailed, "conflict"),
    (Code::BodyTooLarge, "too-long"),
    (Code::NotSupported, "not-supported"),
    (Code::MethodNotAllowed, "not-supported"),
    (Code::UnsupportedMediaType, "not-supported"),
    (Code::JustificationRequired, "required"),
    (Code::RateLimited, "throttled"),
    (Code::Overloaded, "throttled"),
    (Code::DiskFull, "no-store"),
    (Code::InternalError, "exception"),
    (Code::UrlPrivateAddress, "security"),
];
