//! `$get-ws-binding-token`, for one Subscription and for many

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use model::{SubscriptionStatus, Versioned, Webhook, limits};
use serde_json::{Value, json};

use super::tickets::Ticket;
use crate::Api;
use crate::facade::outcome::Outcome;
use crate::facade::status::parameters;
use crate::facade::visit::Visit;
use crate::facade::{answer, find};

/// A token for one Subscription; parameters mean nothing here.
pub(in crate::facade) async fn of_one(
    State(api): State<Api>,
    visit: Visit,
    Path((_, id)): find::Ids,
) -> Result<Response, Outcome> {
    visit.may_subscribe()?;
    let found = named(&api, &visit, &id)?;
    given(&api, &visit, &[found])
}

/// A token for the Subscriptions with these ids; for all that the caller could bind where none is given.
pub(in crate::facade) async fn of_many(
    State(api): State<Api>,
    visit: Visit,
    request: Request,
) -> Result<Response, Outcome> {
    visit.may_subscribe()?;
    let asked = parameters(&api, request).await?;
    asked.only(&["id"])?;
    let ids = asked.all("id");
    let found: Vec<_> = if ids.is_empty() {
        let now = api.settings.now();
        find::all(&now, &visit).filter(|one| refusal(&visit, one).is_none()).cloned().collect()
    } else {
        // A client may name it by reference too.
        let named = |id: &str| named(&api, &visit, id.rsplit('/').next().unwrap_or(id));
        ids.into_iter().map(named).collect::<Result<_, _>>()?
    };
    given(&api, &visit, &found)
}

fn named(api: &Api, visit: &Visit, id: &str) -> Result<Arc<Versioned<Webhook>>, Outcome> {
    let found = find::one(&api.settings.now(), visit, id)?;
    refusal(visit, &found).map_or(Ok(found), Err)
}

/// Why a Subscription cannot be bound by a caller.
fn refusal(visit: &Visit, webhook: &Webhook) -> Option<Outcome> {
    let facet = webhook.subscription.as_deref()?;
    let refuse = |status, issue, why: &str| Some(Outcome::new(status, issue, why));
    if facet.owner != visit.caller.0.key {
        return refuse(
            StatusCode::FORBIDDEN,
            "forbidden",
            "Only the key that made a Subscription listens for it.",
        );
    }
    if !webhook.is_listening() {
        let why = "The Subscription has another channel than websocket.";
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, "business-rule", why);
    }
    if facet.status == SubscriptionStatus::Off {
        return refuse(
            StatusCode::CONFLICT,
            "business-rule",
            "The Subscription is off; set it to requested first.",
        );
    }
    None
}

fn given(api: &Api, visit: &Visit, of: &[Arc<Versioned<Webhook>>]) -> Result<Response, Outcome> {
    if of.is_empty() || of.len() > limits::SOCKET_SUBSCRIPTIONS {
        let most = limits::SOCKET_SUBSCRIPTIONS;
        let why = format!(
            "A token binds from 1 to {most} Subscriptions with the channel websocket; name them by id."
        );
        return Err(Outcome::new(StatusCode::UNPROCESSABLE_ENTITY, "business-rule", why));
    }
    let now = api.clock.now();
    let until = now + limits::SOCKET_TOKEN;
    let ticket = Ticket {
        integration: visit.integration.id,
        key: visit.caller.0.key,
        webhooks: of.iter().map(|webhook| webhook.id).collect(),
        until,
    };
    let token = api.sockets.give(ticket, now);
    let ids = of.iter().filter_map(|webhook| webhook.subscription.as_deref());
    let mut listed: Vec<Value> = vec![
        json!({ "name": "token", "valueString": token.expose() }),
        json!({ "name": "expiration", "valueDateTime": until.to_string() }),
    ];
    listed.extend(ids.map(|facet| json!({ "name": "subscription", "valueString": facet.id })));
    listed.push(json!({ "name": "websocket-url", "valueUrl": visit.socket() }));
    let answer = json!({ "resourceType": "Parameters", "parameter": listed });
    Ok(answer::resource(StatusCode::OK, &answer))
}
