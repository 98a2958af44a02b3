//! The door out to FHIR Subscriptions: what its messages say besides what they tell of events.

use fhir::notification::{self, Coding, Kind, Notification, Status};
use model::{
    FhirVersion, PayloadContent, Subscription, SubscriptionError, SubscriptionStatus, Timestamp, Webhook,
};

use crate::OrganisationKeys;
use crate::disclose::{Told, event_of};

/// A webhook that is a Subscription.
#[derive(Debug, Clone, Copy)]
pub struct Subscriber<'a> {
    webhook: &'a Webhook,
    subscription: &'a Subscription,
}

/// What a message of a Subscription is, besides what it tells.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// What it is for.
    pub kind: Kind,
    /// Names it: another message, another number.
    pub id: u128,
    /// How many events the Subscription has had.
    pub count: u64,
    /// When it was made.
    pub at: Timestamp,
    /// Whether it is about made-up people (T1).
    pub test: bool,
}

impl<'a> Subscriber<'a> {
    /// The webhook, if it is a Subscription.
    #[must_use]
    pub fn of(webhook: &'a Webhook) -> Option<Self> {
        webhook.subscription.as_deref().map(|subscription| Subscriber { webhook, subscription })
    }

    /// The message of a moment. The same arguments give the same bytes when it is written.
    #[must_use]
    pub fn notification(&self, moment: Moment, events: Vec<notification::Event>) -> Notification {
        let Subscription { base, id, topic, status, error, content, .. } = self.subscription;
        Notification {
            version: self.version(),
            kind: moment.kind,
            content: of_content(*content),
            id: moment.id,
            subscription: format!("{base}/Subscription/{id}"),
            status: of_status(*status),
            topic: Some(topic.clone()),
            events_since_start: moment.count,
            events,
            errors: error
                .filter(|_| *status == SubscriptionStatus::Error)
                .map(|error| coding(error, self.subscription))
                .into_iter()
                .collect(),
            timestamp: moment.at,
            test: moment.test,
        }
    }

    /// What may be told of an event.
    #[must_use]
    pub fn told(&self, told: &Told<'_>, keys: &OrganisationKeys) -> notification::Event {
        event_of(self.version(), self.webhook, told, keys)
    }

    /// What is left to tell of an event whose content is gone or withheld.
    #[must_use]
    pub fn untold(&self, number: u64, time: Timestamp) -> notification::Event {
        let timestamp = Some(time);
        notification::Event { number, timestamp, focus: None, context: Vec::new(), triggers: Vec::new() }
    }

    fn version(&self) -> FhirVersion {
        self.webhook.format.fhir_version().unwrap_or(FhirVersion::R4)
    }
}

fn of_content(content: PayloadContent) -> notification::Content {
    match content {
        PayloadContent::Empty => notification::Content::Empty,
        PayloadContent::IdOnly => notification::Content::IdOnly,
        PayloadContent::FullResource => notification::Content::FullResource,
    }
}

fn of_status(status: SubscriptionStatus) -> Status {
    match status {
        SubscriptionStatus::Requested => Status::Requested,
        SubscriptionStatus::Active => Status::Active,
        SubscriptionStatus::Error => Status::Error,
        SubscriptionStatus::Off => Status::Off,
    }
}

fn coding(error: SubscriptionError, subscription: &Subscription) -> Coding {
    let display = subscription.wrong().filter(|text| text != error.code());
    Coding { system: error.system().to_owned(), code: error.code().to_owned(), display }
}
