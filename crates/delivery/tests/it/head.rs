//! Answers whose head is wrong, endless or strange.

use crate::receiver::{Do, Row, answer, check, repeat, say};

fn heard(name: &'static str, rest: Vec<Do>, expected: &'static str) -> Row {
    let mut script = vec![Do::Hear];
    script.extend(rest);
    (name, script, expected)
}

fn raw(name: &'static str, text: &str, expected: &'static str) -> Row {
    heard(name, vec![say(text)], expected)
}

#[tokio::test]
async fn heads_that_are_not_http_are_refused() {
    let field = |value: &str| format!("HTTP/1.1 200 OK\r\nx: {value}\r\ncontent-length: 0\r\n\r\n");
    check(vec![
        raw("garbage", "\x16\x03\x01 what is this\r\n\r\n", "protocol_error"),
        raw("an SSH banner", "SSH-2.0-OpenSSH_9.2\r\n", "protocol_error"),
        raw("HTTP/0.9", "<html>hello</html>", "protocol_error"),
        raw("HTTP/2 without being asked", "HTTP/2 200\r\n\r\n", "protocol_error"),
        raw("status 000", "HTTP/1.1 000 Nothing\r\n\r\n", "protocol_error"),
        raw("status 099", "HTTP/1.1 099 Little\r\n\r\n", "protocol_error"),
        raw("status 600", "HTTP/1.1 600 Much\r\ncontent-length: 0\r\n\r\n", "protocol_error"),
        raw("status 999", "HTTP/1.1 999 More\r\ncontent-length: 0\r\n\r\n", "protocol_error"),
        raw("a status of letters", "HTTP/1.1 abc OK\r\n\r\n", "protocol_error"),
        raw("a field without a colon", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", "protocol_error"),
        raw("NUL in a value", &field("a\0b"), "protocol_error"),
        raw("CR in a value", &field("a\rb"), "protocol_error"),
        raw("a folded value", &field("a\r\n b"), "protocol_error"),
        raw("space before the colon", "HTTP/1.1 200 OK\r\nx : y\r\n\r\n", "protocol_error"),
        raw(
            "two lengths",
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
            "protocol_error",
        ),
        raw("a negative length", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", "protocol_error"),
        raw(
            "a length beyond all numbers",
            "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n",
            "protocol_error",
        ),
        raw(
            "an upgrade nobody asked for",
            "HTTP/1.1 101 Switching\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
            "protocol_error",
        ),
    ])
    .await;
}

#[tokio::test]
async fn heads_without_bound_are_cut() {
    let head = || say("HTTP/1.1 200 OK\r\n");
    check(vec![
        heard(
            "101 fields",
            vec![head(), repeat("a: b\r\n", 101), say("content-length: 0\r\n\r\n")],
            "response_too_large",
        ),
        heard(
            "10,000 fields",
            vec![head(), repeat("a: b\r\n", 10_000), say("\r\n"), Do::Wait],
            "response_too_large",
        ),
        heard(
            "a field of 1 MB",
            vec![head(), say("a: "), repeat("x", 1 << 20), say("\r\n\r\n")],
            "response_too_large",
        ),
        heard("fields for ever", vec![head(), repeat("a: b\r\n", None)], "response_too_large"),
        heard("a status line for ever", vec![say("HTTP/1.1 200 "), repeat("x", None)], "response_too_large"),
        heard(
            "100 Continue for ever",
            vec![repeat("HTTP/1.1 100 Continue\r\n\r\n", None)],
            "response_too_large",
        ),
        heard(
            "103 Early Hints, 100,000 times",
            vec![repeat("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", 100_000), Do::Wait],
            "response_too_large",
        ),
        heard(
            "one byte at a time",
            vec![Do::Drip(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec())],
            "read_timeout",
        ),
        heard("half a head, then silence", vec![say("HTTP/1.1 200 OK\r\nx: "), Do::Wait], "read_timeout"),
        heard("half a head, then closed", vec![say("HTTP/1.1 200 OK\r\nx: ")], "response_truncated"),
        heard(
            "half a head, then reset",
            vec![say("HTTP/1.1 200 OK\r\nx: "), Do::Drip(vec![b'y']), Do::Reset],
            "response_truncated",
        ),
        heard("102, then nothing", vec![say("HTTP/1.1 102 Processing\r\n\r\n"), Do::Wait], "read_timeout"),
        heard("102, then closed", vec![say("HTTP/1.1 102 Processing\r\n\r\n")], "response_truncated"),
    ])
    .await;
}

#[tokio::test]
async fn strange_heads_that_http_allows_are_read() {
    let fields: String = (0..90).map(|n| format!("x-{n}: y\r\n")).collect();
    check(vec![
        raw("no words after the status", "HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", "200"),
        raw(
            "bytes beyond ASCII in a value",
            "HTTP/1.1 200 OK\r\nx: \u{e9}\r\ncontent-length: 0\r\n\r\n",
            "200",
        ),
        raw(
            "the same length twice",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nab",
            "200",
        ),
        raw("HTTP/1.0 until the close", "HTTP/1.0 200 OK\r\n\r\nfine", "200"),
        heard("90 fields", vec![answer("202 Accepted", &fields, "")], "202"),
        heard(
            "interim answers before the answer",
            vec![repeat("HTTP/1.1 102 Processing\r\n\r\n", 10), answer("201 Created", "", "x")],
            "201",
        ),
        raw("204 with a body", "HTTP/1.1 204 No Content\r\n\r\nsurprise", "204"),
    ])
    .await;
}
