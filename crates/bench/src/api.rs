//! The administration calls that a stage needs.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use http::Uri;
use serde_json::Value;

use crate::wire::Connection;

/// A running server, and the key that may administer it.
pub(crate) struct Api {
    address: SocketAddr,
    host: String,
    key: String,
}

impl Api {
    pub(crate) async fn connect(url: &str, key: &str) -> Result<Self> {
        let uri: Uri = url.parse().context("the address of the server is not a URL")?;
        ensure!(uri.scheme_str() == Some("http"), "the benchmark speaks plain http to the server, not TLS");
        let host = uri.authority().context("the address of the server has no host")?.to_string();
        let name = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let found = tokio::net::lookup_host((name, uri.port_u16().unwrap_or(80))).await;
        let address =
            found.context("failed to resolve the server")?.next().context("the server has no address")?;
        Ok(Self { address, host, key: key.to_owned() })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Request line and headers of a JSON request; `length` bytes follow it.
    pub(crate) fn head(&self, method: &str, path: &str, length: usize) -> String {
        let Self { host, key, .. } = self;
        format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        )
    }

    /// Makes something and answers its id.
    pub(crate) async fn create(&self, path: &str, body: &Value) -> Result<String> {
        let (status, answer) = self.call("POST", path, &body.to_string()).await?;
        ensure!(status == 201, "POST {path} answered {status}: {answer}");
        Ok(answer["id"].as_str().with_context(|| format!("POST {path} answered no id"))?.to_owned())
    }

    /// Deletes something; what is gone already is no failure.
    pub(crate) async fn delete(&self, path: &str) -> Result<()> {
        let (status, answer) = self.call("DELETE", path, "").await?;
        ensure!(matches!(status, 200 | 204 | 404), "DELETE {path} answered {status}: {answer}");
        Ok(())
    }

    /// Whether the server takes traffic now.
    pub(crate) async fn is_ready(&self) -> bool {
        matches!(self.call("GET", "/readyz", "").await, Ok((200, _)))
    }

    async fn call(&self, method: &str, path: &str, body: &str) -> Result<(u16, Value)> {
        let request = self.head(method, path, body.len()) + body;
        let exchange = async {
            let mut connection = Connection::dial(self.address).await?;
            connection.write(request.as_bytes()).await?;
            let answer = connection.read().await?;
            anyhow::Ok(
                answer
                    .map(|answer| (answer.status(), serde_json::from_slice(answer.body).unwrap_or_default())),
            )
        };
        let answer = tokio::time::timeout(TIMEOUT, exchange).await;
        match answer.with_context(|| format!("{method} {path} took too long"))? {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => bail!("{method} {path}: the server closed the connection"),
            Err(error) => Err(error.context(format!("failed to {method} {path}"))),
        }
    }
}

/// Deleting a webhook with many deliveries queued may take its time.
const TIMEOUT: Duration = Duration::from_secs(60);
