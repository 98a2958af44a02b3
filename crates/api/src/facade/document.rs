//! Resources that come in: capped, checked, and read only once the caller is known.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use model::{Code, Problem, json};
use serde_json::Value;

use super::outcome::Outcome;
use crate::{Api, body};

/// A body and what it says it is. Takes its place behind [`super::visit::Visit`].
pub(super) struct Document {
    kind: String,
    bytes: Bytes,
}

impl Document {
    /// The MIME type, in lower case and without parameters.
    pub(super) fn kind(&self) -> &str {
        &self.kind
    }

    /// The resource.
    pub(super) fn resource(&self) -> Result<Value, Outcome> {
        if !matches!(self.kind.as_str(), "application/fhir+json" | "application/json" | "") {
            let why = "Send application/fhir+json.";
            return Err(Outcome::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-supported", why));
        }
        self.json()
    }

    /// The JSON, whatever the MIME type.
    pub(super) fn json(&self) -> Result<Value, Outcome> {
        let flawed =
            |flaw: json::Flaw| Problem::new(flaw.code(), format!("The body cannot be read: {flaw}."));
        let text = json::check(&self.bytes).map_err(flawed)?;
        let place = |fault: serde_json::Error| {
            let (line, column) = (fault.line(), fault.column());
            Problem::new(
                Code::MalformedJson,
                format!("The body is not JSON from line {line}, column {column} on."),
            )
        };
        Ok(serde_json::from_str(text).map_err(place)?)
    }

    /// The resource, or nothing for an empty body.
    pub(super) fn if_any(&self) -> Result<Option<Value>, Outcome> {
        if self.bytes.trim_ascii().is_empty() { Ok(None) } else { self.resource().map(Some) }
    }

    /// The text of a form.
    pub(super) fn form(&self) -> &str {
        str::from_utf8(&self.bytes).unwrap_or_default()
    }
}

impl FromRequest<Api> for Document {
    type Rejection = Outcome;

    async fn from_request(request: Request, _: &Api) -> Result<Self, Outcome> {
        let kind = kind(request.headers());
        let bytes = body::whole(request.into_body()).await?;
        Ok(Document { kind, bytes })
    }
}

fn kind(headers: &HeaderMap) -> String {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
