//! How the doors are described. What is read is in `events`, `hl7` and `fhir`.

use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder, Schema};

/// An event as a sender writes it, or an array of up to 1,000 of them: all or none are taken.
#[derive(serde::Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = SentEvents)]
#[expect(dead_code, reason = "only described: events::native is what is read")]
pub(super) enum Events {
    One(Box<Event>),
    Many(Vec<Event>),
}

/// An event as a sender writes it.
#[derive(serde::Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SentEvent)]
pub(super) struct Event {
    /// The sender's own id: the same id is the same event, for at least 7 days.
    id: Option<String>,
    /// A type of the catalogue or one that was registered.
    #[serde(rename = "type")]
    event_type: String,
    /// Left out, as the catalogue says.
    object_type: Option<String>,
    subject: Option<Subject>,
    /// When it happened (RFC 3339).
    time: Option<String>,
    /// `critical`, `urgent`, `routine` or `bulk`; may only raise.
    lane: Option<String>,
    /// Whether it is no real event.
    test: Option<bool>,
    /// What the type's schema asks for.
    data: Value,
}

/// Who an event is about.
#[derive(serde::Serialize, ToSchema)]
#[schema(as = SentSubject)]
pub(super) struct Subject {
    /// Left out, `patient`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Who gave the id; left out, the integration.
    system: Option<String>,
    id: String,
}

/// What became of one event, or of each of an array in order.
#[derive(serde::Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = TakenEvents)]
#[expect(dead_code, reason = "only described: events::write is what is written")]
pub(super) enum Taken {
    One(super::Accepted),
    Many { accepted: Vec<super::Accepted> },
}

/// Adds how each call is refused: FHIR's doors answer with an `OperationOutcome`, the others with a problem.
pub(super) fn refusals(api: &mut OpenApi) {
    for (path, item) in &mut api.paths.paths {
        let (kind, schema) = if path.contains("/fhir") {
            let outcome = ObjectBuilder::new().schema_type(Type::Object).title(Some("OperationOutcome"));
            ("application/fhir+json", RefOr::T(Schema::Object(outcome.build())))
        } else {
            ("application/problem+json", RefOr::Ref(Ref::from_schema_name("Problem")))
        };
        let all = [&mut item.put, &mut item.post, &mut item.delete];
        for operation in all.into_iter().flatten() {
            refuse(operation, |what| answer(what, kind, schema.clone()));
        }
    }
}

fn refuse(operation: &mut Operation, answer: impl Fn(&str) -> Response) {
    for (status, what) in REFUSALS {
        let entry = operation.responses.responses.entry((*status).to_owned());
        entry.or_insert_with(|| RefOr::T(answer(what)));
    }
}

fn answer(what: &str, kind: &str, schema: RefOr<Schema>) -> Response {
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(what).content(kind, content).build()
}

const REFUSALS: &[(&str, &str)] = &[
    ("400", "Not readable"),
    ("401", "No valid credentials, or no valid proof"),
    ("403", "Not with this key, or not from this address"),
    ("404", "Not there, or somebody else's"),
    ("409", "The id or the Idempotency-Key was used for something else, or its call is under way"),
    ("413", "Larger than this door takes"),
    ("415", "Of a media type that this door does not take"),
    ("422", "Well-formed and not acceptable"),
    ("503", "Too much is waiting: repeat it after Retry-After seconds"),
    ("507", "The disk of the server is full"),
];
