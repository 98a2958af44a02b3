//! One MLLP connection: messages in order, each answered once it is durable.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hl7v2::ack::{ErrorCode, Fault, Verdict, reply};
use hl7v2::batch::Batch;
use hl7v2::mllp::{Decoder, Event, frame};
use model::{Code, Door, Integration, Problem, Versioned, limits};
use observe::Stop;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Instant, timeout, timeout_at};

use super::crowd::Place;
use super::peer::{Peer, Unknown};
use crate::{hl7, transmission};

pub(super) struct Connection {
    pub(super) peer: Peer,
    pub(super) place: Place,
    pub(super) stop: Stop,
}

/// Why a connection is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// The peer left, or we stop.
    Left,
    /// No message came for a long time.
    Idle,
    /// A message took too long to arrive.
    Slow,
    /// The peer does not read its answers.
    Unread,
    /// Somebody else needed the room.
    Crowded,
    NotMllp,
    /// No TLS handshake came about, and nobody can say why.
    NoHandshake,
    /// No integration of the port lets the peer send.
    Barred(Code),
}

impl Over {
    /// For counting; none where it was not we who ended it.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Over::Left => None,
            Over::Idle => Some("idle"),
            Over::Slow => Some("slow"),
            Over::Unread => Some("unread"),
            Over::Crowded => Some("crowded"),
            Over::NotMllp => Some("not_mllp"),
            Over::NoHandshake => Some("no_handshake"),
            Over::Barred(code) => Some(code.name()),
        }
    }
}

/// What is read from a connection, and when.
struct Line<S> {
    stream: S,
    decoder: Decoder,
    /// Frames in a row without a readable MSH.
    unreadable: u32,
    /// Since when the peer has brought nothing whole.
    since: Instant,
    /// When the frame began that has not ended yet: however its bytes drip, this stays.
    began: Option<Instant>,
}

impl Connection {
    /// Serves until the peer leaves, is silent too long, or does not speak MLLP.
    pub(super) async fn serve(&self, stream: impl AsyncRead + AsyncWrite + Unpin) -> Over {
        let mut line = Line {
            stream,
            decoder: Decoder::new(limits::HL7_MESSAGE_BYTES),
            unreadable: 0,
            since: Instant::now(),
            began: None,
        };
        let Err(over) = self.go_on(&mut line).await;
        // TLS says its end; who does not wait for it misses nothing.
        drop(timeout(limits::MLLP_GOODBYE, line.stream.shutdown()).await);
        if line.decoder.finish().is_some() {
            self.peer.intake.ports.metrics.rejected(Door::Mllp, "unfinished");
        }
        over
    }

    async fn go_on<S: AsyncRead + AsyncWrite + Unpin>(&self, line: &mut Line<S>) -> Result<Infallible, Over> {
        let mut bytes = vec![0; READ];
        loop {
            self.answer_all(line).await?;
            let (until, over) = line.patience();
            let read = tokio::select! {
                read = timeout_at(until, line.stream.read(&mut bytes)) => read,
                () = self.place.is_needed() => return Err(Over::Crowded),
                () = self.stop.stopped() => return Err(Over::Left),
            };
            match read {
                Ok(Ok(count @ 1..)) => line.decoder.push(bytes.get(..count).unwrap_or_default()),
                // Some senders leave the last CR out, and wait, or close their half.
                Ok(Ok(0)) | Err(_) if line.decoder.awaits_return() => {
                    let event = line.decoder.finish();
                    self.answer_to(line, event).await?;
                    self.answer_all(line).await?;
                }
                Ok(_) => return Err(Over::Left),
                Err(_) => return Err(over),
            }
        }
    }

    /// Answers what has arrived, in order.
    async fn answer_all<S: AsyncWrite + Unpin>(&self, line: &mut Line<S>) -> Result<(), Over> {
        let told: Vec<Event> = line.decoder.by_ref().collect();
        self.answer_to(line, told).await
    }

    async fn answer_to<S: AsyncWrite + Unpin>(
        &self,
        line: &mut Line<S>,
        told: impl IntoIterator<Item = Event>,
    ) -> Result<(), Over> {
        for event in told {
            let is_message = matches!(event, Event::Frame(_) | Event::Oversize { .. });
            let answer = self.answer(event, &mut line.unreadable).await?;
            if is_message {
                (line.since, line.began) = (Instant::now(), None);
            }
            // A peer that reads no answers gets no further ones: we stop reading too.
            let writing = timeout(limits::MLLP_FRAME, write(&mut line.stream, &answer));
            tokio::select! {
                written = writing => match written {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return Err(Over::Left),
                    Err(_) => return Err(Over::Unread),
                },
                () = self.place.is_needed() => return Err(Over::Crowded),
            }
        }
        Ok(())
    }

    /// The bytes to send back.
    async fn answer(&self, event: Event, unreadable: &mut u32) -> Result<Vec<u8>, Over> {
        let metrics = &self.peer.intake.ports.metrics;
        match event {
            Event::Frame(bytes) => {
                self.let_on().await?;
                self.place.begin();
                let answer = self.answer_frame(&bytes, unreadable).await;
                self.place.end();
                answer
            }
            Event::Oversize { head } => {
                self.let_on().await?;
                let problem = Problem::new(Code::BodyTooLarge, "The message is larger than 16 MiB.");
                Ok(self.reject(&problem, (limits::HL7_MESSAGE_BYTES + 1, &head)).await)
            }
            Event::Commit(_) => Ok(Vec::new()),
            Event::Noise { .. } => {
                metrics.rejected(Door::Mllp, "noise");
                Ok(Vec::new())
            }
            Event::Unfinished { .. } => {
                metrics.rejected(Door::Mllp, "unfinished");
                Ok(Vec::new())
            }
            Event::Close(_) => {
                metrics.rejected(Door::Mllp, "not_mllp");
                Err(Over::NotMllp)
            }
        }
    }

    /// The lists and certificates of the port may have changed since the peer came.
    async fn let_on(&self) -> Result<(), Over> {
        let Some(problem) = self.peer.bar() else { return Ok(()) };
        self.peer.turn_away(&problem).await;
        Err(Over::Barred(problem.code))
    }

    async fn answer_frame(&self, bytes: &[u8], unreadable: &mut u32) -> Result<Vec<u8>, Over> {
        match self.take(bytes).await {
            Ok(answers) => {
                *unreadable = 0;
                Ok(answers)
            }
            Err(problem) if problem.code == Code::BodyTooLarge => {
                Ok(self.reject(&problem, (bytes.len(), bytes)).await)
            }
            Err(problem) => {
                self.peer.refuse(None, &problem, (bytes.len(), bytes)).await;
                *unreadable += 1;
                if *unreadable < UNREADABLE { Ok(Vec::new()) } else { Err(Over::NotMllp) }
            }
        }
    }

    /// Refuses what is too large to be taken, by the name of its first message: its length at least, and what there
    /// is of it.
    async fn reject(&self, problem: &Problem, (length, bytes): (usize, &[u8])) -> Vec<u8> {
        self.peer.refuse(None, problem, (length, bytes)).await;
        let head = bytes.get(..HEAD).unwrap_or(bytes);
        let fault = Fault { code: ErrorCode::InternalError, location: None };
        let answer = hl7::refuse(&self.peer.intake, head, &Verdict::Rejected(fault));
        answer.map(|answer| frame(&answer)).unwrap_or_default()
    }

    /// Takes what a frame holds and gives the acknowledgements that it wants, each in its frame.
    ///
    /// None is given before all of it is durable or refused.
    async fn take(&self, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
        let batch = transmission::part(bytes)?;
        let mut answers = Vec::with_capacity(batch.messages.len());
        for message in &batch.messages {
            answers.push(self.take_one(message).await?);
        }
        if let Some((problem, around)) = transmission::amiss(&batch) {
            self.peer.refuse(self.whose(&batch), &problem, (around.len(), &around)).await;
        }
        let stamp = hl7::stamp(&self.peer.intake);
        let answers = transmission::answer(&batch, answers, &stamp.as_stamp());
        Ok(answers.iter().flat_map(|answer| frame(answer)).collect())
    }

    /// Takes one message and gives its acknowledgement, if it wants one.
    async fn take_one(&self, bytes: &[u8]) -> Result<Option<Vec<u8>>, Problem> {
        let (message, flaws) = hl7v2::parse(bytes).map_err(|_| transmission::unreadable())?;
        let header = message.header();
        let stamp = hl7::stamp(&self.peer.intake);
        let integration = match self.peer.whose(&header) {
            Ok(integration) => integration,
            Err(Unknown { problem, meant }) => {
                self.peer.refuse(meant, &problem.at("MSH-3"), (bytes.len(), bytes)).await;
                // Who may not send hears no more than who is not known.
                let fault = Fault { code: ErrorCode::UnknownKey, location: None };
                return Ok(reply(&header, &Verdict::Rejected(fault), &stamp.as_stamp()));
            }
        };
        let taken = self.make_durable(&integration, (&message, &flaws)).await;
        if let Err(unfit) = &taken {
            self.peer.refuse(Some(integration), &unfit.problem(), (bytes.len(), bytes)).await;
        }
        Ok(reply(&header, &hl7::verdict(&taken), &stamp.as_stamp()))
    }

    async fn make_durable(
        &self,
        integration: &Arc<Versioned<Integration>>,
        (message, flaws): (&hl7v2::Message<'_>, &[hl7v2::Flaw]),
    ) -> Result<hl7::Taken, hl7::Unfit> {
        let began = Instant::now();
        let intake = &self.peer.intake;
        let mut taken = hl7::take(intake, integration, message, flaws).await;
        while began.elapsed() < OVERLOAD
            && taken.as_ref().is_err_and(|unfit| unfit.code() == Code::Overloaded)
        {
            tokio::time::sleep(BREATH).await;
            taken = hl7::take(intake, integration, message, flaws).await;
        }
        if let Ok(taken) = &taken {
            let duplicates = usize::from(taken.duplicate);
            intake.ports.metrics.accepted(Door::Mllp, taken.events, duplicates, began.elapsed());
        }
        taken
    }

    /// The integration that the first message of a batch chooses.
    fn whose(&self, batch: &Batch<'_>) -> Option<Arc<Versioned<Integration>>> {
        let (message, _) = hl7v2::parse(batch.messages.first()?).ok()?;
        self.peer.whose(&message.header()).ok()
    }
}

/// What TLS holds back is sent at once.
async fn write(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

impl<S> Line<S> {
    /// Until when to wait for more, and what it means if nothing comes.
    fn patience(&mut self) -> (Instant, Over) {
        if !self.decoder.is_in_frame() {
            self.began = None;
            return (self.since + limits::MLLP_IDLE, Over::Idle);
        }
        let now = Instant::now();
        let end = *self.began.get_or_insert(now) + limits::MLLP_FRAME;
        let until = if self.decoder.awaits_return() { end.min(now + limits::MLLP_RETURN) } else { end };
        (until, Over::Slow)
    }
}

const READ: usize = 16 << 10;
/// Reaches past the first MSH.
const HEAD: usize = 4096;
/// Frames without a readable MSH before the peer is taken for something else.
const UNREADABLE: u32 = 5;
/// How long a message waits for an overloaded store before it is answered with an error.
const OVERLOAD: Duration = Duration::from_secs(30);
const BREATH: Duration = Duration::from_millis(50);
