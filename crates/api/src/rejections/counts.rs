//! `GET /admin/rejections/counts`

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use model::{IntegrationId, Right, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Api;
use crate::caller::Caller;
use crate::refused::Result;

/// How often doors refused lately.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RejectionCounts)]
pub(crate) struct Counts {
    /// The beginning of the hour in which counting begins.
    #[schema(value_type = String)]
    since: Timestamp,
    /// Integrations that refused anything.
    data: Vec<Counted>,
}

/// How often the doors of one integration refused.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RejectionCount)]
struct Counted {
    integration_id: String,
    /// In all, those included of which only the number is kept.
    count: u64,
    /// By the code of the reason.
    codes: BTreeMap<&'static str, u64>,
}

/// Rejections of the last 24 hours, for each integration.
#[utoipa::path(get, path = "/admin/rejections/counts", tag = "rejections",
    responses((status = 200, body = Counts)))]
pub(crate) async fn counts(State(api): State<Api>, caller: Caller) -> Result<Json<Counts>> {
    caller.needs(Right::Look)?;
    let since = api.clock.now() - Duration::from_secs(86_400);
    let totals = api.store.rejection_totals(caller.organisation(), since).await?;
    let mut counted: BTreeMap<IntegrationId, Counted> = BTreeMap::new();
    for total in totals {
        let of = counted.entry(total.integration).or_default();
        of.integration_id = total.integration.to_string();
        of.count += total.count;
        *of.codes.entry(total.code).or_default() += total.count;
    }
    let since = Timestamp::from_millis(since.hour() * 3_600_000);
    Ok(Json(Counts { since, data: counted.into_values().collect() }))
}
