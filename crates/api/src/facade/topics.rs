//! `SubscriptionTopic` of R4B and R5, and `Basic` that stands for it in R4

use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use matching::Topic;
use model::FhirVersion;
use serde_json::Value;

use super::given::Given;
use super::outcome::Outcome;
use super::search::searchset;
use super::visit::Visit;
use super::{answer, find};
use crate::Api;

/// One topic.
pub(super) async fn read(
    State(api): State<Api>,
    visit: Visit,
    Path((_, id)): find::Ids,
) -> Result<Response, Outcome> {
    of_version(visit.version() != FhirVersion::R4)?;
    one(&api, &visit, &id)
}

/// The topics that fit all parameters.
pub(super) async fn search(
    State(api): State<Api>,
    visit: Visit,
    request: Request,
) -> Result<Response, Outcome> {
    of_version(visit.version() != FhirVersion::R4)?;
    many(&api, &visit, "SubscriptionTopic", request)
}

/// One topic as R4 has it.
pub(super) async fn read_basic(
    State(api): State<Api>,
    visit: Visit,
    Path((_, id)): find::Ids,
) -> Result<Response, Outcome> {
    of_version(visit.version() == FhirVersion::R4)?;
    one(&api, &visit, &id)
}

/// The topics that fit all parameters, as R4 has them.
pub(super) async fn search_basic(
    State(api): State<Api>,
    visit: Visit,
    request: Request,
) -> Result<Response, Outcome> {
    of_version(visit.version() == FhirVersion::R4)?;
    many(&api, &visit, "Basic", request)
}

fn of_version(is_there: bool) -> Result<(), Outcome> {
    let why = "Topics are SubscriptionTopic in R4B and R5, and Basic in R4.";
    is_there.then_some(()).ok_or_else(|| Outcome::new(StatusCode::NOT_FOUND, "not-supported", why))
}

fn one(api: &Api, visit: &Visit, id: &str) -> Result<Response, Outcome> {
    let offered = api.offered(visit);
    let found = offered.all().find(|topic| topic.id() == id).ok_or_else(Outcome::not_found)?;
    Ok(answer::resource(StatusCode::OK, &matching::topic_resource(visit.version(), found)))
}

fn many(api: &Api, visit: &Visit, kind: &str, request: Request) -> Result<Response, Outcome> {
    let (parts, _) = request.into_parts();
    let given = Given::of(&parts);
    given.only(&[
        "_id",
        "url",
        "derived-or-self",
        "resource",
        "title",
        "trigger-description",
        "status",
        "code",
    ])?;
    let wanted = |topic: &&std::sync::Arc<Topic>| given.pairs().all(|one| fits(topic, one));
    let offered = api.offered(visit);
    let found = offered.all().filter(wanted);
    let found: Vec<Value> = found.map(|topic| matching::topic_resource(visit.version(), topic)).collect();
    Ok(answer::resource(StatusCode::OK, &searchset(visit, kind, &given, found)))
}

/// Whether one parameter fits; texts by their beginning, as FHIR searches strings.
fn fits(topic: &Topic, (name, value): (&str, &str)) -> bool {
    let any = |is: &dyn Fn(&str) -> bool| value.split(',').any(is);
    let begins = |text: &str| any(&|wanted| text.to_lowercase().starts_with(&wanted.to_lowercase()));
    match name {
        "_id" => any(&|wanted| topic.id() == wanted),
        "url" => any(&|wanted| topic.url == wanted),
        "derived-or-self" => {
            any(&|wanted| topic.url == wanted || topic.also.iter().any(|other| other == wanted))
        }
        "resource" => any(&|wanted| topic.about(wanted.rsplit('/').next().unwrap_or(wanted)).is_some()),
        "title" => begins(&topic.title),
        "trigger-description" => begins(&topic.description),
        "status" => any(&|wanted| wanted.rsplit('|').next() == Some("active")),
        "code" => any(&|wanted| wanted.rsplit('|').next() == Some("SubscriptionTopic")),
        _ => false,
    }
}
