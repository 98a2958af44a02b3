//! Asking one server: signed in, within its budget, and no further than its own address.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use model::{Ask, Clock, HookUrl, Poll, PollAuth, Question, Reading, Secret, Timestamp, limits};
use serde_json::Value;
use tokio::sync::{Mutex as Turn, Notify};

use super::fault::Fault;
use super::governor::{Governor, Round};
use super::page;
use super::smart::{self, Token};

/// One server that is read.
pub(crate) struct Client {
    pub(crate) poll: Poll,
    ask: Arc<dyn Ask>,
    clock: Arc<dyn Clock>,
    governor: Mutex<Governor>,
    reading: Mutex<Reading>,
    /// Somebody knows that the server has something new.
    pub(super) nudged: Notify,
    /// Held while a token is asked for: nobody asks for a second one meanwhile.
    token: Turn<Option<Token>>,
}

impl Client {
    pub(super) fn new(poll: Poll, ask: Arc<dyn Ask>, clock: Arc<dyn Clock>) -> Self {
        let governor = Mutex::new(Governor::new(&poll));
        Client {
            poll,
            ask,
            clock,
            governor,
            reading: Mutex::default(),
            nudged: Notify::new(),
            token: Turn::new(None),
        }
    }

    /// How reading goes.
    pub(super) fn reading(&self) -> Reading {
        let left = self.governor.lock().unwrap_or_else(PoisonError::into_inner).left(self.clock.now());
        let reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Reading { requests_left: left, ..reading }
    }

    /// Where something below the base of the server is.
    pub(super) fn below(&self, rest: &str) -> Result<HookUrl, Fault> {
        self.poll.url.below(rest).map_err(|_| Fault::Unreadable("an address cannot be made of it"))
    }

    /// Asks for JSON.
    pub(super) async fn get(&self, url: &HookUrl) -> Result<Value, Fault> {
        let is_refused = |answer: &Result<Bytes, Fault>| matches!(answer, Err(Fault::Refused(401)));
        let mut answer = self.once(url).await;
        if is_refused(&answer) && self.forgets_token().await {
            answer = self.once(url).await;
            if is_refused(&answer) {
                self.forgets_token().await;
            }
        }
        page::json(&answer?)
    }

    /// Notes how a round ended; answers how many failures in a row there are, and when the next one begins.
    pub(super) fn ended(&self, outcome: &Result<u64, Fault>) -> (u32, Timestamp) {
        let now = self.clock.now();
        let round = match outcome {
            Ok(0) => Round::Quiet,
            Ok(_) => Round::Changed,
            Err(fault) => Round::Failed(fault.wait()),
        };
        let mut governor = self.governor.lock().unwrap_or_else(PoisonError::into_inner);
        let next = governor.next(round, now);
        let failures = governor.failures();
        drop(governor);
        let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        reading.next_at = Some(next);
        reading.failures = failures;
        match outcome {
            Ok(taken) => {
                (reading.last_success_at, reading.error) = (Some(now), None);
                reading.taken += taken;
            }
            Err(fault) => (reading.last_failure_at, reading.error) = (Some(now), Some(fault.code())),
        }
        (failures, next)
    }

    async fn once(&self, url: &HookUrl) -> Result<Bytes, Fault> {
        let authorization = self.authorization().await?;
        let reply = self.spend(Question {
            url,
            ca: self.poll.ca.as_deref(),
            authorization,
            accept: "application/fhir+json",
            body: None,
            answer_bytes: limits::BUNDLE_BYTES,
            within: limits::POLL_REQUEST,
        });
        self.judged(reply.await?)
    }

    /// Asks, if there is a request left for it.
    async fn spend(&self, question: Question<'_>) -> Result<model::Reply, Fault> {
        let admitted = self.governor.lock().unwrap_or_else(PoisonError::into_inner).admit(self.clock.now());
        admitted.map_err(Fault::Quota)?;
        Ok(self.ask.ask(question).await?)
    }

    fn judged(&self, reply: model::Reply) -> Result<Bytes, Fault> {
        match reply.status {
            200..300 => Ok(reply.body),
            404 | 410 => Err(Fault::Gone),
            429 | 503 => {
                let mut governor = self.governor.lock().unwrap_or_else(PoisonError::into_inner);
                governor.pause(self.clock.now(), reply.retry_after);
                Err(Fault::Busy(reply.retry_after))
            }
            other => Err(Fault::Refused(other)),
        }
    }

    async fn authorization(&self) -> Result<Option<Secret<String>>, Fault> {
        Ok(match &self.poll.auth {
            PollAuth::None => None,
            PollAuth::Bearer { token } => Some(Secret::new(format!("Bearer {}", token.expose()))),
            PollAuth::Basic { username, password } => {
                let pair = STANDARD.encode(format!("{username}:{}", password.expose()));
                Some(Secret::new(format!("Basic {pair}")))
            }
            PollAuth::SmartBackend { .. } => Some(self.smart_token().await?),
        })
    }

    async fn smart_token(&self) -> Result<Secret<String>, Fault> {
        let mut held = self.token.lock().await;
        let now = self.clock.now();
        if let Some(token) = held.as_ref().filter(|token| now < token.until) {
            return Ok(Secret::new(format!("Bearer {}", token.text.expose())));
        }
        let token = self.sign_in(now).await?;
        let header = Secret::new(format!("Bearer {}", token.text.expose()));
        *held = Some(token);
        Ok(header)
    }

    async fn sign_in(&self, now: Timestamp) -> Result<Token, Fault> {
        let PollAuth::SmartBackend { client_id, token_url, scope, key_id, algorithm, private_key } =
            &self.poll.auth
        else {
            return Err(Fault::SignIn("nothing to sign in with"));
        };
        let client = smart::Client {
            client_id,
            audience: token_url.as_url().as_str(),
            scope,
            key_id,
            algorithm: *algorithm,
            private_key: private_key.expose(),
        };
        let form = (client.request(now)?, "application/x-www-form-urlencoded");
        let reply = self.spend(Question {
            url: token_url,
            ca: self.poll.ca.as_deref(),
            authorization: None,
            accept: "application/json",
            body: Some(form),
            answer_bytes: limits::TOKEN_BYTES,
            within: limits::POLL_REQUEST,
        });
        match self.judged(reply.await?) {
            Ok(body) => smart::token(&body, now),
            Err(Fault::Refused(400..500) | Fault::Gone) => Err(Fault::SignIn("the server refuses it")),
            Err(other) => Err(other),
        }
    }

    /// Forgets a token that is no longer taken; says whether there was one.
    async fn forgets_token(&self) -> bool {
        self.token.lock().await.take().is_some()
    }
}
