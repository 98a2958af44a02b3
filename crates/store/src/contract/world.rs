//! Ids, events and deliveries to tell stories with.

use std::sync::Arc;
use std::time::Duration;

use model::{
    Attempt, Category, Decision, DecisionReason, DeliveryId, Event, EventId, EventType, Id, Ids,
    IntegrationId, Lane, OrderKey, OrganisationId, Sealed, TemplateVersion, Timestamp, Timings, WebhookId,
};

use crate::{
    Arrival, Ask, Batch, Claim, Committed, DeliveryRow, End, NewDelivery, NewEvent, Reschedule, Settled,
    Store,
};

/// A store with an organisation and a webhook.
pub struct World {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Mints ids.
    pub ids: Ids,
    /// The organisation of everything.
    pub organisation: OrganisationId,
    /// The integration of everything.
    pub integration: IntegrationId,
    /// The webhook, unless a story names another.
    pub webhook: WebhookId,
}

impl World {
    /// When stories happen.
    pub const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    /// A world on `store`.
    #[must_use]
    pub fn on(store: Arc<dyn Store>) -> Self {
        let installed = store.installation();
        let ids = Ids::new(installed.tag, installed.last_row);
        let (organisation, integration, webhook) =
            (ids.next(Self::NOW), ids.next(Self::NOW), ids.next(Self::NOW));
        World { store, ids, organisation, integration, webhook }
    }

    /// A new id.
    pub fn id<I: Id>(&self) -> I {
        self.ids.next(Self::NOW)
    }

    /// An event with a body.
    pub fn event(&self) -> NewEvent {
        let id: EventId = self.id();
        let event = Event {
            id,
            organisation: self.organisation,
            integration: self.integration,
            event_type: EventType::from("lab.result.final"),
            object_type: EventType::from("lab_result"),
            lane: Lane::Routine,
            time: Self::NOW,
            received: Self::NOW,
            test: false,
            subject: None,
            object: None,
            message: None,
            sequence: 0,
            replaces: None,
            caused_by: None,
            hops: 0,
        };
        let body = Some(Sealed(id.raw().to_be_bytes().repeat(4)));
        NewEvent { event, decisions: Vec::new(), config_version: 1, body }
    }

    /// A delivery to the webhook.
    pub fn delivery(&self, order: Option<u8>) -> NewDelivery {
        let order = order.map(|byte| OrderKey([byte; 16]));
        NewDelivery {
            id: self.id(),
            webhook: self.webhook,
            lane: Lane::Routine,
            order,
            follows: None,
            dead: None,
            numbered: false,
        }
    }

    /// An event with deliveries, as it comes in.
    pub fn arrival(&self, deliveries: Vec<NewDelivery>) -> Arrival {
        let mut event = self.event();
        event.decisions = deliveries.iter().map(matched).collect();
        Arrival { events: vec![(event, deliveries)], ..Arrival::default() }
    }

    /// Lets one delivery come in and returns its id.
    ///
    /// # Panics
    /// It cannot be written.
    pub async fn owe(&self, order: Option<u8>) -> DeliveryId {
        let delivery = self.delivery(order);
        let id = delivery.id;
        self.arrive(self.arrival(vec![delivery])).await;
        id
    }

    /// Commits one arrival.
    pub(super) async fn arrive(&self, arrival: Arrival) -> Committed {
        self.commit(Batch { arrivals: vec![arrival], ..Batch::default() }).await
    }

    /// Commits a batch.
    ///
    /// # Panics
    /// It cannot be written.
    pub async fn commit(&self, batch: Batch) -> Committed {
        self.store.commit(batch).await.expect("a batch is written")
    }

    /// Claims up to `max` of the webhook's routine deliveries.
    ///
    /// # Panics
    /// The store fails.
    pub async fn claim(&self, max: usize) -> Vec<Claim> {
        self.claim_from(Lane::Routine, max).await
    }

    /// Claims up to `max` of the webhook's deliveries in a lane.
    pub(super) async fn claim_from(&self, lane: Lane, max: usize) -> Vec<Claim> {
        let ask = Ask { webhook: self.webhook, lane, max };
        self.store.claim(ask).await.expect("deliveries are claimed")
    }

    /// Claims the one delivery that is due.
    pub(super) async fn claim_one(&self) -> Claim {
        let mut claims = self.claim(10).await;
        assert_eq!(claims.len(), 1, "exactly one delivery is due");
        claims.remove(0)
    }

    /// Settles a claim.
    pub(super) async fn settle(&self, claim: &Claim, end: End) -> Committed {
        self.commit(Batch { settled: vec![settled(claim, end)], ..Batch::default() }).await
    }

    /// Puts a claim off by a minute.
    pub(super) async fn put_off(&self, claim: &Claim) -> Timestamp {
        let again = again(claim);
        let due = again.due;
        let done = self.commit(Batch { again: vec![again], ..Batch::default() }).await;
        assert!(done.fenced.is_empty(), "whoever holds a delivery can put it off");
        due
    }

    /// The row of a delivery.
    pub(super) async fn row(&self, id: DeliveryId) -> DeliveryRow {
        self.store.find_delivery(id).await.expect("a delivery is read").expect("the delivery is there")
    }

    /// How many of the webhook's deliveries are due on disk.
    pub(super) async fn due_on_disk(&self) -> u64 {
        let (backlog, _) = self.store.backlog().await.expect("the backlog is read");
        backlog.iter().filter(|known| known.webhook == self.webhook).map(|known| known.count).sum()
    }

    /// An attempt at a claim.
    pub fn attempt(&self, claim: &Claim, error: Option<Category>) -> Attempt {
        Attempt {
            id: self.id(),
            delivery: claim.delivery,
            event: claim.event,
            webhook: claim.webhook,
            number: claim.attempts + 1,
            began: Self::NOW,
            status: if error.is_none() { Some(204) } else { None },
            error,
            timings: Timings { total: 5_000, ..Timings::default() },
            next: None,
            template: Some(TemplateVersion::from_bits(u64::MAX - 1)),
        }
    }
}

/// The decision that a delivery stands for.
pub(super) fn matched(delivery: &NewDelivery) -> Decision {
    Decision { webhook: delivery.webhook, delivery: Some(delivery.id), reason: DecisionReason::Matched }
}

/// The end of a claim.
pub(super) fn settled(claim: &Claim, end: End) -> Settled {
    Settled {
        delivery: claim.delivery,
        epoch: claim.epoch,
        end,
        at: World::NOW,
        attempts: claim.attempts + 1,
        error: (end == End::DeadLettered).then_some(Category::Http5xx),
        rendered: None,
    }
}

/// Another try a minute later.
pub(super) fn again(claim: &Claim) -> Reschedule {
    Reschedule {
        delivery: claim.delivery,
        epoch: claim.epoch,
        due: World::NOW + Duration::from_secs(60),
        attempts: claim.attempts + 1,
        error: Some(Category::Http5xx),
        rendered: None,
        keep: false,
    }
}
