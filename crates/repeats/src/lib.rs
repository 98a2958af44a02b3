//! Writes with an `Idempotency-Key`: run once, and answered byte for byte the same for a day.
//!
//! A write is noted as begun, durably, before it runs; its answer is kept, sealed,
//! before it is given. What changed nothing is forgotten and may be asked again.
//! A server that ends in between leaves the write begun. What becomes of it then
//! is said by [`Twice`]: one that would be done twice is never run again, and
//! whoever asks hears `outcome_unknown` and looks for itself; one whose traces
//! are known by its key is run again, and finds them.

mod written; // An answer as bytes.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, StatusCode};
use http_body_util::{BodyExt, Limited};
use model::{AnswerKey, Clock, Code, Principal, Problem, Timestamp, first_row_at, limits};
use observe::tasks;
use privacy::Keyring;
use store::{Answered, Asked, Batch, Begun, Store, Twice};

use written::Answer;

/// Writes that may be repeated.
pub struct Repeats {
    store: Arc<dyn Store>,
    keyring: Arc<Keyring>,
    clock: Arc<dyn Clock>,
    /// The keys whose writes are under way.
    running: Mutex<HashSet<AnswerKey>>,
}

/// What a call asks: whatever differs in it is another call.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Its `Idempotency-Key`.
    pub key: &'a str,
    /// Its method.
    pub method: &'a str,
    /// Its path and query.
    pub target: &'a str,
    /// Its body.
    pub body: &'a [u8],
    /// What running it twice would do.
    pub twice: Twice,
}

/// Why a write with a key has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key does not fit the call, or its write is under way.
    #[error("{}", .0.detail)]
    Refused(Problem),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The organisation's keys cannot be had.
    #[error(transparent)]
    Keys(#[from] privacy::Error),
    /// The write ended by a panic, or what was kept of it cannot be read.
    #[error("a write with a key has no answer that can be read")]
    Lost,
}

/// The key that a call asks with, if it has one.
///
/// # Errors
/// It is no key.
#[must_use]
pub fn key(headers: &HeaderMap) -> Option<Result<String, Problem>> {
    let text = headers.get(&HEADER)?;
    let fits = |text: &&str| (1..=limits::IDEMPOTENCY_KEY_BYTES).contains(&text.len());
    let text = text.to_str().ok().filter(fits).map(str::to_owned);
    let why = "An Idempotency-Key has 1 to 255 visible ASCII characters.";
    Some(text.ok_or_else(|| {
        Problem::new(Code::InvalidField, why)
            .at("Idempotency-Key")
            .fix("A UUID of its own for each call fits.")
    }))
}

impl Repeats {
    /// Writes whose answers rest in a store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, keyring: Arc<Keyring>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Repeats { store, keyring, clock, running: Mutex::default() })
    }

    /// What a caller asks, as the store knows it.
    ///
    /// # Errors
    /// The organisation's keys cannot be had.
    pub async fn asked(&self, caller: &Principal, call: Call<'_>) -> Result<Asked, Error> {
        let organisation = caller.organisation;
        let keys = self.keyring.organisation(organisation).await?;
        Ok(Asked {
            key: keys.answer(caller.key, call.key),
            organisation,
            print: keys.print(call.method, call.target, call.body),
            at: self.clock.now(),
            twice: call.twice,
        })
    }

    /// Answers a write that was answered before, and runs one that was not.
    /// A caller that hangs up does not undo what was begun: it will ask again.
    ///
    /// # Errors
    /// The key was used for another call, its write is under way or was never answered, or the
    /// store failed.
    pub async fn once<F>(self: &Arc<Self>, asked: Asked, write: F) -> Result<Response, Error>
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let repeats = self.clone();
        let whole = async move { repeats.answer(asked, write).await };
        tasks::spawn("idempotent-call", whole).await.map_err(|_| Error::Lost)?
    }

    async fn answer(
        self: Arc<Self>,
        asked: Asked,
        write: impl Future<Output = Response>,
    ) -> Result<Response, Error> {
        let _running = self.start(asked.key)?;
        match self.store.begin(asked).await? {
            Begun::Now => {}
            Begun::Full(room) => return Err(full(room, asked.at)),
            Begun::Before(known) if known.print != asked.print => return Err(other(asked.twice)),
            Begun::Before(Answered { answer: None, .. }) if asked.twice == Twice::Harmless => {}
            Begun::Before(known) => return self.repeat(asked, known).await.map(Answer::into_response),
        }
        self.run(asked, write).await
    }

    async fn run(&self, asked: Asked, write: impl Future<Output = Response>) -> Result<Response, Error> {
        let (parts, body) = write.await.into_parts();
        let Ok(body) = Limited::new(body, limits::ANSWER_BYTES).collect().await else {
            return Err(Error::Lost);
        };
        let answer = Answer { status: parts.status, headers: parts.headers, body: body.to_bytes() };
        if let Err(error) = self.keep(asked, &answer).await {
            // The write is done, and its caller hears so; whoever asks again does not.
            tracing::error!(%error, "the answer of a write was not kept");
        }
        Ok(answer.into_response())
    }

    /// Keeps an answer, or forgets a write that changed nothing. What failed midway stays begun.
    async fn keep(&self, asked: Asked, answer: &Answer) -> Result<(), Error> {
        let kept = match answer.status {
            StatusCode::INTERNAL_SERVER_ERROR => return Ok(()),
            status if status.is_success() => {
                let key = self.keyring.for_sealing(asked.organisation, first_row_at(asked.at), None).await?;
                Some(key.seal_answer(asked.key, &answer.to_bytes()))
            }
            _ => None,
        };
        self.store.commit(Batch { answers: vec![(asked.key, kept)], ..Batch::default() }).await?;
        Ok(())
    }

    /// The answer that was given before to the same call.
    async fn repeat(&self, asked: Asked, known: Answered) -> Result<Answer, Error> {
        let Some(sealed) = known.answer else { return Err(unknown(known.at)) };
        let key = self.keyring.for_opening(asked.organisation, None, &sealed).await?;
        let Some(key) = key else { return Err(unknown(known.at)) };
        let bytes = key.open_answer(asked.key, &sealed).map_err(|_| Error::Lost)?;
        Answer::read(bytes).ok_or(Error::Lost)
    }

    fn start(self: &Arc<Self>, key: AnswerKey) -> Result<Running, Error> {
        let is_first = self.running().insert(key);
        is_first.then(|| Running { repeats: self.clone(), key }).ok_or_else(|| {
            let why = "A call with this Idempotency-Key is still under way.";
            Error::Refused(Problem::new(Code::Conflict, why).after(1))
        })
    }

    fn running(&self) -> MutexGuard<'_, HashSet<AnswerKey>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Repeats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repeats").field("running", &self.running().len()).finish_non_exhaustive()
    }
}

/// The key of a write that is under way.
struct Running {
    repeats: Arc<Repeats>,
    key: AnswerKey,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.repeats.running().remove(&self.key);
    }
}

fn full(room: Timestamp, now: Timestamp) -> Error {
    let why = "As many answers as are kept for a day wait for their repetition.";
    let seconds = u32::try_from(room.since(now).as_secs() + 1).unwrap_or(u32::MAX);
    Error::Refused(Problem::new(Code::Overloaded, why).after(seconds))
}

/// The same key for another call. At a door, a key is one more id of what is sent (R3).
fn other(twice: Twice) -> Error {
    let code = match twice {
        Twice::Done => Code::IdempotencyMismatch,
        Twice::Harmless => Code::IdConflict,
    };
    let why = "The Idempotency-Key was used within 24 hours for another call. Nothing was done.";
    let problem = Problem::new(code, why).at("Idempotency-Key");
    Error::Refused(
        problem.fix("Make a key for each call, and keep it only for repeats of the very same one."),
    )
}

fn unknown(begun: Timestamp) -> Error {
    let why = format!("The call was begun at {begun}, and the server ended before it was answered.");
    let fix = "Look whether it took effect; if it did not, repeat it with another Idempotency-Key.";
    Error::Refused(Problem::new(Code::OutcomeUnknown, why).fix(fix))
}

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
