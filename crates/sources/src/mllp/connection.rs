//! One MLLP peer: messages in order, each answered once it is durable.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hl7v2::ack::{ErrorCode, Fault, Verdict, reply};
use hl7v2::batch::Batch;
use hl7v2::mllp::{Decoder, Event, frame};
use model::{Capture, Code, Door, Integration, Problem, Versioned, limits};
use observe::Stop;
use store::Standing;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::door::reason;
use crate::intake::Intake;
use crate::rejections::Refused;
use crate::{hl7, transmission};

pub(super) struct Connection {
    pub(super) intake: Arc<Intake>,
    pub(super) address: SocketAddr,
    pub(super) peer: SocketAddr,
    pub(super) stop: Stop,
}

impl Connection {
    /// Serves until the peer leaves, is silent too long, or does not speak MLLP.
    pub(super) async fn serve(self, mut stream: TcpStream) {
        let mut decoder = Decoder::new(limits::HL7_MESSAGE_BYTES);
        let mut bytes = vec![0; READ];
        let mut unreadable = 0;
        while self.answer_all(&mut decoder, &mut stream, &mut unreadable).await {
            let patience = if decoder.is_in_frame() { limits::MLLP_FRAME } else { limits::MLLP_IDLE };
            let read = tokio::select! {
                read = timeout(patience, stream.read(&mut bytes)) => read,
                () = self.stop.stopped() => return,
            };
            let Ok(Ok(count @ 1..)) = read else { break };
            decoder.push(bytes.get(..count).unwrap_or_default());
        }
        if decoder.finish().is_some() {
            self.intake.ports.metrics.rejected(Door::Mllp, "unfinished");
        }
    }

    /// Answers what has arrived, in order; false when the connection is over.
    async fn answer_all(&self, decoder: &mut Decoder, stream: &mut TcpStream, unreadable: &mut u32) -> bool {
        let told: Vec<Event> = decoder.collect();
        for event in told {
            let Some(answer) = self.answer(event, unreadable).await else { return false };
            // A peer that reads no answers gets no further ones: we stop reading too.
            let written = timeout(limits::MLLP_FRAME, stream.write_all(&answer)).await;
            if !matches!(written, Ok(Ok(()))) {
                return false;
            }
        }
        true
    }

    /// The bytes to send back, none to close the connection.
    async fn answer(&self, event: Event, unreadable: &mut u32) -> Option<Vec<u8>> {
        let metrics = &self.intake.ports.metrics;
        match event {
            Event::Frame(bytes) => match self.take(&bytes).await {
                Ok(answers) => {
                    *unreadable = 0;
                    Some(answers)
                }
                Err(problem) if problem.code == Code::BodyTooLarge => {
                    Some(self.reject(&problem, &bytes).await)
                }
                Err(problem) => {
                    self.refuse(None, &problem, &bytes).await;
                    *unreadable += 1;
                    (*unreadable < UNREADABLE).then(Vec::new)
                }
            },
            Event::Oversize { head } => {
                let problem = Problem::new(Code::BodyTooLarge, "The message is larger than 16 MiB.");
                Some(self.reject(&problem, &head).await)
            }
            Event::Commit(_) => Some(Vec::new()),
            Event::Noise { .. } => {
                metrics.rejected(Door::Mllp, "noise");
                Some(Vec::new())
            }
            Event::Unfinished { .. } => {
                metrics.rejected(Door::Mllp, "unfinished");
                Some(Vec::new())
            }
            Event::Close(_) => {
                metrics.rejected(Door::Mllp, "not_mllp");
                None
            }
        }
    }

    /// Refuses what is too large to be taken, by the name of its first message.
    async fn reject(&self, problem: &Problem, bytes: &[u8]) -> Vec<u8> {
        self.refuse(None, problem, bytes).await;
        let head = bytes.get(..HEAD).unwrap_or(bytes);
        let fault = Fault { code: ErrorCode::InternalError, location: None };
        let answer = hl7::refuse(&self.intake, head, &Verdict::Rejected(fault));
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
            self.refuse(self.whose(&batch), &problem, &around).await;
        }
        let stamp = hl7::stamp(&self.intake);
        let answers = transmission::answer(&batch, answers, &stamp.as_stamp());
        Ok(answers.iter().flat_map(|answer| frame(answer)).collect())
    }

    /// Takes one message and gives its acknowledgement, if it wants one.
    async fn take_one(&self, bytes: &[u8]) -> Result<Option<Vec<u8>>, Problem> {
        let began = Instant::now();
        let (message, flaws) = hl7v2::parse(bytes).map_err(|_| transmission::unreadable())?;
        let header = message.header();
        let Some(integration) = self.integration(&header) else {
            let problem = Problem::from(Code::UnknownSender).at("MSH-3");
            self.refuse(None, &problem, bytes).await;
            let fault = Fault { code: ErrorCode::UnknownKey, location: None };
            return Ok(reply(&header, &Verdict::Rejected(fault), &hl7::stamp(&self.intake).as_stamp()));
        };
        let mut taken = hl7::take(&self.intake, &integration, &message, &flaws).await;
        while began.elapsed() < OVERLOAD
            && taken.as_ref().is_err_and(|unfit| unfit.code() == Code::Overloaded)
        {
            tokio::time::sleep(BREATH).await;
            taken = hl7::take(&self.intake, &integration, &message, &flaws).await;
        }
        let verdict = hl7::verdict(&taken);
        let metrics = &self.intake.ports.metrics;
        match &taken {
            Ok(taken) => {
                metrics.accepted(Door::Mllp, taken.events, usize::from(taken.duplicate), began.elapsed())
            }
            Err(unfit) => self.refuse(Some(integration), &unfit.problem(), bytes).await,
        }
        Ok(reply(&header, &verdict, &hl7::stamp(&self.intake).as_stamp()))
    }

    /// Counts and keeps what is not taken. Where the message does not say whose it is, the port does.
    async fn refuse(&self, whose: Option<Arc<Versioned<Integration>>>, problem: &Problem, message: &[u8]) {
        self.intake.ports.metrics.rejected(Door::Mllp, problem.code.name());
        let Some(integration) = whose.or_else(|| self.only_integration()) else { return };
        if problem.code.status() >= 500 {
            return;
        }
        let capture = Capture { body: message.to_vec(), ..Capture::default() };
        let refused = Refused {
            integration,
            door: Door::Mllp,
            code: problem.code,
            reason: reason(problem),
            peer: Some(self.peer.ip()),
            bytes: message.len() as u64,
            capture,
            is_sifted: false,
            standing: Standing::Listed,
        };
        self.intake.list(refused).await;
    }

    /// The integration that the first message of a batch chooses.
    fn whose(&self, batch: &Batch<'_>) -> Option<Arc<Versioned<Integration>>> {
        let (message, _) = hl7v2::parse(batch.messages.first()?).ok()?;
        self.integration(&message.header())
    }

    /// The one integration of this port. Of several, none: they may belong to different organisations.
    fn only_integration(&self) -> Option<Arc<Versioned<Integration>>> {
        let compiled = self.intake.ports.settings.now();
        let mut of_port = compiled.config.integrations.values().filter(|known| self.serves(known));
        of_port.next().filter(|_| of_port.next().is_none()).cloned()
    }

    fn serves(&self, integration: &Integration) -> bool {
        integration.mllp.as_ref().is_some_and(|mllp| mllp.listen == self.address)
    }

    /// The integration of this port that MSH-3 and MSH-4 choose; one that names them goes first.
    fn integration(&self, header: &hl7v2::Header<'_>) -> Option<Arc<Versioned<Integration>>> {
        let application = header.sending_application().value();
        let facility = header.sending_facility().value();
        let fits =
            |wanted: &Option<String>, sent: Option<&str>| wanted.is_none() || wanted.as_deref() == sent;
        let compiled = self.intake.ports.settings.now();
        let of_port = compiled.config.integrations.values().filter_map(|integration| {
            let mllp = integration.mllp.as_ref().filter(|_| self.serves(integration))?;
            let allows = |nets: &[ipnet::IpNet]| {
                nets.is_empty() || nets.iter().any(|net| net.contains(&self.peer.ip()))
            };
            let chosen = fits(&mllp.sending_application, application.as_str())
                && fits(&mllp.sending_facility, facility.as_str())
                && allows(&mllp.allow)
                && allows(&integration.allow);
            let named = usize::from(mllp.sending_application.is_some())
                + usize::from(mllp.sending_facility.is_some());
            chosen.then(|| (named, integration.clone()))
        });
        of_port.max_by_key(|(named, _)| *named).map(|(_, integration)| integration)
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
