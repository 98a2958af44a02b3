//! Messages that are made because somebody asks: how Subscriptions stand, and what they had.

use fhir::notification::{Kind, Notification};
use model::{Id as _, Versioned, Webhook};
use privacy::{Moment, Subscriber};

use super::outcome::Outcome;
use crate::Api;

impl Api {
    /// A message of a Subscription without its events.
    pub(super) async fn moment(
        &self,
        webhook: &Versioned<Webhook>,
        kind: Kind,
    ) -> Result<Notification, Outcome> {
        let at = self.clock.now();
        let count = self.store.last_number(webhook.id).await?;
        let id: model::MessageId = self.ids.next(at);
        let subscriber = Subscriber::of(webhook).ok_or_else(Outcome::not_found)?;
        Ok(subscriber.notification(Moment { kind, id: id.raw(), count, at, test: false }, Vec::new()))
    }
}
