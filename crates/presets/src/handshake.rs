//! What a vendor asks before it sends, and the calls in between that are no events.

use aws_lc_rs::hmac;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{Call, pairs};
use crate::encoding::hex;
use crate::fields::Settings;
use crate::proof::{Unproven, same};
use crate::template::{Scope, Template};

/// One thing that a vendor asks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Handshake {
    /// HEAD is answered with 200.
    #[serde(rename = "head-200")]
    Head200,
    /// A call with a token and a challenge: the challenge comes back. In the JSON of a POST, or in the query of a GET.
    EchoChallenge { token: String, challenge: String, secret: String },
    /// GET with `query`: its HMAC-SHA256 comes back in `member`.
    HmacChallenge { query: String, member: String, secret: String },
    /// GET with `hub.challenge`: it comes back if `hub.verify_token` is the secret.
    HubChallenge { secret: String },
    /// A form with nothing but a number in `member`, without a signature: 200, no event.
    UnsignedPing { member: String },
    /// A proven call with `ping`: its value comes back in `pong`.
    PingPong { ping: String, pong: String },
    /// A proven call in which `from` is `equals`: 200, no event.
    EventPing { from: String, equals: String },
    /// A proven Bundle whose `SubscriptionStatus` is a handshake or a heartbeat: 200, no event.
    #[serde(rename = "fhir-handshake")]
    FhirStatus,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The content type of a body.
    pub kind: &'static str,
    /// The body.
    pub body: String,
}

/// How a call goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Welcome {
    /// It was a handshake: this is its answer, and no event.
    Answer(Reply),
    /// It has to be proven, or read.
    GoOn,
}

impl Handshake {
    /// The method it comes by, if it is another than that of events.
    pub(crate) fn method(&self) -> Option<&'static str> {
        match self {
            Handshake::Head200 => Some("HEAD"),
            Handshake::EchoChallenge { .. }
            | Handshake::HmacChallenge { .. }
            | Handshake::HubChallenge { .. } => Some("GET"),
            Handshake::UnsignedPing { .. }
            | Handshake::PingPong { .. }
            | Handshake::EventPing { .. }
            | Handshake::FhirStatus => None,
        }
    }

    /// The name in a preset.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Handshake::Head200 => "head-200",
            Handshake::EchoChallenge { .. } => "echo-challenge",
            Handshake::HmacChallenge { .. } => "hmac-challenge",
            Handshake::HubChallenge { .. } => "hub-challenge",
            Handshake::UnsignedPing { .. } => "unsigned-ping",
            Handshake::PingPong { .. } => "ping-pong",
            Handshake::EventPing { .. } => "event-ping",
            Handshake::FhirStatus => "fhir-handshake",
        }
    }

    /// The answer to a call that comes before anything is proven; none if it is no such call.
    pub(crate) fn before_proof(
        &self,
        call: &Call<'_>,
        given: Settings<'_>,
        proof_headers: &[String],
    ) -> Result<Option<Reply>, Unproven> {
        match (self, call.method) {
            (Handshake::Head200, "HEAD") => Ok(Some(Reply::empty())),
            (Handshake::HmacChallenge { query, member, secret }, "GET") => {
                let Some(message) = call.parameter(query) else { return Ok(None) };
                let secret = given.secrets(secret).next().ok_or_else(|| Unproven::NoKey(secret.clone()))?;
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
                let tag = hmac::sign(&key, message.as_bytes());
                Ok(Some(Reply::json(&json!({ member.as_str(): hex(tag.as_ref()) }))))
            }
            (Handshake::HubChallenge { secret }, "GET") => {
                let Some(challenge) = call.parameter("hub.challenge") else { return Ok(None) };
                let token = call.parameter("hub.verify_token").unwrap_or_default();
                check_token(&token, given, secret)?;
                Ok(Some(Reply::text(bounded(challenge))))
            }
            (Handshake::EchoChallenge { token, challenge, secret }, "GET") => {
                let Some(sent) = call.parameter(challenge) else { return Ok(None) };
                check_token(&call.parameter(token).unwrap_or_default(), given, secret)?;
                Ok(Some(Reply::text(bounded(sent))))
            }
            (Handshake::EchoChallenge { token, challenge, secret }, "POST") => {
                let Some(body) = small_json(call) else { return Ok(None) };
                let text = |name: &str| body.get(name).and_then(Value::as_str);
                let Some(sent) = text(challenge) else { return Ok(None) };
                check_token(text(token).unwrap_or_default(), given, secret)?;
                Ok(Some(Reply::text(bounded(sent.to_owned()))))
            }
            (Handshake::UnsignedPing { member }, "POST") => {
                let is_unsigned = proof_headers.iter().all(|name| !call.headers.contains_key(name));
                Ok((is_unsigned && is_ping(call.body, member)).then(Reply::empty))
            }
            (_, _) => Ok(None),
        }
    }

    /// The answer to a proven call that is no event.
    pub(crate) fn after_proof(&self, call: &Call<'_>, given: Settings<'_>) -> Option<Reply> {
        match self {
            Handshake::PingPong { ping, pong } => {
                let body = small_json(call)?;
                Some(Reply::json(&json!({ pong.as_str(): body.get(ping)? })))
            }
            Handshake::EventPing { from, equals } => {
                let body = small_json(call);
                let scope = Scope { root: body.as_ref(), item: body.as_ref(), ..Scope::of(call, given) };
                let template = Template::read(from, &|_| false).ok()?;
                let value = template.text(&scope).ok()??;
                (value == *equals).then(Reply::empty)
            }
            Handshake::FhirStatus => {
                let text = model::json::check(call.body).ok()?;
                let bundle: Value = serde_json::from_str(text).ok()?;
                matches!(subscription_status(&bundle)?, "handshake" | "heartbeat").then(Reply::empty)
            }
            Handshake::Head200
            | Handshake::EchoChallenge { .. }
            | Handshake::HmacChallenge { .. }
            | Handshake::HubChallenge { .. }
            | Handshake::UnsignedPing { .. } => None,
        }
    }
}

impl Reply {
    pub(crate) fn empty() -> Reply {
        Reply { status: 200, kind: "text/plain", body: String::new() }
    }

    fn text(body: String) -> Reply {
        Reply { body, ..Reply::empty() }
    }

    fn json(body: &Value) -> Reply {
        Reply { kind: "application/json", body: body.to_string(), ..Reply::empty() }
    }
}

fn check_token(sent: &str, given: Settings<'_>, secret: &str) -> Result<(), Unproven> {
    let fits = given.secrets(secret).filter(|known| same(sent.as_bytes(), known.as_bytes())).count();
    if fits > 0 { Ok(()) } else { Err(Unproven::Credential("the challenge".to_owned())) }
}

/// A body so small that it can only be a question.
fn small_json(call: &Call<'_>) -> Option<Value> {
    if call.body.len() > SMALL {
        return None;
    }
    serde_json::from_str(model::json::check(call.body).ok()?).ok()
}

fn is_ping(body: &[u8], member: &str) -> bool {
    let mut members = pairs(body);
    let is_number =
        |value: &str| !value.is_empty() && value.len() < 20 && value.bytes().all(|b| b.is_ascii_digit());
    let first = members.next();
    first.is_some_and(|(name, value)| name == member && is_number(&value)) && members.next().is_none()
}

// R4 wraps the status in Parameters, R4B and R5 have a resource of its own.
fn subscription_status(bundle: &Value) -> Option<&str> {
    let status = bundle.pointer("/entry/0/resource")?;
    if let Some(kind) = status.get("type").and_then(Value::as_str) {
        return Some(kind);
    }
    let parameters = status.get("parameter")?.as_array()?;
    let kind =
        parameters.iter().find(|parameter| parameter.get("name").is_some_and(|name| name == "type"))?;
    kind.get("valueCode")?.as_str()
}

// What we repeat is the caller's: it stays small and plain.
fn bounded(text: String) -> String {
    text.chars().filter(|c| c.is_ascii_graphic()).take(CHALLENGE).collect()
}

const SMALL: usize = 16 << 10;
const CHALLENGE: usize = 1_024;
