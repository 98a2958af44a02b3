//! What went wrong, for the caller (RFC 9457).

use std::fmt::Display;

use serde::Serialize;

use crate::Code;

/// An error answer: what, where, why, and how to fix it. Nothing personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The stable code.
    pub code: Code,
    /// Why, in this case.
    pub detail: String,
    /// The failing member, as a JSON pointer.
    pub field: Option<String>,
    /// What the caller can do.
    pub fix: Option<String>,
    /// Seconds to wait before another try.
    pub retry_after: Option<u32>,
}

impl Problem {
    /// A problem with its reason.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Problem { code, detail: detail.into(), field: None, fix: None, retry_after: None }
    }

    /// Why and what to do, where there is room for one text only.
    #[must_use]
    pub fn in_words(&self) -> String {
        self.fix.as_ref().map_or_else(|| self.detail.clone(), |fix| format!("{} {fix}", self.detail))
    }

    /// Names the failing member.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says what the caller can do.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The JSON of the answer.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let body = Body {
            kind: format!("/docs/errors/{}", self.code.name()),
            title: self.code.title(),
            status: self.code.status(),
            code: self.code.name(),
            detail: &self.detail,
            field: self.field.as_deref(),
            fix: self.fix.as_deref(),
        };
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Problem::new(code, code.title())
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<&'a str>,
}

/// What an error says, as a sentence: problems are told in whole ones.
#[must_use]
pub fn sentence(text: impl Display) -> String {
    let text = text.to_string();
    let end = if text.ends_with(['.', '?']) { None } else { Some('.') };
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).chain(end).collect()
}
