//! How we prove that we may call. What is write-only and left out keeps its value.

use http::{HeaderName, HeaderValue};
use model::{Auth, Problem, Secret};
use serde_json::{Map, Value};

use super::super::wish::AuthWish;
use crate::strict::{invalid, missing, not_supported};

/// Accepts credentials; `present` are those there are.
pub(super) fn accept(wish: Option<AuthWish>, present: Option<&Auth>) -> Result<Auth, Problem> {
    let Some(wish) = wish else { return Ok(present.cloned().unwrap_or(Auth::None)) };
    no_strangers(&wish)?;
    match wish.kind.as_str() {
        "none" => Ok(Auth::None),
        "bearer" => bearer(wish, present),
        "basic" => basic(wish, present),
        "headers" => headers(wish.headers, present),
        "oauth2" | "jwt" => {
            Err(not_supported("/auth/kind", format!("The kind {} is not supported yet.", wish.kind)))
        }
        _ => Err(invalid("/auth/kind", "A kind is none, bearer, basic or headers.")),
    }
}

/// A member of another kind would be accepted and ignored.
fn no_strangers(wish: &AuthWish) -> Result<(), Problem> {
    let members = [
        (wish.token.is_some(), "token", "bearer"),
        (wish.username.is_some(), "username", "basic"),
        (wish.password.is_some(), "password", "basic"),
        (wish.headers.is_some(), "headers", "headers"),
    ];
    match members.iter().find(|(given, _, of)| *given && *of != wish.kind) {
        Some((_, name, of)) => Err(invalid(format!("/auth/{name}"), format!("It belongs to the kind {of}."))),
        None => Ok(()),
    }
}

fn bearer(wish: AuthWish, present: Option<&Auth>) -> Result<Auth, Problem> {
    let kept = match present {
        Some(Auth::Bearer { token }) => Some(token.clone()),
        Some(Auth::None | Auth::Basic { .. } | Auth::Headers { .. }) | None => None,
    };
    let token = wish.token.or(kept).ok_or_else(|| missing("/auth/token"))?;
    sendable(token.expose(), "/auth/token")?;
    Ok(Auth::Bearer { token })
}

fn basic(wish: AuthWish, present: Option<&Auth>) -> Result<Auth, Problem> {
    let kept = match present {
        Some(Auth::Basic { username, password }) => Some((username.clone(), password.clone())),
        Some(Auth::None | Auth::Bearer { .. } | Auth::Headers { .. }) | None => None,
    };
    let (kept_name, kept_password) = kept.unzip();
    let username = wish.username.or(kept_name).ok_or_else(|| missing("/auth/username"))?;
    // RFC 7617 §2: the first colon ends the name.
    if username.contains(':') || username.chars().any(char::is_control) || username.len() > VALUE_BYTES {
        return Err(invalid("/auth/username", "A user name has no colon and no control characters."));
    }
    let password = wish.password.or(kept_password).ok_or_else(|| missing("/auth/password"))?;
    if password.expose().chars().any(char::is_control) || password.expose().len() > VALUE_BYTES {
        return Err(invalid("/auth/password", "A password has no control characters."));
    }
    Ok(Auth::Basic { username, password })
}

fn headers(wish: Option<Map<String, Value>>, present: Option<&Auth>) -> Result<Auth, Problem> {
    let kept: &[(String, Secret<String>)] = match present {
        Some(Auth::Headers { headers }) => headers,
        Some(Auth::None | Auth::Bearer { .. } | Auth::Basic { .. }) | None => &[],
    };
    let Some(wish) = wish else {
        let headers = kept.to_vec();
        return if headers.is_empty() {
            Err(missing("/auth/headers"))
        } else {
            Ok(Auth::Headers { headers })
        };
    };
    if wish.is_empty() || wish.len() > HEADERS {
        return Err(invalid("/auth/headers", format!("1 to {HEADERS} headers.")));
    }
    let headers =
        wish.into_iter().map(|(name, value)| header(name, value, kept)).collect::<Result<_, _>>()?;
    Ok(Auth::Headers { headers })
}

fn header(
    name: String,
    value: Value,
    kept: &[(String, Secret<String>)],
) -> Result<(String, Secret<String>), Problem> {
    let place = format!("/auth/headers/{}", name.replace('~', "~0").replace('/', "~1"));
    let lower = name.to_ascii_lowercase();
    if HeaderName::try_from(name.as_str()).is_err()
        || OURS.contains(&lower.as_str())
        || lower.starts_with("webhook-")
    {
        return Err(invalid(place, "Not the name of a header that a webhook may set."));
    }
    let value = match value {
        Value::String(text) => Secret::new(text),
        Value::Null => {
            let found = kept.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name));
            found.map(|(_, value)| value.clone()).ok_or_else(|| missing(&place))?
        }
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            return Err(invalid(place, "The value of a header is text."));
        }
    };
    sendable(value.expose(), &place)?;
    Ok((name, value))
}

fn sendable(value: &str, place: &str) -> Result<(), Problem> {
    let fits = !value.is_empty() && value.len() <= VALUE_BYTES && HeaderValue::from_str(value).is_ok();
    if fits && value.is_ascii() {
        return Ok(());
    }
    Err(invalid(place, "The value of a header is 1 to 4096 visible ASCII characters."))
}

// What a delivery sets itself, and what would change how its body is read.
const OURS: [&str; 12] = [
    "host",
    "content-length",
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "traceparent",
    "user-agent",
];
const HEADERS: usize = 20;
const VALUE_BYTES: usize = 4_096;
