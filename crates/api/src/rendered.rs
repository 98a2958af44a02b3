//! The body that a delivery would have with the settings of now.

use model::{DeliveryId, Versioned, Webhook};
use privacy::{Disclosed, Origin, Told};
use store::NewEvent;

use crate::Api;
use crate::events::{open, raw};
use crate::refused::{Refused, Result};

impl Api {
    /// What a webhook is told of an event: through the one door out; none once it is no longer kept.
    pub(crate) async fn disclosed(
        &self,
        delivery: DeliveryId,
        stored: &NewEvent,
        webhook: &Versioned<Webhook>,
    ) -> Result<Option<Disclosed>> {
        let event = &stored.event;
        let Some(sealed) = &stored.body else { return Ok(None) };
        let Some(content) = open(self, event, sealed).await? else { return Ok(None) };
        let Some(original) = raw::original(self, event, webhook).await? else { return Ok(None) };
        let keys = self.keyring.organisation(event.organisation).await.map_err(|e| Refused::internal(&e))?;
        let now = self.settings.now();
        let origin = Origin::of(now.config.integrations.get(&event.integration).map(|found| &found.doc));
        let number = settings::number(&*self.store, delivery, webhook).await?;
        let told = Told { event, content: &content, origin, original: original.as_ref(), number };
        Ok(Some(privacy::disclose(webhook, &told, &keys)))
    }
}
