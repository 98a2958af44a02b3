//! Headers of the receiver's choice, none of which can touch how the call is made.

use http::header::{HeaderMap, HeaderName, HeaderValue};
use model::Secret;

use super::is_ours;

pub(super) fn prepare(headers: &[(String, Secret<String>)]) -> Result<HeaderMap, (String, &'static str)> {
    if headers.len() > HEADERS {
        return Err(("/headers".to_owned(), "there are more than 50 headers"));
    }
    let mut map = HeaderMap::with_capacity(headers.len());
    for (index, (name, value)) in headers.iter().enumerate() {
        let (name, value) = read(name, value.expose()).map_err(|why| (format!("/headers/{index}"), why))?;
        map.append(name, value);
    }
    Ok(map)
}

fn read(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), &'static str> {
    if name.len() + value.len() > HEADER_BYTES {
        return Err("a header has at most 1 KiB");
    }
    let name = HeaderName::try_from(name).map_err(|_| "the name is not one of a header")?;
    if is_ours(&name) {
        return Err("this header is set by Carehook");
    }
    // `from_str` refuses CR, LF, NUL and DEL, but takes opaque bytes.
    if !value.is_ascii() {
        return Err("the value has characters beyond ASCII text");
    }
    let mut value = HeaderValue::from_str(value).map_err(|_| "the value has characters beyond ASCII text")?;
    value.set_sensitive(true);
    Ok((name, value))
}

const HEADERS: usize = 50;
const HEADER_BYTES: usize = 1 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, value: &str, is_fine: bool) {
        assert_eq!(read(name, value).is_ok(), is_fine, "{name}: {value:?}");
    }

    #[test]
    fn a_header_can_neither_split_the_request_nor_replace_one_of_ours() {
        check("X-Api-Key", "secret value", true);
        check("Authorization", "ApiKey abc", true);
        check("Cookie", "a=b", true);
        for value in ["a\r\nX: y", "a\nb", "a\0", "a\x7f", "é"] {
            check("X-Api-Key", value, false);
        }
        for name in ["", "a b", "a:b", "a\r\n", "Host", "Content-Length", "content-type", "Transfer-Encoding"]
        {
            check(name, "x", false);
        }
        for name in ["Connection", "TE", "Upgrade", "Webhook-Id", "webhook-signature", "Keep-Alive", "Expect"]
        {
            check(name, "x", false);
        }
        check("X-Long", &"x".repeat(1_025), false);
    }

    #[test]
    fn more_than_fifty_headers_are_refused() {
        let headers: Vec<_> = (0..51).map(|n| (format!("x-{n}"), Secret::new("v".to_owned()))).collect();
        assert_eq!(prepare(&headers).unwrap_err().0, "/headers");
        assert!(prepare(&headers[..50]).is_ok());
    }
}
