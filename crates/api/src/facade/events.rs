//! `$events`: what a Subscription was told, or should have been

use audit::Action;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use fhir::notification::{self, Kind};
use http::StatusCode;
use model::{DeliveryState, EventId, PayloadContent, Profile, Subscription, Versioned, Webhook, limits};
use privacy::{Origin, Subscriber, Told};
use store::{Batch, DeliveryRow};

use super::outcome::Outcome;
use super::status::parameters;
use super::visit::Visit;
use super::{answer, find};
use crate::Api;

/// The events with numbers in a range, both ends included; at most a bounded number at once.
pub(super) async fn events(
    State(api): State<Api>,
    visit: Visit,
    Path((_, id)): find::Ids,
    request: Request,
) -> Result<Response, Outcome> {
    let found = find::one(&api.settings.now(), &visit, &id)?;
    let given = parameters(&api, request).await?;
    given.only(&["eventsSinceNumber", "eventsUntilNumber", "content"])?;
    let range = (given.number("eventsSinceNumber")?, given.number("eventsUntilNumber")?);
    let asked = given.one("content")?.map(content).transpose()?;
    let rows = api.numbered(&found, range).await?;
    let shown = narrowed(&found, asked);
    api.audit_events(&visit, &shown, rows.len()).await?;
    let mut moment = api.moment(&shown, Kind::QueryEvent).await?;
    moment.events = api.told(&shown, &rows).await?;
    Ok(answer::text(StatusCode::OK, notification::bundle(&moment)))
}

fn content(code: &str) -> Result<PayloadContent, Outcome> {
    match code {
        "empty" => Ok(PayloadContent::Empty),
        "id-only" => Ok(PayloadContent::IdOnly),
        "full-resource" => Ok(PayloadContent::FullResource),
        _ => {
            Err(Outcome::new(StatusCode::BAD_REQUEST, "value", "content is empty, id-only or full-resource."))
        }
    }
}

/// A client may ask for less than it is told, never for more.
fn narrowed(webhook: &Versioned<Webhook>, asked: Option<PayloadContent>) -> Versioned<Webhook> {
    let narrow = |facet: &Subscription| {
        let content = asked.map_or(facet.content, |asked| asked.min(facet.content));
        Box::new(Subscription { content, ..facet.clone() })
    };
    let subscription = webhook.subscription.as_deref().map(narrow);
    Versioned { version: webhook.version, doc: Webhook { subscription, ..webhook.doc.clone() } }
}

impl Api {
    /// The deliveries with numbers in a range.
    pub(super) async fn numbered(
        &self,
        webhook: &Webhook,
        (since, until): (Option<u64>, Option<u64>),
    ) -> Result<Vec<(u64, DeliveryRow)>, Outcome> {
        let rows = self.store.numbered(webhook.id, since.unwrap_or(0), limits::QUERIED_EVENTS).await?;
        let is_within = |(number, _): &(u64, DeliveryRow)| until.is_none_or(|until| *number <= until);
        Ok(rows.into_iter().filter(is_within).collect())
    }

    /// Writes down that contents are shown, before they are.
    async fn audit_events(&self, visit: &Visit, webhook: &Webhook, count: usize) -> Result<(), Outcome> {
        let shows = webhook
            .subscription
            .as_deref()
            .is_some_and(|facet| facet.content == PayloadContent::FullResource);
        if webhook.profile < Profile::Full || !shows || count == 0 {
            return Ok(());
        }
        let entry =
            self.entry(&visit.caller, Action::Reveal, webhook.id, &format!("{count} events by $events"));
        self.store.commit(Batch { audit: vec![entry], ..Batch::default() }).await?;
        Ok(())
    }

    /// The events of deliveries, as far as their contents are kept and may be told.
    async fn told(
        &self,
        webhook: &Webhook,
        rows: &[(u64, DeliveryRow)],
    ) -> Result<Vec<notification::Event>, Outcome> {
        let Some(subscriber) = Subscriber::of(webhook) else { return Ok(Vec::new()) };
        let keys = self.keyring.organisation(webhook.organisation_id).await;
        let keys = keys.map_err(|error| crate::refused::Refused::internal(&error))?;
        let ids: Vec<EventId> = rows.iter().map(|(_, row)| row.event).collect();
        let stored = self.store.events(&ids).await?;
        let compiled = self.settings.now();
        let mut told = Vec::with_capacity(rows.len());
        for ((number, row), stored) in rows.iter().zip(stored) {
            let Some(stored) = stored else { continue };
            let content = match &stored.body {
                Some(sealed) if row.state != DeliveryState::Withheld => {
                    crate::events::open(self, &stored.event, sealed).await?
                }
                Some(_) | None => None,
            };
            let event = &stored.event;
            told.push(match &content {
                Some(content) => {
                    let origin = Origin::of(
                        compiled.config.integrations.get(&event.integration).map(|found| &found.doc),
                    );
                    let shown = Told { event, content, origin, original: None, number: *number };
                    subscriber.told(&shown, &keys)
                }
                None => subscriber.untold(*number, event.time),
            });
        }
        Ok(told)
    }
}
