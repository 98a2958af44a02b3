//! `GET /admin/integration/{id}/webhooks/{webhookId}/status`

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use model::{Environment, IntegrationId, Right, Timestamp, WebhookId};
use serde::{Deserialize, Serialize};
use store::WebhookTotals;
use utoipa::{IntoParams, ToSchema};

use super::challenge::ShownChallenge;
use super::find;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::params::Params;
use crate::percent::{Latency, rate};
use crate::refused::Result;

/// Which events count.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// `live`, the default, or `test`: what test events came to, which nothing else counts.
    #[param(value_type = Option<String>)]
    environment: Option<Environment>,
}

/// How a webhook is doing. Test events are left out, unless they are asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookStatus)]
pub(crate) struct Status {
    /// `active`, `pending`, `paused` or `disabled`. A pending one waits for its receiver to show that it is one.
    status: &'static str,
    /// `flowing`, `tripped` or `probing`.
    breaker: &'static str,
    /// Null without attempts.
    success_rate24h: Option<f64>,
    delivered24h: u64,
    failed24h: u64,
    /// Failures by category.
    errors24h: BTreeMap<&'static str, u64>,
    #[schema(value_type = Option<String>)]
    last_success_at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    last_failure_at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    next_retry_at: Option<Timestamp>,
    /// Deliveries that are owed.
    pending: u64,
    /// Of these, how many are held: by a pause, the breaker, their order, the load, or because their receiver has
    /// not shown yet that it is one.
    held: u64,
    dead_lettered: u64,
    /// Of the attempts of 24 hours.
    latency_ms: Latency,
    /// What came of the last challenge of a receiver that has not shown yet that it is one.
    challenge: Option<ShownChallenge>,
}

/// How a webhook is doing.
#[utoipa::path(get, path = "/admin/integration/{id}/webhooks/{webhookId}/status", tag = "webhooks",
    params(Wanted), responses((status = 200, body = Status)))]
pub(crate) async fn status(
    State(api): State<Api>,
    caller: Caller,
    At(ids): At<(IntegrationId, WebhookId)>,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Status>> {
    caller.needs(Right::Look)?;
    let webhook = find::webhook(&api.settings.now(), &caller, ids)?.clone();
    let since = api.clock.now() - DAY;
    let environment = wanted.environment.unwrap_or(Environment::Live);
    let totals = api.store.totals((webhook.id, environment), since).await?;
    let breaker = api.senders.breaker(webhook.id);
    let held = api.held_of(webhook.id, webhook.state.holds(), &totals);
    let owed = webhook.owes_proof().then(|| api.challenge.challenged(webhook.id)).flatten();
    let challenge = owed.map(ShownChallenge::from);
    Ok(Json(Status { held, challenge, ..Status::of(webhook.state.name(), breaker, &totals) }))
}

const DAY: Duration = Duration::from_secs(86_400);

impl Status {
    fn of(status: &'static str, breaker: &'static str, totals: &WebhookTotals) -> Self {
        let delivered24h = totals.hours.iter().map(|hour| hour.delivered).sum();
        let failed24h = totals.hours.iter().map(|hour| hour.failed).sum();
        let mut errors24h = BTreeMap::new();
        let mut latency = [0; 17];
        for hour in &totals.hours {
            for (category, count) in &hour.errors {
                *errors24h.entry(category.name()).or_default() += count;
            }
            latency.iter_mut().zip(hour.latency).for_each(|(sum, count)| *sum += count);
        }
        Status {
            status,
            breaker,
            success_rate24h: rate(delivered24h, failed24h),
            delivered24h,
            failed24h,
            errors24h,
            last_success_at: totals.last_success,
            last_failure_at: totals.last_failure,
            next_retry_at: totals.next_retry,
            pending: totals.pending,
            held: 0,
            dead_lettered: totals.dead_lettered,
            latency_ms: Latency::of(&latency),
            challenge: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Category;
    use store::HourTotals;

    use super::*;

    #[test]
    fn the_status_adds_up_its_hours_in_the_words_of_the_contract() {
        let mut latency = [0; 17];
        latency[4] = 100;
        let hour = |hour, delivered, errors: &[(Category, u64)]| HourTotals {
            hour,
            delivered,
            failed: errors.iter().map(|(_, count)| count).sum(),
            errors: errors.to_vec(),
            latency,
            ..HourTotals::default()
        };
        let totals = WebhookTotals {
            hours: vec![hour(1, 597, &[(Category::Http5xx, 2)]), hour(2, 600, &[(Category::ReadTimeout, 1)])],
            last_success: Some(Timestamp::from_millis(0)),
            pending: 4,
            dead_lettered: 1,
            ..WebhookTotals::default()
        };
        let json = serde_json::to_value(Status::of("active", "flowing", &totals)).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "status": "active", "breaker": "flowing",
                "successRate24h": 0.9975, "delivered24h": 1197, "failed24h": 3,
                "errors24h": { "http_5xx": 2, "read_timeout": 1 },
                "lastSuccessAt": "1970-01-01T00:00:00.000Z", "lastFailureAt": null, "nextRetryAt": null,
                "pending": 4, "held": 0, "deadLettered": 1,
                "latencyMs": { "p50": 12.0, "p95": 15.6, "p99": 15.9 },
                "challenge": null,
            })
        );
        let idle = serde_json::to_value(Status::of("paused", "flowing", &WebhookTotals::default())).unwrap();
        assert_eq!(
            (&idle["successRate24h"], &idle["latencyMs"]["p50"]),
            (&serde_json::Value::Null, &serde_json::Value::Null)
        );
    }
}
