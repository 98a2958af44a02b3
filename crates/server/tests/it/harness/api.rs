//! Calls to the server.

use std::fmt::Write as _;
use std::io::Result;
use std::net::SocketAddr;

use serde_json::Value;

use super::wire::{self, Line};

/// A caller with a key.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    pub(crate) address: SocketAddr,
    key: String,
}

impl Api {
    pub(crate) fn new(address: SocketAddr, key: &str) -> Api {
        Api { address, key: key.to_owned() }
    }

    /// The same server with another key.
    pub(crate) fn with_key(&self, key: &str) -> Api {
        Api::new(self.address, key)
    }

    /// The text of the key.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None)
    }

    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, Some(body))
    }

    #[track_caller]
    pub(crate) fn put(&self, path: &str, body: &Value) -> Answer {
        self.call("PUT", path, Some(body))
    }

    /// A call that must be answered.
    #[track_caller]
    pub(crate) fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.try_call(method, path, body)
            .unwrap_or_else(|error| panic!("{method} {path} was not answered: {error}"))
    }

    /// A call that the server may die of.
    pub(crate) fn try_call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer> {
        let body = body.map(Value::to_string).unwrap_or_default();
        self.send(method, path, &[("content-type", "application/json")], body.as_bytes())
    }

    /// A call with headers and bytes of its own.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer> {
        self.line()?.call(self, (method, path), headers, body)
    }

    /// A connection for many calls.
    pub(crate) fn line(&self) -> Result<Line> {
        Line::dial(self.address)
    }

    /// Every item of a list, over all its pages.
    #[track_caller]
    pub(crate) fn all(&self, path: &str) -> Vec<Value> {
        let (mut items, mut after) = (Vec::new(), String::new());
        let join = if path.contains('?') { '&' } else { '?' };
        loop {
            let page = self.get(&format!("{path}{join}limit=250{after}")).json(200);
            let data = page["data"].as_array().expect("a list has data");
            items.extend(data.iter().cloned());
            let Some(next) = page["next"].as_str() else { return items };
            after = format!("&after={next}");
        }
    }
}

impl Line {
    /// One call of many on this connection.
    pub(crate) fn call(
        &mut self,
        api: &Api,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer> {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n",
            api.address,
            body.len()
        );
        if !api.key.is_empty() {
            write!(head, "authorization: Bearer {}\r\n", api.key).expect("a string takes everything");
        }
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").expect("a string takes everything");
        }
        head.push_str("\r\n");
        self.write(&[head.as_bytes(), body].concat())?;
        let answer = self.read()?.ok_or(std::io::ErrorKind::UnexpectedEof)?;
        let status = answer.line.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok(Answer {
            status: status.ok_or(std::io::ErrorKind::InvalidData)?,
            headers: answer.headers,
            body: answer.body,
        })
    }
}

/// What a call was answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The JSON of an answer that must have this status.
    #[track_caller]
    pub(crate) fn json(&self, status: u16) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{text}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Checks the status of an answer that needs no reading.
    #[track_caller]
    pub(crate) fn is(&self, status: u16) {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
    }

    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        wire::value(&self.headers, name)
    }
}
