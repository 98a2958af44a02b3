//! Answers whose body breaks off, never ends, or is not what it says.

use crate::receiver::{Do, Row, answer, check, repeat, say};

const OK: &str = "HTTP/1.1 200 OK\r\n";

fn heard(name: &'static str, rest: Vec<Do>, expected: &'static str) -> Row {
    let mut script = vec![Do::Hear];
    script.extend(rest);
    (name, script, expected)
}

fn chunked(status: &str) -> Do {
    say(format!("HTTP/1.1 {status}\r\ntransfer-encoding: chunked\r\n\r\n"))
}

fn long(length: u64) -> Do {
    say(format!("{OK}content-length: {length}\r\n\r\n"))
}

#[tokio::test]
async fn a_success_must_end_in_time_and_whole() {
    check(vec![
        heard("short by one", vec![long(5), say("1234")], "response_truncated"),
        heard(
            "reset within",
            vec![long(5), say("12"), Do::Drip(vec![b'3']), Do::Reset],
            "response_truncated",
        ),
        heard("chunked, closed within", vec![chunked("200 OK"), say("5\r\n12")], "response_truncated"),
        heard("chunked, no last chunk", vec![chunked("200 OK"), say("2\r\n12\r\n")], "response_truncated"),
        heard("one byte at a time", vec![long(100), Do::Drip(vec![b'x'; 100])], "read_timeout"),
        heard("silence within", vec![long(100), say("x"), Do::Wait], "read_timeout"),
        heard("never begins", vec![long(1), Do::Wait], "read_timeout"),
        heard("chunked, never ends", vec![chunked("200 OK"), say("1\r\nx\r\n"), Do::Wait], "read_timeout"),
        heard("10 GB announced, little sent", vec![long(10_000_000_000), say("x"), Do::Wait], "read_timeout"),
        heard("a chunk size of letters", vec![chunked("200 OK"), say("xyz\r\n")], "protocol_error"),
        heard(
            "a chunk size beyond all numbers",
            vec![chunked("200 OK"), say("fffffffffffffffff\r\n")],
            "protocol_error",
        ),
        heard(
            "a chunk extension of 1 MB",
            vec![chunked("200 OK"), say("1;a="), repeat("x", 1 << 20)],
            "protocol_error",
        ),
        heard(
            "trailers of 1 MB",
            vec![chunked("200 OK"), say("0\r\na: "), repeat("x", 1 << 20)],
            "protocol_error",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_longer_body_is_not_read_and_undoes_nothing() {
    check(vec![
        heard("10 GB, sent", vec![long(10_000_000_000), repeat("x", None)], "200"),
        heard(
            "chunks for ever",
            vec![chunked("200 OK"), repeat("400\r\n".to_owned() + &"x".repeat(1_024) + "\r\n", None)],
            "200",
        ),
        heard("for ever until the close", vec![say(format!("{OK}\r\n")), repeat("x", None)], "200"),
        heard("exactly 64 KiB", vec![long(65_536), repeat("x", 65_536)], "200"),
    ])
    .await;
}

#[tokio::test]
async fn a_refusal_stands_whatever_its_body_does() {
    let failed = || say("HTTP/1.1 500 Broken\r\ncontent-length: 100\r\n\r\n");
    check(vec![
        heard("closed within", vec![failed(), say("x")], "http_5xx"),
        heard("silence within", vec![failed(), Do::Wait], "http_5xx"),
        heard("for ever", vec![chunked("400 Bad"), repeat("1\r\nx\r\n", None)], "http_4xx"),
        heard("framed wrongly", vec![chunked("410 Gone"), say("xyz\r\n")], "http_410"),
    ])
    .await;
}

#[tokio::test]
async fn what_a_body_says_means_nothing() {
    let gzip = "content-encoding: gzip\r\n";
    check(vec![
        heard("plain, called gzip", vec![answer("200 OK", gzip, "not gzip at all")], "200"),
        heard("an error in words", vec![answer("200 OK", "", "ERROR: database is down")], "200"),
        heard(
            "a script",
            vec![answer("200 OK", "content-type: text/html\r\n", "<script>alert(1)</script>")],
            "200",
        ),
        heard("invalid UTF-8", vec![long(4), Do::Say(vec![0xff, 0xfe, 0xc0, 0x80])], "200"),
        heard(
            "both framings, chunked wins",
            vec![say("HTTP/1.1 200 OK\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n")],
            "200",
        ),
        heard(
            "chunked before gzip",
            vec![say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n")],
            "200",
        ),
    ])
    .await;
}
