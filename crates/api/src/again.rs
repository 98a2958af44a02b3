//! Answers that are repeated, byte for byte, for the same `Idempotency-Key`.
//!
//! Kept in memory for 24 hours or until room is needed, never written down:
//! an answer may hold a secret that is shown once.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use http_body_util::BodyExt;
use model::{Code, KeyId, Problem, Timestamp};

use crate::caller;
use crate::refused::{Refused, Result};
use crate::{Api, body};

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
    let print = print(&parts.method, &parts.uri, &body);
    let name = match wish {
        Ok(text) => Name { key: caller.0.key, text },
        Err(problem) => return Refused(problem).into_response(),
    };
    let slot = match api.answers.begin(name, print, api.clock.now()) {
        Begun::Known(answer) => return answer.into_response(),
        Begun::Refused(refused) => return refused.into_response(),
        Begun::New(slot) => slot,
    };
    parts.extensions.insert(caller);
    let call = run(slot, Request::from_parts(parts, body.into()), next);
    // A caller that hangs up does not undo what was begun: it will ask again.
    match observe::tasks::spawn("idempotent-call", call).await {
        Ok(answer) => answer,
        Err(_) => Refused::from(Code::InternalError).into_response(),
    }
}

/// The answers that are kept.
#[derive(Debug, Default)]
pub struct Answers(Mutex<Kept>);

impl Answers {
    /// No answers yet.
    #[must_use]
    pub fn new() -> Self {
        Answers::default()
    }

    fn begin(self: &Arc<Self>, name: Name, print: [u8; 32], now: Timestamp) -> Begun {
        let mut kept = self.kept();
        kept.forget(now);
        match kept.entries.get(&name) {
            Some(Entry::Running) => {
                let why = "A call with this Idempotency-Key is still under way.";
                Begun::Refused(Problem::new(Code::Conflict, why).after(1).into())
            }
            Some(Entry::Done(answer)) if answer.print == print => Begun::Known(answer.clone()),
            Some(Entry::Done(_)) => Begun::Refused(Code::IdempotencyMismatch.into()),
            None => {
                kept.entries.insert(name.clone(), Entry::Running);
                Begun::New(Slot { answers: self.clone(), name, print, at: now })
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Begun {
    Known(Answer),
    New(Slot),
    Refused(Refused),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Name {
    key: KeyId,
    text: String,
}

#[derive(Debug)]
enum Entry {
    Running,
    Done(Answer),
}

#[derive(Clone)]
struct Answer {
    print: [u8; 32],
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "answer {}", self.status)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.status, self.headers, self.body).into_response()
    }
}

#[derive(Debug, Default)]
struct Kept {
    entries: HashMap<Name, Entry>,
    done: VecDeque<(Timestamp, Name)>,
    bytes: usize,
}

impl Kept {
    fn keep(&mut self, name: Name, answer: Answer, at: Timestamp) {
        self.bytes += answer.body.len();
        self.entries.insert(name.clone(), Entry::Done(answer));
        self.done.push_back((at, name));
    }

    /// Makes room: what is too old, and the oldest when there is too much.
    fn forget(&mut self, now: Timestamp) {
        while let Some((at, _)) = self.done.front() {
            let is_over = self.bytes > BYTES || self.done.len() > ANSWERS;
            if *at + KEPT > now && !is_over {
                return;
            }
            let Some((_, name)) = self.done.pop_front() else { return };
            if let Some(Entry::Done(answer)) = self.entries.remove(&name) {
                self.bytes -= answer.body.len();
            }
        }
    }
}

/// The place of an answer that is under way; given back if it never comes.
struct Slot {
    answers: Arc<Answers>,
    name: Name,
    print: [u8; 32],
    at: Timestamp,
}

impl Slot {
    /// Keeps an answer. One that changed nothing is not kept: the call may be repeated.
    fn keep(self, status: StatusCode, headers: HeaderMap, body: Bytes) {
        if status.is_success() {
            let answer = Answer { print: self.print, status, headers, body };
            self.answers.kept().keep(self.name.clone(), answer, self.at);
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut kept = self.answers.kept();
        if matches!(kept.entries.get(&self.name), Some(Entry::Running)) {
            kept.entries.remove(&self.name);
        }
    }
}

async fn run(slot: Slot, request: Request, next: Next) -> Response {
    let (parts, body) = next.run(request).await.into_parts();
    let Ok(body) = body.collect().await else {
        return Refused::from(Code::InternalError).into_response();
    };
    let body = body.to_bytes();
    slot.keep(parts.status, parts.headers.clone(), body.clone());
    Response::from_parts(parts, body.into())
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
    let fits = |text: &&str| (1..=KEY_BYTES).contains(&text.len());
    let text = text.to_str().ok().filter(fits).map(str::to_owned);
    let why = "An Idempotency-Key has 1 to 255 visible ASCII characters.";
    Some(text.ok_or_else(|| Problem::new(Code::InvalidField, why).at("Idempotency-Key")))
}

fn print(method: &Method, uri: &http::Uri, body: &[u8]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    let target = uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str);
    for part in [method.as_str().as_bytes(), target.as_bytes(), body] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut print = [0; 32];
    print.copy_from_slice(context.finish().as_ref());
    print
}

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
// These read, each time with an entry of its own in the audit log; a test send is meant to be sent.
const READS: [&str; 3] = ["/reveal", "/search", "/test"];
// Its answer opens a session for whoever shows the credentials again, not for whoever asks again.
const SIGN_IN: &str = "/session";
const KEPT: Duration = Duration::from_secs(86_400);
const KEY_BYTES: usize = 255;
const ANSWERS: usize = 10_000;
const BYTES: usize = 8 << 20;

#[cfg(test)]
mod tests {
    use model::Id;

    use super::*;

    const AT: Timestamp = Timestamp::from_millis(0);

    fn name(text: &str) -> Name {
        Name { key: KeyId::from_raw(1), text: text.to_owned() }
    }

    fn answer(answers: &Arc<Answers>, text: &str, body: Bytes) {
        let Begun::New(slot) = answers.begin(name(text), [1; 32], AT) else { panic!("known") };
        slot.keep(
            StatusCode::CREATED,
            HeaderMap::from_iter([(http::header::ETAG, "\"1\"".parse().unwrap())]),
            body,
        );
    }

    #[test]
    fn an_answer_is_repeated_for_the_same_call_and_refused_for_another() {
        let answers = Arc::new(Answers::new());
        answer(&answers, "a", Bytes::from_static(b"{}"));
        let Begun::Known(known) = answers.begin(name("a"), [1; 32], AT) else { panic!("not known") };
        assert_eq!((known.status, known.body.as_ref()), (StatusCode::CREATED, b"{}".as_slice()));
        let Begun::Refused(refused) = answers.begin(name("a"), [2; 32], AT) else { panic!("taken") };
        assert_eq!(refused.0.code, Code::IdempotencyMismatch);
        assert!(matches!(answers.begin(name("a"), [1; 32], AT + KEPT), Begun::New(_)));
    }

    #[test]
    fn a_call_under_way_is_not_begun_twice_and_one_that_failed_may_be() {
        let answers = Arc::new(Answers::new());
        let Begun::New(slot) = answers.begin(name("a"), [1; 32], AT) else { panic!("known") };
        let Begun::Refused(refused) = answers.begin(name("a"), [1; 32], AT) else { panic!("begun twice") };
        assert_eq!((refused.0.code, refused.0.retry_after), (Code::Conflict, Some(1)));
        slot.keep(StatusCode::UNPROCESSABLE_ENTITY, HeaderMap::new(), Bytes::new());
        assert!(matches!(answers.begin(name("a"), [1; 32], AT), Begun::New(_)));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let answers = Arc::new(Answers::new());
        for number in 0..20 {
            answer(&answers, &number.to_string(), Bytes::from(vec![0; 1 << 20]));
        }
        let kept = answers.kept();
        assert!(kept.bytes <= BYTES + (1 << 20) && kept.entries.len() == kept.done.len());
    }
}
