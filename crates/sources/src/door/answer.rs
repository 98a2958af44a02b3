//! What callers hear.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use model::Problem;

/// A JSON answer.
pub(crate) fn json(status: StatusCode, kind: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A problem, as RFC 9457 says.
pub(crate) fn problem(problem: &Problem) -> Response {
    let mut response = json(status(problem), "application/problem+json", problem.to_json());
    retry_after(&mut response, problem);
    response
}

/// The status of a problem.
pub(crate) fn status(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Says when to come back, where the problem knows.
pub(crate) fn retry_after(response: &mut Response, problem: &Problem) {
    if let Some(seconds) = problem.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}
