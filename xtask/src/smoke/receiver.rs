//! A receiver on a port of its own. It accepts everything and remembers what came.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver as Arrivals};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

const BODY_BYTES_MAX: usize = 1024 * 1024;

/// One delivery as it came over the wire, header names in lower case.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    arrivals: Arrivals<Arrived>,
}

impl Receiver {
    pub(crate) fn start() -> Result<Receiver> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (sender, arrivals) = mpsc::channel();
        // A connection without a request (a probe of the port) is nothing to remember.
        let arrived =
            move || listener.incoming().flatten().filter_map(accept).try_for_each(|it| sender.send(it));
        std::thread::spawn(arrived);
        Ok(Receiver { address, arrivals })
    }

    /// Waits for a delivery whose body contains `text`; others are passed over.
    pub(crate) fn wait_for(&self, text: &str, patience: Duration) -> Result<Arrived> {
        let until = Instant::now() + patience;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let arrived = self
                .arrivals
                .recv_timeout(left)
                .with_context(|| format!("no delivery within {} s", patience.as_secs()))?;
            if arrived.body.contains(text) {
                return Ok(arrived);
            }
        }
    }
}

fn accept(stream: TcpStream) -> Option<Arrived> {
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let mut reader = BufReader::new(stream);
    let mut headers = BTreeMap::new();
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length: usize = headers.get("content-length")?.parse().ok()?;
    let mut body = vec![0; length.min(BODY_BYTES_MAX)];
    reader.read_exact(&mut body).ok()?;
    let answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
    reader.get_mut().write_all(answer).ok()?;
    Some(Arrived { headers, body: String::from_utf8(body).ok()? })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::Receiver;
    use crate::smoke::http;

    #[test]
    fn what_is_sent_is_remembered() {
        let receiver = Receiver::start().unwrap();
        let answer =
            http::call(receiver.address, "POST /hook", "key", Some(&json!({"id": "evt_1"}))).unwrap();
        assert_eq!(answer.status, 204);
        let arrived = receiver.wait_for("evt_1", Duration::from_secs(5)).unwrap();
        assert_eq!(arrived.headers["authorization"], "Bearer key");
        assert_eq!(arrived.body, r#"{"id":"evt_1"}"#);
        assert!(receiver.wait_for("evt_2", Duration::ZERO).is_err());
    }
}
