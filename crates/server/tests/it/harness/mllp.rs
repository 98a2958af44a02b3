//! Sending HL7 v2 over MLLP.

use std::io::{ErrorKind, Read as _, Result};
use std::net::SocketAddr;

use hl7v2::mllp::{Decoder, Event, frame};

use super::wire::Line;

/// A connection to an MLLP port.
pub(crate) struct Mllp {
    line: Line,
    decoder: Decoder,
}

impl Mllp {
    pub(crate) fn dial(address: SocketAddr) -> Result<Mllp> {
        Ok(Mllp { line: Line::dial(address)?, decoder: Decoder::new(1 << 20) })
    }

    /// Sends a message and waits for its acknowledgement.
    pub(crate) fn send(&mut self, message: &[u8]) -> Result<Acknowledgement> {
        self.write(&frame(message))?;
        self.hear()
    }

    /// Sends bytes as they are.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.line.write(bytes)
    }

    /// Waits for the next acknowledgement; an error once the other end has closed.
    pub(crate) fn hear(&mut self) -> Result<Acknowledgement> {
        let mut piece = [0; 4096];
        loop {
            if let Some(Event::Frame(answer)) = self.decoder.next() {
                return Ok(Acknowledgement(String::from_utf8_lossy(&answer).into_owned()));
            }
            let count = self.line.stream.read(&mut piece)?;
            if count == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            self.decoder.push(&piece[..count]);
        }
    }
}

/// What a sender hears.
#[derive(Debug)]
pub(crate) struct Acknowledgement(pub(crate) String);

impl Acknowledgement {
    /// MSA-1 and MSA-2 of each acknowledgement in a batch.
    pub(crate) fn verdicts(&self) -> Vec<(&str, &str)> {
        let lines = self.0.split('\r').filter_map(|line| line.strip_prefix("MSA|"));
        lines.map(|fields| fields.split_once('|').unwrap_or((fields, ""))).collect()
    }

    /// MSA-1 and MSA-2.
    pub(crate) fn verdict(&self) -> (&str, &str) {
        let line = self.0.split('\r').find(|line| line.starts_with("MSA|")).unwrap_or_default();
        let mut fields = line.split('|').skip(1);
        (fields.next().unwrap_or_default(), fields.next().unwrap_or_default())
    }
}
