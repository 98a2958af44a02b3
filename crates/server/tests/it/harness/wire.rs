//! HTTP/1.1 as far as loopback needs it: one message, its length known.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A request or an answer.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    /// The first line.
    pub(crate) line: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// The value of a header.
pub(crate) fn value<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}

/// A connection that keeps what it has read too much of.
pub(crate) struct Line<S = TcpStream> {
    pub(crate) stream: S,
    unread: Vec<u8>,
}

impl Line {
    /// Connects to an address of this machine.
    #[expect(clippy::disallowed_methods, reason = "a test speaks to its own child, without the egress guard")]
    pub(crate) fn dial(address: SocketAddr) -> Result<Line> {
        assert!(address.ip().is_loopback(), "stories stay on this machine");
        Line::on(TcpStream::connect(address)?)
    }

    /// Speaks on a stream that is there.
    pub(crate) fn on(stream: TcpStream) -> Result<Line> {
        Ok(Line::over(patient(stream)?))
    }
}

impl<S: Read + Write> Line<S> {
    /// Speaks over what stands on a stream, such as TLS.
    pub(crate) fn over(stream: S) -> Line<S> {
        Line { stream, unread: Vec::new() }
    }

    /// Writes all of it.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes)
    }

    /// Reads one message; none where the peer has left between two.
    pub(crate) fn read(&mut self) -> Result<Option<Text>> {
        let end = loop {
            if let Some(place) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                break place;
            }
            match self.more()? {
                0 if self.unread.is_empty() => return Ok(None),
                0 => return Err(broken("the head ended early")),
                _ => {}
            }
        };
        let head = String::from_utf8_lossy(&self.unread[..end]).into_owned();
        self.unread.drain(..end + 4);
        let mut lines = head.split("\r\n");
        let line = lines.next().unwrap_or_default().to_owned();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let body = self.body(&headers)?;
        Ok(Some(Text { line, headers, body }))
    }

    /// Reads an answer that does not end until all of these words were heard.
    pub(crate) fn read_until(&mut self, words: &[&str]) -> Result<String> {
        loop {
            let heard = String::from_utf8_lossy(&self.unread).into_owned();
            if words.iter().all(|word| heard.contains(word)) {
                return Ok(heard);
            }
            if self.more()? == 0 {
                return Err(broken(&format!("it ended after: {heard}")));
            }
        }
    }

    fn body(&mut self, headers: &[(String, String)]) -> Result<Vec<u8>> {
        if value(headers, "transfer-encoding").is_some() {
            return Err(broken("a chunked body: lengths are always known here"));
        }
        let length: usize =
            value(headers, "content-length").unwrap_or("0").parse().map_err(|_| broken("no length"))?;
        while self.unread.len() < length {
            if self.more()? == 0 {
                return Err(broken("the body ended early"));
            }
        }
        Ok(self.unread.drain(..length).collect())
    }

    fn more(&mut self) -> Result<usize> {
        let mut piece = [0; 16 << 10];
        let count = self.stream.read(&mut piece)?;
        self.unread.extend_from_slice(&piece[..count]);
        Ok(count)
    }
}

/// A stream that nobody waits for without end.
pub(crate) fn patient(stream: TcpStream) -> Result<TcpStream> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn broken(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

/// Longer than any answer takes: only a hang ends by it.
const PATIENCE: Duration = Duration::from_secs(60);
