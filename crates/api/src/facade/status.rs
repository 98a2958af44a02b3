//! `$status`, of one Subscription and of many

use axum::extract::{Path, Request, State};
use axum::response::Response;
use fhir::notification::{Kind, statuses};
use http::StatusCode;
use model::{Versioned, Webhook};

use super::document::Document;
use super::given::Given;
use super::outcome::Outcome;
use super::visit::Visit;
use super::{answer, find};
use crate::Api;

/// How one Subscription stands; parameters mean nothing here (guide 1.1.0 @110).
pub(super) async fn of_one(
    State(api): State<Api>,
    visit: Visit,
    Path((_, id)): find::Ids,
) -> Result<Response, Outcome> {
    let found = find::one(&api.settings.now(), &visit, &id)?;
    let address = format!("{}/Subscription/{id}/$status", visit.base);
    answered(&api, &visit, vec![found], &address).await
}

/// How Subscriptions stand: those with one of the ids and one of the statuses, all where none is given.
pub(super) async fn of_all(
    State(api): State<Api>,
    visit: Visit,
    request: Request,
) -> Result<Response, Outcome> {
    let given = parameters(&api, request).await?;
    given.only(&["id", "status"])?;
    let (ids, wanted) = (given.all("id"), given.all("status"));
    let is_wanted = |webhook: &Webhook| {
        webhook.subscription.as_deref().is_some_and(|facet| {
            // A client may name itself by reference too.
            let named = |id: &&str| id.rsplit('/').next() == Some(facet.id.as_str());
            (ids.is_empty() || ids.iter().any(named))
                && (wanted.is_empty() || wanted.contains(&facet.status.code()))
        })
    };
    let now = api.settings.now();
    let found = find::all(&now, &visit).filter(|webhook| is_wanted(webhook)).cloned().collect();
    answered(&api, &visit, found, &format!("{}/Subscription/$status", visit.base)).await
}

async fn answered(
    api: &Api,
    visit: &Visit,
    found: Vec<std::sync::Arc<Versioned<Webhook>>>,
    address: &str,
) -> Result<Response, Outcome> {
    let mut moments = Vec::with_capacity(found.len());
    for webhook in &found {
        moments.push(api.moment(webhook, Kind::QueryStatus).await?);
    }
    Ok(answer::text(StatusCode::OK, statuses(visit.version(), &moments, (address, api.clock.now()))))
}

/// What an operation is given, by GET or by POST.
pub(super) async fn parameters(api: &Api, request: Request) -> Result<Given, Outcome> {
    use axum::extract::FromRequest as _;
    let (parts, body) = request.into_parts();
    let given = Given::of(&parts);
    let document = Document::from_request(Request::from_parts(parts, body), api).await?;
    given.and(document.if_any()?.as_ref())
}
