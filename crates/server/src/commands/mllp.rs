//! The sender's end of MLLP: a message out, its acknowledgement in.

use std::io;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use hl7v2::mllp::{self, Commit, Decoder, Event};
use model::limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout};

use crate::client::{self, Secured, Stream};

/// A connection to an MLLP port.
pub(super) struct Wire {
    stream: Box<dyn Stream>,
    is_secured: bool,
    decoder: Decoder,
}

/// What was said to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// `AA`, `AE`, `AR`, `CA`, `CE` or `CR`; `-` where the sender wants no answer.
    pub(super) code: String,
    /// What was wrong, in words.
    pub(super) faults: Vec<String>,
    /// How long it took.
    pub(super) took: Duration,
}

impl Answer {
    /// Whether the message was taken.
    pub(super) fn is_good(&self) -> bool {
        matches!(self.code.as_str(), "AA" | "CA" | "-")
    }
}

impl Wire {
    /// Connects to `host:port`, in clear or secured.
    pub(super) async fn open(address: &str, secured: Option<&Secured>) -> anyhow::Result<Wire> {
        let connecting = Box::pin(client::connect(address, secured));
        let stream = timeout(PATIENCE, connecting).await.context("no connection in time")??;
        let decoder = Decoder::new(limits::HL7_MESSAGE_BYTES);
        Ok(Wire { stream, is_secured: secured.is_some(), decoder })
    }

    /// Sends a message and waits for its acknowledgement, if it asks for one.
    pub(super) async fn send(&mut self, message: &[u8]) -> anyhow::Result<Answer> {
        let began = Instant::now();
        let written = self.write(&mllp::frame(message)).await;
        written.map_err(|error| self.broken(error))?;
        let mut answer = if wants_answer(message) {
            let reading = Box::pin(self.answer_to(control_id(message)));
            timeout(PATIENCE, reading).await.context("no acknowledgement within 30 s")??
        } else {
            Answer { code: "-".to_owned(), faults: Vec::new(), took: Duration::ZERO }
        };
        answer.took = began.elapsed();
        Ok(answer)
    }

    async fn write(&mut self, frame: &[u8]) -> io::Result<()> {
        self.stream.write_all(frame).await?;
        self.stream.flush().await
    }

    async fn answer_to(&mut self, id: String) -> anyhow::Result<Answer> {
        loop {
            let said = match self.next().await? {
                Event::Frame(frame) => read(&frame, &id)?,
                // MLLP release 2: NAK asks for the message again.
                Event::Commit(Commit::Negative) => bail!("the other end answered NAK"),
                Event::Commit(Commit::Positive) | Event::Noise { .. } | Event::Unfinished { .. } => None,
                Event::Oversize { .. } | Event::Close(_) => bail!("the other end does not speak MLLP"),
            };
            if let Some(answer) = said {
                return Ok(answer);
            }
        }
    }

    async fn next(&mut self) -> anyhow::Result<Event> {
        let mut bytes = [0; 4096];
        loop {
            if let Some(event) = self.decoder.next() {
                return Ok(event);
            }
            match self.stream.read(&mut bytes).await {
                Ok(0) => return self.decoder.finish().ok_or_else(|| self.closed()),
                Ok(_) if !self.is_secured && bytes.starts_with(TLS_ALERT) => {
                    bail!("the other end speaks TLS. hint: add --tls");
                }
                Ok(count) => self.decoder.push(bytes.get(..count).unwrap_or_default()),
                Err(error) => return Err(self.broken(error)),
            }
        }
    }

    /// A connection that broke: mostly because the other end closed it with something unread.
    fn broken(&self, error: io::Error) -> anyhow::Error {
        let is_closed = matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe);
        if is_closed { self.closed() } else { error.into() }
    }

    fn closed(&self) -> anyhow::Error {
        let hint = match self.is_secured {
            true => "the rejections of the server say why",
            false => "add --tls if the port speaks TLS; if not, the rejections of the server say why",
        };
        anyhow!("the other end closed the connection without an answer. hint: {hint}")
    }
}

/// MSH-10 of a message.
pub(super) fn control_id(message: &[u8]) -> String {
    let read = hl7v2::parse(message).ok();
    read.map(|(message, _)| message.header().control_id().text().into_owned()).unwrap_or_default()
}

/// What a frame says to the message with this id; nothing if it answers another.
fn read(frame: &[u8], id: &str) -> anyhow::Result<Option<Answer>> {
    let (message, _) = hl7v2::parse(frame).context("the answer is not an HL7 v2 message")?;
    let text = |path: &str| message.value(path).into_text().unwrap_or_default().into_owned();
    let (code, answers) = (text("MSA-1"), text("MSA-2"));
    if code.is_empty() {
        bail!("the answer has no MSA segment");
    }
    // Some receivers leave MSA-2 out of a refusal.
    if !answers.is_empty() && answers != id {
        return Ok(None);
    }
    let faults = message.segments_named("ERR").map(|segment| {
        let part =
            |field: usize, component: usize| segment.field(field).component(component).text().into_owned();
        // HL7 v2.5 §2.16.5: ERR-2 place, ERR-3 code, ERR-7 and ERR-8 words.
        let words = [part(3, 1), part(3, 2), part(7, 1), part(8, 1)];
        let place: Vec<String> =
            (1..=3).map(|number| part(2, number)).filter(|part| !part.is_empty()).collect();
        let words = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        if place.is_empty() { words } else { format!("{words} at {}", place.join("-")) }
    });
    let mut faults: Vec<String> = faults.collect();
    faults.extend(Some(text("MSA-3")).filter(|words| !words.is_empty()));
    Ok(Some(Answer { code, faults, took: Duration::ZERO }))
}

// HL7 v2.5.1 §2.9.2: NE in MSH-15 and MSH-16 asks for silence; silence is then no fault.
fn wants_answer(message: &[u8]) -> bool {
    let Ok((message, _)) = hl7v2::parse(message) else { return true };
    let header = message.header();
    let is_silent = |wish| matches!(wish, hl7v2::Wish::Never | hl7v2::Wish::OnError);
    let is_never_answered = is_silent(header.accept_wish())
        && (is_silent(header.application_wish()) || header.application_wish() == hl7v2::Wish::Absent);
    !(is_never_answered || header.is_acknowledgement())
}

/// How an alert begins (RFC 8446 §5.1): what a port that speaks TLS answers to what is none.
const TLS_ALERT: &[u8] = &[21, 3];
const PATIENCE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    fn message(wishes: &str) -> Vec<u8> {
        format!("MSH|^~\\&|A|B|C|D|20260101||ADT^A01|7|P|2.5|||{wishes}\r").into_bytes()
    }

    #[test]
    fn silence_is_expected_only_where_it_was_asked_for() {
        assert!(wants_answer(&message("")));
        assert!(wants_answer(&message("AL|NE")));
        assert!(!wants_answer(&message("NE|NE")));
    }

    #[test]
    fn an_answer_is_read_with_its_faults_and_only_by_the_one_it_is_for() {
        let refused = b"MSH|^~\\&|C|D|A|B|20260101||ACK^A01|9|P|2.5\rMSA|AE|7\rERR||PID^1^3|101^Required field missing^HL70357|E\r";
        let answer = read(refused, "7").unwrap().unwrap();
        assert_eq!((answer.code.as_str(), answer.is_good()), ("AE", false));
        assert_eq!(answer.faults, ["101 Required field missing at PID-1-3"]);
        assert_eq!(read(refused, "8").unwrap(), None);
        assert!(read(&message(""), "7").is_err());
    }
}
