//! What a server says when it does not do what was asked: RFC 9457, or less.

use std::fmt;

use http::StatusCode;
use serde::Deserialize;

/// An answer that is not a success.
#[derive(Debug)]
pub struct Refusal {
    host: String,
    status: StatusCode,
    problem: Option<Told>,
}

#[derive(Debug, Deserialize)]
struct Told {
    code: String,
    #[serde(default)]
    detail: String,
    field: Option<String>,
    fix: Option<String>,
}

impl Refusal {
    /// Reads an answer; one without a problem is told by its status.
    #[must_use]
    pub fn read(host: String, status: StatusCode, body: &[u8]) -> Self {
        Refusal { host, status, problem: serde_json::from_slice(body).ok() }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The problem code, if the server told one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.problem.as_ref().map(|problem| problem.code.as_str())
    }

    /// What can be done about it.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        let Some(problem) = &self.problem else { return Vec::new() };
        let page = format!("`carehook explain {}` says more", problem.code);
        problem.fix.iter().cloned().chain([page]).collect()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} answered {}", self.host, self.status.as_u16())?;
        let Some(Told { code, detail, field, .. }) = &self.problem else {
            return write!(f, " {}", self.status.canonical_reason().unwrap_or_default());
        };
        write!(f, " {code}: {}", detail.trim_end_matches('.'))?;
        field.as_ref().map_or(Ok(()), |field| write!(f, " (at {field})"))
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_code_place_and_what_to_do() {
        let body = br#"{"status":422,"code":"invalid_field","detail":"Too long.","field":"/name","fix":"Shorten it."}"#;
        let refusal = Refusal::read("h:1".to_owned(), StatusCode::UNPROCESSABLE_ENTITY, body);
        assert_eq!(refusal.to_string(), "h:1 answered 422 invalid_field: Too long (at /name)");
        assert_eq!(refusal.hints(), ["Shorten it.", "`carehook explain invalid_field` says more"]);
        let bare = Refusal::read("h:1".to_owned(), StatusCode::BAD_GATEWAY, b"<html>");
        assert_eq!(bare.to_string(), "h:1 answered 502 Bad Gateway");
        assert!(bare.hints().is_empty());
    }
}
