//! An answer as bytes: its head as HTTP writes it, an empty line, its body.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// An answer that was given, or is.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The answer, to be sealed: it may hold a secret that is shown once.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.status.as_str().as_bytes().to_vec();
        for (name, value) in &self.headers {
            bytes.extend_from_slice(LINE);
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.push(b':');
            bytes.extend_from_slice(value.as_bytes());
        }
        bytes.extend_from_slice(END);
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// What [`Answer::to_bytes`] wrote.
    pub(crate) fn read(bytes: Vec<u8>) -> Option<Answer> {
        let end = bytes.windows(END.len()).position(|part| part == END)?;
        let bytes = Bytes::from(bytes);
        let (head, body) = (bytes.slice(..end), bytes.slice(end + END.len()..));
        let (status, mut lines) = (head.get(..3)?, head.get(3..)?);
        let mut headers = HeaderMap::new();
        while let Some(line) = lines.strip_prefix(LINE) {
            let length = line.windows(LINE.len()).position(|part| part == LINE).unwrap_or(line.len());
            let (line, after) = line.split_at_checked(length)?;
            let colon = line.iter().position(|byte| *byte == b':')?;
            let (name, value) = (line.get(..colon)?, line.get(colon + 1..)?);
            headers.append(HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?);
            lines = after;
        }
        Some(Answer { status: StatusCode::from_bytes(status).ok()?, headers, body })
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.status, self.headers, self.body).into_response()
    }
}

// No header holds these bytes, so the first empty line is the end of the head.
const LINE: &[u8] = b"\r\n";
const END: &[u8] = b"\r\n\r\n";

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;

    #[track_caller]
    fn check(headers: &[(HeaderName, &'static str)], body: &'static [u8]) {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.append(name, HeaderValue::from_static(value));
        }
        let answer = Answer { status: StatusCode::CREATED, headers: all, body: Bytes::from_static(body) };
        let read = Answer::read(answer.to_bytes()).unwrap();
        assert_eq!((read.status, read.headers, read.body), (answer.status, answer.headers, answer.body));
    }

    #[test]
    fn an_answer_survives_its_bytes() {
        check(&[], b"");
        check(&[(header::ETAG, "\"7\""), (header::LINK, "<a>: b"), (header::LINK, "")], b"{}");
        check(&[(header::ETAG, "")], b"\r\n\r\n\0binary\r\n\r\n");
        for damaged in [b"".as_slice(), b"201", b"201x\r\n\r\n", b"xyz\r\n\r\n", b"201\r\nno colon\r\n\r\n"] {
            assert!(Answer::read(damaged.to_vec()).is_none_or(|read| read.headers.is_empty()));
        }
    }
}
