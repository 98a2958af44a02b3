//! What people may see of an answer: its headers and the beginning of its body.

use http::HeaderMap;
use model::{Answer, limits};

/// What a receiver answered, as it came. Most answers are shown to nobody, so that nothing is made of them before
/// somebody asks.
#[derive(Clone)]
pub struct Said {
    pub(super) headers: HeaderMap,
    /// The beginning of its body.
    pub(super) body: Vec<u8>,
}

impl Said {
    /// The beginning of its body.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// The answer as people may see it.
    #[must_use]
    pub fn shown(&self) -> Answer {
        Answer { headers: headers(&self.headers), body: String::from_utf8_lossy(&self.body).into_owned() }
    }
}

/// The first headers, each cut, with what could be a credential masked.
fn headers(all: &HeaderMap) -> Vec<(String, String)> {
    let (most, chars) = limits::ANSWER_HEADERS;
    let value = |name: &str, value: &http::HeaderValue| match value.to_str() {
        Ok(text) if !may_be_secret(name) => text.chars().take(chars).collect(),
        Ok(_) | Err(_) => "(masked)".to_owned(),
    };
    let shown = all.iter().take(most);
    shown.map(|(name, found)| (name.as_str().to_owned(), value(name.as_str(), found))).collect()
}

/// Whether receivers put credentials behind headers of this name.
fn may_be_secret(name: &str) -> bool {
    SECRET.iter().any(|part| name.contains(part))
}

const SECRET: [&str; 7] = ["cookie", "auth", "token", "secret", "key", "session", "signature"];
