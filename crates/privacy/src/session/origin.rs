//! Whether a page of ours makes a call, as the browser says; scripts of other sites cannot change what it says.

use http::request::Parts;
use http::{HeaderName, header};

/// Whether a browser says that the call comes from a page of another site.
#[must_use]
pub fn is_foreign(parts: &Parts) -> bool {
    told(parts) == Some(false)
}

/// Whether a browser says that the call comes from a page of ours; anything else does not count.
pub(super) fn is_ours(parts: &Parts) -> bool {
    told(parts) == Some(true)
}

/// Browsers that are not old send `Sec-Fetch-Site`, which also holds behind a proxy that changes `Host`.
fn told(parts: &Parts) -> Option<bool> {
    if let Some(site) = text(parts, &SEC_FETCH_SITE) {
        return Some(site == "same-origin");
    }
    let origin = text(parts, &header::ORIGIN)?;
    let host = parts.uri.authority().map(http::uri::Authority::as_str).or_else(|| text(parts, &header::HOST));
    let named = origin.split_once("://").map(|(_, named)| named);
    Some(named.is_some_and(|named| host.is_some_and(|host| named.eq_ignore_ascii_case(host))))
}

fn text<'p>(parts: &'p Parts, name: &HeaderName) -> Option<&'p str> {
    parts.headers.get(name).map(|value| value.to_str().unwrap_or_default())
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[track_caller]
    fn check(headers: &[(&str, &str)], expected: Option<bool>) {
        let request = Request::post("/admin/keys").header("host", "care.example:8443");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let (parts, ()) = request.body(()).unwrap().into_parts();
        assert_eq!(told(&parts), expected, "{headers:?}");
    }

    #[test]
    fn only_the_very_same_origin_is_ours() {
        check(&[], None);
        check(&[("sec-fetch-site", "same-origin")], Some(true));
        check(&[("sec-fetch-site", "same-site")], Some(false));
        check(&[("sec-fetch-site", "cross-site"), ("origin", "https://care.example:8443")], Some(false));
        check(&[("sec-fetch-site", "none")], Some(false));
        check(&[("origin", "https://care.example:8443")], Some(true));
        check(&[("origin", "https://care.example")], Some(false));
        check(&[("origin", "https://evil.example")], Some(false));
        check(&[("origin", "https://care.example:8443.evil.example")], Some(false));
        check(&[("origin", "null")], Some(false));
    }
}
