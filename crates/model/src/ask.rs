//! Asking an outside server: what a part that may not connect by itself needs of one that may.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde::Serialize;

use crate::{Category, HookUrl, IntegrationId, Secret, Timestamp};

/// One question and its answer, through the guard of everything that connects out.
#[async_trait]
pub trait Ask: Send + Sync {
    /// Asks once. Redirects are answers like any other; nothing is followed.
    ///
    /// # Errors
    /// No whole answer came within its bounds.
    async fn ask(&self, question: Question<'_>) -> Result<Reply, NoReply>;
}

/// A question to an outside server.
#[derive(Debug)]
pub struct Question<'a> {
    /// Where.
    pub url: &'a HookUrl,
    /// Certificates, as PEM, to trust instead of the machine's.
    pub ca: Option<&'a str>,
    /// What proves that we may ask; never logged.
    pub authorization: Option<Secret<String>>,
    /// What kind of answer is wanted.
    pub accept: &'static str,
    /// The body of a POST and its type; none for a GET.
    pub body: Option<(Bytes, &'static str)>,
    /// The longest answer that is read, in bytes.
    pub answer_bytes: usize,
    /// How long all of it may take.
    pub within: Duration,
}

/// What a server answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// When it wants to hear from us again, counted from now.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: Bytes,
}

/// No whole answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no answer: {}", .0.name())]
pub struct NoReply(pub Category);

/// What the part that reads outside servers knows of each.
pub trait Readings: Send + Sync {
    /// How reading the server of an integration goes; none if it is not read.
    fn reading(&self, integration: IntegrationId) -> Option<Reading>;
}

/// How reading a server goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    /// When it last answered all that was asked.
    pub last_success_at: Option<Timestamp>,
    /// When it last did not.
    pub last_failure_at: Option<Timestamp>,
    /// Failures in a row; 0 while it answers.
    pub failures: u32,
    /// Why it failed last, as a code.
    pub error: Option<&'static str>,
    /// When it is asked next.
    pub next_at: Option<Timestamp>,
    /// Requests that are left in the present hour.
    pub requests_left: u32,
    /// Resources that were new, since the start.
    pub taken: u64,
}
