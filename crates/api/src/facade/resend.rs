//! `$resend`: events that were missed go out again, under their numbers

use audit::Action;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use fhir::{Severity, operation_outcome};
use http::StatusCode;
use model::{DeliveryId, SubscriptionStatus};
use store::Batch;

use super::outcome::Outcome;
use super::status::parameters;
use super::visit::Visit;
use super::{answer, find};
use crate::Api;

/// Sends the events of a range again; numbers and times include both ends.
pub(super) async fn resend(
    State(api): State<Api>,
    visit: Visit,
    Path((_, id)): find::Ids,
    request: Request,
) -> Result<Response, Outcome> {
    visit.may_subscribe()?;
    let found = find::one(&api.settings.now(), &visit, &id)?;
    let given = parameters(&api, request).await?;
    given.only(&["eventsSinceNumber", "eventsUntilNumber", "eventsSinceInstant", "eventsUntilInstant"])?;
    let numbers = (given.number("eventsSinceNumber")?, given.number("eventsUntilNumber")?);
    let (since, until) = (given.instant("eventsSinceInstant")?, given.instant("eventsUntilInstant")?);
    if found.subscription.as_deref().is_none_or(|facet| facet.status != SubscriptionStatus::Active) {
        let why = "Only an active Subscription is sent anything; set it to requested first.";
        return Err(Outcome::new(StatusCode::CONFLICT, "business-rule", why));
    }
    let rows = api.numbered(&found, numbers).await?.into_iter();
    let within = rows.filter(|(_, row)| {
        since.is_none_or(|since| row.accepted >= since) && until.is_none_or(|until| row.accepted <= until)
    });
    let revived: Vec<DeliveryId> = within.map(|(_, row)| row.id).collect();
    let count = revived.len();
    let entry = api.entry(&visit.caller, Action::Redrive, found.id, &format!("{count} events by $resend"));
    api.store.commit(Batch { revived, audit: vec![entry], ..Batch::default() }).await?;
    let told = operation_outcome(
        Severity::Information,
        "informational",
        &format!("{count} events are sent again."),
        None,
    );
    Ok(answer::resource(StatusCode::OK, &told))
}
