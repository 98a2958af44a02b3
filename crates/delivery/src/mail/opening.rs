//! From a connection to one that may carry letters.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::fault::Fault;
use super::pipe::Pipe;
use super::{MailServer, Security};
use crate::egress::Stream;

/// Connects, and secures the connection as the configuration says.
pub(super) async fn open(server: &MailServer) -> Result<Pipe, Fault> {
    let vetted = server.egress.vet(&server.target).await?;
    let (stream, peer) = server.egress.dial(&vetted).await?;
    match server.options.security {
        Security::None => Ok(Pipe::new(Box::new(stream), b"", peer)),
        Security::Implicit => secure(server, stream, (b"", peer)).await,
        Security::Starttls => {
            let stream = ask_for_tls(stream).await?;
            secure(server, stream, (b"220 secured\r\n", peer)).await
        }
    }
}

async fn secure(
    server: &MailServer,
    stream: Box<dyn Stream>,
    (said, peer): (&'static [u8], SocketAddr),
) -> Result<Pipe, Fault> {
    let Some(tls) = &server.target.tls else { return Err(Fault::Unsecured) };
    let secured = server.egress.secure(stream, &server.target, &Arc::clone(tls)).await?;
    Ok(Pipe::new(Box::new(secured), said, peer))
}

/// Asks the server to go on in TLS (RFC 3207).
///
/// Read byte by byte: whatever somebody in between sends along with the answer
/// stays unread and breaks the handshake, instead of being taken for the
/// server's word afterwards.
async fn ask_for_tls(mut stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, Fault> {
    expect(&reply(&mut stream).await?, "220")?;
    say(&mut stream, "EHLO carehook\r\n").await?;
    let offered = reply(&mut stream).await?;
    expect(&offered, "250")?;
    let is_offered = |line: &str| {
        let word = line.get(4..).unwrap_or_default().trim();
        word.eq_ignore_ascii_case("STARTTLS")
    };
    if !offered.lines().any(is_offered) {
        return Err(Fault::Unsecured);
    }
    say(&mut stream, "STARTTLS\r\n").await?;
    expect(&reply(&mut stream).await?, "220")?;
    Ok(stream)
}

/// All lines of one reply.
async fn reply(stream: &mut Box<dyn Stream>) -> Result<String, Fault> {
    let mut text = String::new();
    let mut begin = 0;
    while text.len() < REPLY {
        let byte = stream.read_u8().await.map_err(|_| Fault::Lost)?;
        text.push(char::from(byte));
        if byte != b'\n' {
            continue;
        }
        // RFC 5321 §4.2.1: a hyphen after the code says that more lines follow.
        let goes_on = text.get(begin..).and_then(|line| line.get(3..4)) == Some("-");
        if !goes_on {
            return Ok(text);
        }
        begin = text.len();
    }
    Err(Fault::Nonsense)
}

async fn say(stream: &mut Box<dyn Stream>, line: &str) -> Result<(), Fault> {
    stream.write_all(line.as_bytes()).await.map_err(|_| Fault::Lost)?;
    stream.flush().await.map_err(|_| Fault::Lost)
}

fn expect(reply: &str, code: &str) -> Result<(), Fault> {
    match reply.get(..3) {
        Some(found) if found == code => Ok(()),
        Some(found) if found.starts_with('4') => Err(Fault::Deferred),
        Some(found) if found.starts_with('5') => Err(Fault::Refused),
        Some(_) | None => Err(Fault::Nonsense),
    }
}

/// The longest reply that is read, in bytes.
const REPLY: usize = 8 << 10;
