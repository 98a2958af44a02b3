//! Who asks, of which integration, and in which format.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use model::{FhirVersion, Integration, IntegrationId, Right, Versioned};

use super::outcome::Outcome;
use crate::caller::Caller;
use crate::{Api, Front};

/// A caller at the facade of an integration.
pub(super) struct Visit {
    pub(super) caller: Caller,
    pub(super) integration: Arc<Versioned<Integration>>,
    /// What the facade's own resources begin with, as the caller reached it.
    pub(super) base: String,
}

impl Visit {
    /// The version of FHIR that is spoken here.
    pub(super) fn version(&self) -> FhirVersion {
        self.integration.fhir_version
    }

    /// Where websockets open.
    pub(super) fn socket(&self) -> String {
        // http becomes ws, and https wss.
        format!("{}/ws", self.base.replacen("http", "ws", 1))
    }

    /// Refuses a caller that may not subscribe here.
    pub(super) fn may_subscribe(&self) -> Result<(), Outcome> {
        if self.caller.0.may(Right::Subscribe(self.integration.id)) {
            return Ok(());
        }
        let why = "The key may not subscribe at this integration; one of the role subscriber that is bound to it may.";
        Err(Outcome::new(StatusCode::FORBIDDEN, "forbidden", why))
    }

    /// Whether the caller sees what another key made.
    pub(super) fn sees_all(&self) -> bool {
        self.caller.0.may(Right::Look)
    }
}

impl FromRequestParts<Api> for Visit {
    type Rejection = Outcome;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Outcome> {
        let caller = Caller::from_request_parts(parts, api).await?;
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, api).await;
        let named = path.ok().and_then(|Path(mut path)| path.remove("integration"));
        let id: IntegrationId = named.and_then(|id| id.parse().ok()).ok_or_else(Outcome::not_found)?;
        let compiled = api.settings.now();
        let integration =
            compiled.integration(caller.organisation(), id).ok_or_else(Outcome::not_found)?.clone();
        let sees = caller.0.may(Right::Look) || caller.0.may(Right::Subscribe(id));
        if !sees {
            return Err(Outcome::new(StatusCode::FORBIDDEN, "forbidden", "The key is not for this facade."));
        }
        accepts_json(parts)?;
        let base = base(parts, api.options.front, id);
        Ok(Visit { caller, integration, base })
    }
}

/// Refuses a caller that asks for anything but JSON (guide 1.1.0 @139).
fn accepts_json(parts: &Parts) -> Result<(), Outcome> {
    let asked =
        parts.uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("_format="));
    let accepted = match asked {
        Some(format) => format.contains("json"),
        None => accept(&parts.headers).is_none_or(|accept| JSON.iter().any(|kind| accept.contains(kind))),
    };
    if accepted {
        return Ok(());
    }
    Err(Outcome::new(StatusCode::NOT_ACCEPTABLE, "not-supported", "Answers are application/fhir+json only."))
}

fn accept(headers: &HeaderMap) -> Option<String> {
    headers.get(header::ACCEPT)?.to_str().ok().map(str::to_ascii_lowercase)
}

const JSON: [&str; 4] = ["json", "*/*", "application/*", "text/*"];

fn base(parts: &Parts, front: Front, integration: IntegrationId) -> String {
    let scheme = if front == Front::Plain { "http" } else { "https" };
    let named = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = named.or_else(|| parts.uri.authority().map(http::uri::Authority::as_str));
    let is_host = |host: &&str| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
    };
    let host = host.filter(is_host).unwrap_or("localhost");
    format!("{scheme}://{host}/fhir/{integration}")
}
