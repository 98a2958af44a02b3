//! HTTP/1.1 for both sides: keep-alive, `content-length`, nothing else; and the frames of MLLP.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::needle::Needle;

/// A keep-alive connection, of a client or of a server.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
    taken: usize,
}

/// One request or answer, borrowed from its connection.
pub(crate) struct Message<'a> {
    head: &'a [u8],
    pub(crate) body: &'a [u8],
}

impl Connection {
    #[expect(clippy::disallowed_methods, reason = "the load generator stands outside the product")]
    pub(crate) async fn dial(address: SocketAddr) -> io::Result<Self> {
        Self::over(TcpStream::connect(address).await?)
    }

    pub(crate) fn over(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; BUFFER_BYTES], filled: 0, taken: 0 })
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// The next message, or none when the peer closed between two messages.
    pub(crate) async fn read(&mut self) -> io::Result<Option<Message<'_>>> {
        self.read_by(measure).await
    }

    /// The same of MLLP: the body of the message is a frame.
    pub(crate) async fn read_frame(&mut self) -> io::Result<Option<Message<'_>>> {
        self.read_by(|bytes| Ok(measure_frame(bytes))).await
    }

    async fn read_by(
        &mut self,
        measure: fn(&[u8]) -> io::Result<Option<Extent>>,
    ) -> io::Result<Option<Message<'_>>> {
        self.buffer.copy_within(self.taken..self.filled, 0);
        self.filled -= self.taken;
        self.taken = 0;
        loop {
            if let Some(extent) = measure(&self.buffer[..self.filled])?
                && extent.end <= self.filled
            {
                self.taken = extent.end;
                let (head, body) = self.buffer[..extent.end].split_at(extent.head);
                return Ok(Some(Message { head, body }));
            }
            if !self.fill().await? {
                return self.ended();
            }
        }
    }

    fn ended(&self) -> io::Result<Option<Message<'_>>> {
        if self.filled == 0 { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    async fn fill(&mut self) -> io::Result<bool> {
        if self.filled == self.buffer.len() {
            if self.filled >= MESSAGE_BYTES_MAX {
                return Err(invalid("message too long"));
            }
            self.buffer.resize(self.filled * 2, 0);
        }
        let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
        self.filled += read;
        Ok(read > 0)
    }
}

impl<'a> Message<'a> {
    /// The status of an answer; 0 where there is none.
    pub(crate) fn status(&self) -> u16 {
        // `HTTP/1.1 202`: the code is in bytes 9 to 11.
        self.head.get(9..12).and_then(number).and_then(|status| status.try_into().ok()).unwrap_or(0)
    }

    /// The first line of a request.
    #[cfg(test)]
    pub(crate) fn line(&self) -> String {
        String::from_utf8_lossy(self.head).lines().next().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&'a [u8]> {
        header(self.head, name)
    }
}

/// The decimal number that `bytes` are, in ASCII.
pub(crate) fn number(bytes: &[u8]) -> Option<u64> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

// Events of the benchmark and their answers fit, so that a buffer rarely grows.
const BUFFER_BYTES: usize = 4 * 1024;
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;

static HEAD_END: Needle = Needle::new(b"\r\n\r\n");

struct Extent {
    head: usize,
    end: usize,
}

fn measure(bytes: &[u8]) -> io::Result<Option<Extent>> {
    let Some(rest) = HEAD_END.after(bytes) else { return Ok(None) };
    let head = bytes.len() - rest.len();
    if header(&bytes[..head], "transfer-encoding").is_some() {
        return Err(invalid("message without a content-length"));
    }
    let body = match header(&bytes[..head], "content-length") {
        Some(length) => number(length).ok_or_else(|| invalid("unreadable content-length"))?,
        None => 0,
    };
    let body = usize::try_from(body).map_err(|_too_long| invalid("message too long"))?;
    Ok(Some(Extent { head, end: head + body }))
}

static FRAME_END: Needle = Needle::new(b"\x1c\r");

fn measure_frame(bytes: &[u8]) -> Option<Extent> {
    FRAME_END.after(bytes).map(|rest| Extent { head: 0, end: bytes.len() - rest.len() })
}

fn header<'a>(head: &'a [u8], name: &str) -> Option<&'a [u8]> {
    head.split(|byte| *byte == b'\n').find_map(|line| {
        let (found, value) = line.split_at_checked(name.len())?;
        found
            .eq_ignore_ascii_case(name.as_bytes())
            .then_some(value)?
            .strip_prefix(b":")
            .map(<[u8]>::trim_ascii)
    })
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::{header, measure, measure_frame};

    #[track_caller]
    fn check(bytes: &[u8], expected: Option<(usize, usize)>) {
        assert_eq!(measure(bytes).unwrap().map(|extent| (extent.head, extent.end)), expected);
    }

    #[test]
    fn a_message_ends_where_its_content_length_says() {
        check(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n", None);
        check(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab", Some((38, 43)));
        check(b"HTTP/1.1 204 No Content\r\n\r\n", Some((27, 27)));
    }

    #[test]
    fn a_frame_ends_with_its_two_last_characters() {
        let end = |bytes: &[u8]| measure_frame(bytes).map(|extent| (extent.head, extent.end));
        assert_eq!(end(b"\x0bMSH|\r\x1c"), None);
        assert_eq!(end(b"\x0bMSH|\r\x1c\r\x0bMSH"), Some((0, 8)));
    }

    #[test]
    fn a_chunked_or_unreadable_length_is_refused() {
        assert!(measure(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(measure(b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n").is_err());
    }

    #[test]
    fn a_header_is_found_by_its_whole_name() {
        let head = b"POST / HTTP/1.1\r\nwebhook-id-old: a\r\nWebhook-Id:  b \r\n\r\n";
        assert_eq!(header(head, "webhook-id"), Some(&b"b"[..]));
        assert_eq!(header(head, "webhook"), None);
    }
}
