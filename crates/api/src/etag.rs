//! Which version of a document a change builds on.

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, header};
use model::{Code, Problem};

use crate::Api;
use crate::refused::{Refused, Result};

/// What `If-Match` asks for.
pub(crate) struct IfMatch(Option<String>);

impl IfMatch {
    /// Refuses a change that builds on another version.
    pub(crate) fn check(&self, version: u64) -> Result<()> {
        let Some(wanted) = &self.0 else { return Ok(()) };
        let present = text(version);
        if wanted.split(',').map(str::trim).any(|tag| tag == "*" || tag == present) {
            return Ok(());
        }
        let why = format!("The present version is {present}.");
        Err(Problem::new(Code::PreconditionFailed, why).fix("Read it again and repeat the change.").into())
    }
}

impl FromRequestParts<Api> for IfMatch {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self> {
        let tags: Vec<&str> =
            parts.headers.get_all(header::IF_MATCH).iter().map(|tag| tag.to_str().unwrap_or("")).collect();
        Ok(IfMatch(if tags.is_empty() { None } else { Some(tags.join(",")) }))
    }
}

/// The header that names a version.
pub(crate) fn of(version: u64) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(1);
    if let Ok(value) = HeaderValue::from_str(&text(version)) {
        headers.insert(header::ETAG, value);
    }
    headers
}

fn text(version: u64) -> String {
    format!("\"{version}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_names_the_version_it_builds_on_or_none() {
        let check = |tag: Option<&str>| IfMatch(tag.map(str::to_owned)).check(7).is_ok();
        assert!(check(None) && check(Some("*")) && check(Some("\"7\"")) && check(Some("\"3\", \"7\"")));
        assert!(!check(Some("\"3\"")) && !check(Some("7")) && !check(Some("W/\"7\"")) && !check(Some("")));
    }
}
