//! Calls to a running server: JSON over HTTP/1.1, one connection for each call.
//!
//! `line` connects, `secured` says how where it is no HTTP; this file speaks the language of the API; `refusal` is
//! what the server says when it does not do what was asked.

mod line; // A way to one address.
mod secured; // TLS outside HTTP.
mod refusal; // What a server says no with.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::Full;
use model::Secret;
use serde_json::Value;

pub use line::{BadAddress, Line, Stream, connect};
pub use refusal::Refusal;
pub use secured::Secured;

/// A running server, as somebody with an API key sees it.
pub struct Client {
    line: Line,
    key: Secret<String>,
}

/// A call did not bring what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is not one.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// Nobody answers there.
    #[error("cannot reach the server at {host}")]
    Unreachable {
        /// Host and port.
        host: String,
        /// Why.
        #[source]
        source: anyhow::Error,
    },
    /// The server refused.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// What came is not an answer of ours.
    #[error("{host} answered {status} with something else than JSON: is it a Carehook server?")]
    Unreadable {
        /// Host and port.
        host: String,
        /// The status.
        status: u16,
    },
}

impl Client {
    /// A client for the server at `url`.
    ///
    /// # Errors
    /// The address is not one.
    pub fn new(url: &str, key: Secret<String>) -> Result<Self, Error> {
        Ok(Client { line: Line::to(url)?, key })
    }

    /// Reads what is at a path.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses.
    pub async fn get(&self, path: &str) -> Result<Value, Error> {
        self.call(Method::GET, path, None).await
    }

    /// Sends a document.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Error> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Removes what is at a path.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses.
    pub async fn delete(&self, path: &str) -> Result<(), Error> {
        self.call(Method::DELETE, path, None).await.map(|_| ())
    }

    /// One call. An answer without a body is null.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Error> {
        let host = || self.line.host().to_owned();
        let unreachable = |source| Error::Unreachable { host: host(), source };
        let request = self.request(method, path, body).map_err(unreachable)?;
        let answer = self.line.send(request, PATIENCE).await.map_err(unreachable)?;
        let (status, bytes) = (answer.status(), answer.into_body());
        if !status.is_success() {
            return Err(Error::Refused(Box::new(Refusal::read(host(), status, &bytes))));
        }
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes)
            .map_err(|_| Error::Unreadable { host: host(), status: status.as_u16() })
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Request<Full<Bytes>>> {
        let mut key = header::HeaderValue::try_from(format!("Bearer {}", self.key.expose()))?;
        key.set_sensitive(true);
        let mut request = Request::builder()
            .method(method)
            .uri(self.line.path(path))
            .header(header::AUTHORIZATION, key)
            .header(header::ACCEPT, "application/json");
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        Ok(request.body(Full::from(body.map(Value::to_string).unwrap_or_default()))?)
    }
}

// An answer may wait for an fsync on a slow disk, or for a test send with its own 60 s.
const PATIENCE: Duration = Duration::from_secs(90);

#[cfg(test)]
mod tests;
