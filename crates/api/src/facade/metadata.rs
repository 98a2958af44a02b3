//! `GET /fhir/{integration}/metadata`

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use matching::Topics;
use model::FhirVersion;
use serde_json::{Value, json};

use super::answer;
use super::outcome::Outcome;
use super::visit::Visit;
use crate::Api;

/// What the facade can do (guide 1.1.0 @48, @52, @57, @58, @120).
pub(super) async fn metadata(State(api): State<Api>, visit: Visit) -> Result<Response, Outcome> {
    let version = visit.version();
    let mut statement = json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": api.clock.now().to_string(),
        "publisher": "Carehook",
        "kind": "instance",
        "software": { "name": "Carehook", "version": env!("CARGO_PKG_VERSION") },
        "implementation": { "description": "Subscriptions to one integration", "url": visit.base },
        "fhirVersion": whole_number(version),
        "format": ["application/fhir+json", "json"],
        "patchFormat": ["application/json-patch+json", "application/fhir+json"],
    });
    match version {
        FhirVersion::R4 => {
            statement["instantiates"] = json!([guide("CapabilityStatement/backport-subscription-server-r4")])
        }
        FhirVersion::R4B => {
            statement["instantiates"] = json!([guide("CapabilityStatement/backport-subscription-server")])
        }
        FhirVersion::R5 => {}
    }
    let topics = if version == FhirVersion::R4 { basic() } else { subscription_topic() };
    statement["rest"] = json!([{
        "mode": "server",
        "extension": [{ "url": WEBSOCKET, "valueUri": visit.socket() }],
        "security": { "description": "Authorization: Bearer with an API key of the role subscriber" },
        "resource": [subscription(version, &api.offered(&visit)), topics],
    }]);
    Ok(answer::resource(StatusCode::OK, &statement))
}

fn subscription(version: FhirVersion, offered: &Topics) -> Value {
    let interactions = ["create", "read", "update", "patch", "delete", "search-type"];
    let mut resource = json!({
        "type": "Subscription",
        "interaction": interactions.map(|code| json!({ "code": code })),
        "versioning": "versioned",
        "readHistory": false,
        "updateCreate": true,
        "conditionalCreate": false,
        "searchParam": parameters(version),
        "operation": operations(),
    });
    if version != FhirVersion::R5 {
        resource["supportedProfile"] = json!([guide("StructureDefinition/backport-subscription")]);
        let listed = offered.all().flat_map(|topic| [&topic.url].into_iter().chain(&topic.also));
        let url = guide("StructureDefinition/capabilitystatement-subscriptiontopic-canonical");
        let listed = listed.map(|topic| json!({ "url": url, "valueCanonical": topic }));
        resource["extension"] = listed.collect::<Vec<_>>().into();
    }
    resource
}

fn parameters(version: FhirVersion) -> Value {
    let shared =
        [("url", "uri"), ("status", "token"), ("contact", "token"), ("payload", "token"), ("type", "token")];
    let guided = [
        ("criteria", "string"),
        ("topic", "uri"),
        ("filter-criteria", "string"),
        ("payload-type", "token"),
        ("custom-channel", "token"),
    ];
    let native = [("topic", "uri"), ("content-level", "token")];
    let more: &[_] = if version == FhirVersion::R5 { &native } else { &guided };
    let all = shared.iter().chain(more).map(|(name, kind)| json!({ "name": name, "type": kind }));
    all.collect::<Vec<_>>().into()
}

fn operations() -> Value {
    let operations = [
        ("status", guide("OperationDefinition/backport-subscription-status")),
        ("events", guide("OperationDefinition/backport-subscription-events")),
        ("resend", guide("OperationDefinition/backport-subscription-resend")),
        ("get-ws-binding-token", guide("OperationDefinition/backport-subscription-get-ws-binding-token")),
    ];
    operations.map(|(name, definition)| json!({ "name": name, "definition": definition })).to_vec().into()
}

fn subscription_topic() -> Value {
    let parameters = [
        ("url", "uri"),
        ("derived-or-self", "uri"),
        ("resource", "uri"),
        ("title", "string"),
        ("trigger-description", "string"),
    ];
    json!({
        "type": "SubscriptionTopic",
        "interaction": [{ "code": "read" }, { "code": "search-type" }],
        "searchParam": parameters.map(|(name, kind)| json!({ "name": name, "type": kind })),
    })
}

fn basic() -> Value {
    json!({
        "type": "Basic",
        "interaction": [{ "code": "read" }, { "code": "search-type" }],
        "searchParam": [{ "name": "code", "type": "token" }],
    })
}

fn whole_number(version: FhirVersion) -> &'static str {
    match version {
        FhirVersion::R4 => "4.0.1",
        FhirVersion::R4B => "4.3.0",
        FhirVersion::R5 => "5.0.0",
    }
}

fn guide(path: &str) -> String {
    format!("http://hl7.org/fhir/uv/subscriptions-backport/{path}")
}

/// Where a server has its websockets.
const WEBSOCKET: &str = "http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket";
