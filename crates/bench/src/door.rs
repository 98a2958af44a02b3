//! The doors of the server: how something is sent through them, and what their answers mean.

use std::io;
use std::time::Duration;

use crate::hl7::{self, Said};
use crate::wire::{Connection, Message, number};

/// A way in.
pub(crate) enum Door {
    /// Event N follows head N modulo their number; one status is an acknowledgement.
    Http { heads: Vec<String>, accepted: u16 },
    /// Frames, each acknowledged by its name.
    Mllp,
}

/// What the server made of an event.
pub(crate) enum Answer {
    Taken,
    /// It is to be sent again after a while.
    Later(Duration),
    Refused(String),
}

impl Door {
    /// Writes down what is sent for event `id`.
    pub(crate) fn request(&self, id: usize, body: &[u8], into: &mut Vec<u8>) {
        into.clear();
        if let Self::Http { heads, .. } = self {
            into.extend_from_slice(heads[id % heads.len()].as_bytes());
        }
        into.extend_from_slice(body);
    }

    /// Sends a request and hears the answer to the event `name`.
    pub(crate) async fn ask(
        &self,
        connection: &mut Connection,
        request: &[u8],
        name: &str,
    ) -> io::Result<Answer> {
        connection.write(request).await?;
        let answer = match self {
            Self::Http { .. } => connection.read().await,
            Self::Mllp => connection.read_frame().await,
        };
        let answer = answer?.ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(match self {
            Self::Http { accepted, .. } => over_http(&answer, *accepted),
            Self::Mllp => over_mllp(&answer, name),
        })
    }
}

fn over_http(answer: &Message<'_>, accepted: u16) -> Answer {
    match answer.status() {
        status if status == accepted => Answer::Taken,
        429 | 503 => {
            let seconds = answer.header("retry-after").and_then(number).unwrap_or(1);
            Answer::Later(Duration::from_secs(seconds.clamp(1, 5)))
        }
        status => Answer::Refused(format!("{status}: {}", String::from_utf8_lossy(answer.body))),
    }
}

fn over_mllp(answer: &Message<'_>, name: &str) -> Answer {
    match hl7::said(answer.body, name) {
        Said::Taken => Answer::Taken,
        Said::Again => Answer::Later(Duration::from_secs(1)),
        Said::Refused => Answer::Refused(String::from_utf8_lossy(answer.body).replace('\r', "\n")),
    }
}
