//! `GET /admin/overview`

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use model::{Environment, Lane, Right, Timestamp};
use serde::{Deserialize, Serialize};
use store::Pulse;
use utoipa::{IntoParams, ToSchema};

use super::attention::{self, Item, Scene};
use super::lanes::{self, LaneNow};
use crate::Api;
use crate::caller::Caller;
use crate::params::Params;
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

/// Everything that matters now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Overview)]
pub(crate) struct Overview {
    /// When this was.
    #[schema(value_type = String)]
    at: Timestamp,
    /// Whether the server runs with `--dev`.
    dev: bool,
    /// Whether no integration is about real people.
    test_only: bool,
    /// The lanes, most urgent first.
    lanes: Vec<LaneNow>,
    /// The present hour and the 24 before it, oldest first: of live or of test events, never of both.
    hours: Vec<Hour>,
    /// What needs attention, most urgent first; at most seven.
    attention: Vec<Item>,
    /// How many things need attention besides.
    attention_more: usize,
}

/// An hour of the organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OverviewHour)]
struct Hour {
    /// When it began.
    #[schema(value_type = String)]
    hour: Timestamp,
    /// Events accepted.
    accepted: u64,
    /// Attempts that brought a 2xx.
    delivered: u64,
    /// Attempts that did not.
    failed: u64,
}

/// The lanes, the last 24 hours, and what needs attention.
#[utoipa::path(get, path = "/admin/overview", tag = "overview",
    params(Wanted), responses((status = 200, body = Overview)))]
pub(crate) async fn read(
    State(api): State<Api>,
    caller: Caller,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Overview>> {
    caller.needs(Right::Look)?;
    let (organisation, now) = (caller.organisation(), api.clock.now());
    let first = (now - DAY).hour();
    let environment = wanted.environment.unwrap_or(Environment::Live);
    let pulses =
        api.store.pulse((organisation, environment), Timestamp::from_millis(first * HOUR), now).await?;
    let facts = api.facts(organisation).await?.only(environment);
    let sources = api.sources(organisation).await?;
    let health = api.store.health().await;
    let clock_jumped = api.metrics.is_retention_stopped();
    let undecided = api.undecided(organisation, now).await?;
    let scene =
        Scene { now, facts: &facts, sources: &sources, health: &health, clock_jumped, undecided: &undecided };
    let (attention, attention_more) = attention::of(&scene);
    let integrations = api.integrations_of(organisation);
    Ok(Json(Overview {
        at: now,
        dev: api.options.dev,
        test_only: !integrations.is_empty()
            && integrations.iter().all(|found| found.environment == Environment::Test),
        lanes: Lane::ALL.into_iter().map(|lane| lanes::of(lane, now, &pulses, &facts)).collect(),
        hours: (first..=now.hour()).map(|hour| Hour::of(hour, &pulses)).collect(),
        attention,
        attention_more,
    }))
}

impl Hour {
    fn of(hour: i64, pulses: &[Pulse]) -> Self {
        let mut sum = Pulse::quiet(0, Lane::Routine);
        pulses.iter().filter(|pulse| pulse.minute.div_euclid(60) == hour).for_each(|pulse| sum.add(pulse));
        let Pulse { accepted, delivered, failed, .. } = sum;
        Hour { hour: Timestamp::from_millis(hour * HOUR), accepted, delivered, failed }
    }
}

const DAY: Duration = Duration::from_secs(86_400);
const HOUR: i64 = 3_600_000;
