//! Proof that we may call: the headers that a receiver asks for.

mod headers; // Headers of the receiver's choice.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use model::Auth;

/// Judges credentials before they are saved.
///
/// # Errors
/// The failing member as a JSON pointer below `auth`, and why it cannot be sent.
pub fn check(auth: &Auth) -> Result<(), (String, &'static str)> {
    prepare(auth).map(|_| ())
}

/// The headers that carry the credentials, marked as sensitive.
pub(crate) fn prepare(auth: &Auth) -> Result<HeaderMap, (String, &'static str)> {
    match auth {
        Auth::None => Ok(HeaderMap::new()),
        Auth::Bearer { token } => bearer(token.expose()),
        Auth::Basic { username, password } => basic(username, password.expose()),
        Auth::Headers { headers } => headers::prepare(headers),
    }
}

fn bearer(token: &str) -> Result<HeaderMap, (String, &'static str)> {
    let fault = |why| Err(("/token".to_owned(), why));
    if token.is_empty() || token.len() > CREDENTIAL_BYTES {
        return fault("a token has 1 to 4,096 characters");
    }
    // RFC 6750 §2.1: b64token; anything beyond visible ASCII cannot be one.
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return fault("a token has visible ASCII characters only");
    }
    one(format!("Bearer {token}")).map_or_else(|| fault("the token cannot stand in a header"), Ok)
}

fn basic(username: &str, password: &str) -> Result<HeaderMap, (String, &'static str)> {
    // RFC 7617 §2: a colon in the name would move the border to the password.
    if username.contains(':') || username.chars().any(char::is_control) {
        return Err(("/username".to_owned(), "a user name has no colon and no control characters"));
    }
    if password.chars().any(char::is_control) {
        return Err(("/password".to_owned(), "a password has no control characters"));
    }
    if username.len() + password.len() > CREDENTIAL_BYTES {
        return Err(("/password".to_owned(), "name and password together have at most 4,096 bytes"));
    }
    let value = format!("Basic {}", STANDARD.encode(format!("{username}:{password}")));
    one(value).ok_or_else(|| ("/password".to_owned(), "the credentials cannot stand in a header"))
}

fn one(value: String) -> Option<HeaderMap> {
    let mut value = HeaderValue::try_from(value).ok()?;
    value.set_sensitive(true);
    Some(HeaderMap::from_iter([(AUTHORIZATION, value)]))
}

const CREDENTIAL_BYTES: usize = 4 << 10;

/// Whether a header is ours to write, so that a receiver's choice cannot touch it.
fn is_ours(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("webhook-") || name.starts_with("content-") || OURS.contains(&name)
}

// Framing, routing and identity of the call: one of them from outside would
// split the request, or make it somebody else's.
const OURS: [&str; 16] = [
    "accept-encoding",
    "connection",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

#[cfg(test)]
mod tests {
    use model::Secret;

    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[test]
    fn credentials_become_one_sensitive_header() {
        let basic = Auth::Basic { username: "Aladdin".to_owned(), password: secret("open sesame") };
        for (auth, value) in [
            (Auth::Bearer { token: secret("abc.def") }, "Bearer abc.def"),
            (basic, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ] {
            let headers = prepare(&auth).unwrap();
            assert_eq!(headers[AUTHORIZATION], value);
            assert!(headers[AUTHORIZATION].is_sensitive());
        }
    }

    #[test]
    fn credentials_that_would_break_out_of_a_header_are_refused() {
        for token in ["", "a b", "a\r\nx: y", "a\0", "ü"] {
            assert_eq!(check(&Auth::Bearer { token: secret(token) }).unwrap_err().0, "/token", "{token:?}");
        }
        let colon = Auth::Basic { username: "a:b".to_owned(), password: secret("c") };
        assert_eq!(check(&colon).unwrap_err().0, "/username");
        let control = Auth::Basic { username: "a".to_owned(), password: secret("b\n") };
        assert_eq!(check(&control).unwrap_err().0, "/password");
    }
}
