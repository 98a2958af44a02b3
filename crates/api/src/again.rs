//! Writes with an `Idempotency-Key`: run once, and answered byte for byte the same for a day.
//!
//! A write is noted as begun, durably, before it runs; its answer is kept, sealed,
//! before it is given. What changed nothing is forgotten and may be asked again. A
//! server that ends in between leaves the write begun, and nobody runs it again:
//! whoever asks hears `outcome_unknown` and looks for itself.

mod written; // An answer as bytes.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, Method, StatusCode};
use http_body_util::{BodyExt, Limited};
use model::{AnswerKey, Code, Problem, first_row_at, limits};
use store::{Answered, Asked, Batch, Begun};

use crate::caller::{self, Caller};
use crate::refused::{Refused, Result};
use crate::{Api, body};
use written::Answer;

/// Answers a write that was answered before, and runs one that was not.
pub(crate) async fn again(State(api): State<Api>, request: Request, next: Next) -> Response {
    let Some(wish) = wish(&request) else { return next.run(request).await };
    let (mut parts, body) = request.into_parts();
    // Whoever may not ask hears so from the call itself.
    let Ok(caller) = caller::check(&parts, &api) else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let body = match body::whole(body).await {
        Ok(body) => body,
        Err(refused) => return refused.into_response(),
    };
    let asked = match wish {
        Ok(text) => api.asked(&caller, &text, (&parts, &body)).await,
        Err(problem) => Err(problem.into()),
    };
    let asked = match asked {
        Ok(asked) => asked,
        Err(refused) => return refused.into_response(),
    };
    parts.extensions.insert(caller);
    let call = once(api, asked, Request::from_parts(parts, body.into()), next);
    // A caller that hangs up does not undo what was begun: it will ask again.
    match observe::tasks::spawn("idempotent-call", call).await {
        Ok(answer) => answer,
        Err(_) => Refused::from(Code::InternalError).into_response(),
    }
}

/// The keys whose writes are under way.
#[derive(Debug, Default)]
pub struct Answers(Mutex<HashSet<AnswerKey>>);

impl Answers {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Answers::default()
    }

    fn start(self: &Arc<Self>, key: AnswerKey) -> Option<Running> {
        self.keys().insert(key).then(|| Running { answers: self.clone(), key })
    }

    fn keys(&self) -> MutexGuard<'_, HashSet<AnswerKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key of a write that is under way.
struct Running {
    answers: Arc<Answers>,
    key: AnswerKey,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.answers.keys().remove(&self.key);
    }
}

async fn once(api: Api, asked: Asked, request: Request, next: Next) -> Response {
    let Some(_running) = api.answers.start(asked.key) else {
        let why = "A call with this Idempotency-Key is still under way.";
        return Refused(Problem::new(Code::Conflict, why).after(1)).into_response();
    };
    let known = match api.store.begin(asked).await {
        Ok(Begun::Now) => return run(&api, asked, request, next).await,
        Ok(Begun::Before(known)) => known,
        Ok(Begun::Full(room)) => {
            let why = "As many answers as are kept for a day wait for their repetition.";
            let seconds = room.since(asked.at).as_secs() + 1;
            let problem =
                Problem::new(Code::Overloaded, why).after(u32::try_from(seconds).unwrap_or(u32::MAX));
            return Refused(problem).into_response();
        }
        Err(error) => return Refused::from(error).into_response(),
    };
    api.repeat(asked, known).await.map_or_else(IntoResponse::into_response, Answer::into_response)
}

async fn run(api: &Api, asked: Asked, request: Request, next: Next) -> Response {
    let (parts, body) = next.run(request).await.into_parts();
    let Ok(body) = Limited::new(body, limits::ANSWER_BYTES).collect().await else {
        return Refused::from(Code::InternalError).into_response();
    };
    let answer = Answer { status: parts.status, headers: parts.headers, body: body.to_bytes() };
    if let Err(refused) = api.keep(asked, &answer).await {
        // The write is done, and its caller hears so; whoever asks again is told that nobody knows.
        tracing::error!(code = refused.0.code.name(), "the answer of a write was not kept");
    }
    answer.into_response()
}

impl Api {
    async fn asked(&self, caller: &Caller, text: &str, (parts, body): (&Parts, &Bytes)) -> Result<Asked> {
        let organisation = caller.organisation();
        let keys = self.keyring.organisation(organisation).await.map_err(|e| Refused::internal(&e))?;
        let target = parts.uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str);
        Ok(Asked {
            key: keys.answer(caller.0.key, text),
            organisation,
            print: keys.print(parts.method.as_str(), target, body),
            at: self.clock.now(),
        })
    }

    /// Keeps an answer, or forgets a write that changed nothing. What failed midway stays begun.
    async fn keep(&self, asked: Asked, answer: &Answer) -> Result<()> {
        let kept = match answer.status {
            StatusCode::INTERNAL_SERVER_ERROR => return Ok(()),
            status if status.is_success() => {
                let key = self.keyring.for_sealing(asked.organisation, first_row_at(asked.at), None).await;
                let key = key.map_err(|error| Refused::internal(&error))?;
                Some(key.seal_answer(asked.key, &answer.to_bytes()))
            }
            _ => None,
        };
        self.store.commit(Batch { answers: vec![(asked.key, kept)], ..Batch::default() }).await?;
        Ok(())
    }

    /// The answer that was given before to the same call.
    async fn repeat(&self, asked: Asked, known: Answered) -> Result<Answer> {
        if known.print != asked.print {
            return Err(Code::IdempotencyMismatch.into());
        }
        let Some(sealed) = known.answer else { return Err(unknown(known.at)) };
        let key = self.keyring.for_opening(asked.organisation, None, &sealed).await;
        let Some(key) = key.map_err(|error| Refused::internal(&error))? else {
            return Err(unknown(known.at));
        };
        let bytes = key.open_answer(asked.key, &sealed).map_err(|error| Refused::internal(&error))?;
        Answer::read(bytes).ok_or_else(|| Code::InternalError.into())
    }
}

fn unknown(begun: model::Timestamp) -> Refused {
    let why = format!("The call was begun at {begun}, and the server ended before it was answered.");
    let fix = "Look whether it took effect; if it did not, repeat it with another Idempotency-Key.";
    Problem::new(Code::OutcomeUnknown, why).fix(fix).into()
}

/// The key that a write asks with; none for calls that change nothing.
fn wish(request: &Request) -> Option<Result<String, Problem>> {
    let text = request.headers().get(&HEADER)?;
    if !matches!(*request.method(), Method::POST | Method::PUT | Method::DELETE | Method::PATCH) {
        return None;
    }
    let route = request.extensions().get::<MatchedPath>()?.as_str();
    if READS.iter().any(|end| route.ends_with(end)) || route == SIGN_IN {
        return None;
    }
    let fits = |text: &&str| (1..=limits::IDEMPOTENCY_KEY_BYTES).contains(&text.len());
    let text = text.to_str().ok().filter(fits).map(str::to_owned);
    let why = "An Idempotency-Key has 1 to 255 visible ASCII characters.";
    Some(text.ok_or_else(|| Problem::new(Code::InvalidField, why).at("Idempotency-Key")))
}

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
// These read, each time with an entry of its own in the audit log; a test send is meant to be sent.
const READS: [&str; 3] = ["/reveal", "/search", "/test"];
// Its answer opens a session for whoever shows the credentials again, not for whoever asks again.
const SIGN_IN: &str = "/session";
