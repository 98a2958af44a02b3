//! Whose content a preview shows: a sample's, or that of an event which came in.

use audit::Action;
use matching::Template;
use model::{DeliveryId, EventId, EventType, Planned, Problem, Right, Webhook};
use privacy::{AuditReceipt, Disclosed, PersonalField};
use serde_json::{Map, Value, json};
use store::Batch;

use crate::Api;
use crate::caller::Caller;
use crate::refused::{self, Result};
use crate::rendered::{self, Body};
use crate::strict::{self, invalid};
use crate::why::Why;

/// A stored event, and why its content is read.
pub(super) struct Chosen {
    event: EventId,
    why: Why,
}

/// What a preview found.
pub(super) struct Previewed {
    pub(super) event_type: EventType,
    pub(super) headers: Vec<(String, String)>,
    pub(super) told: Disclosed,
    pub(super) personal: Vec<PersonalField>,
}

impl Chosen {
    /// The event that a body names beside the settings; none for a sample.
    ///
    /// What a template or a schema makes of an event says something of it even where it is masked, so
    /// nobody tries them on one without a reason.
    pub(super) fn take(body: &mut Map<String, Value>) -> Result<Option<Self>, Problem> {
        let mut given = |name: &str| body.remove(name).filter(|value| !value.is_null());
        match (given("eventId"), given("reason")) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(invalid("/reason", "Only the content of a stored event needs a reason.")),
            (Some(_), None) => {
                let why = "A preview of a stored event shows its content.";
                Err(invalid("/reason", why).fix("Say in reason why you look at it."))
            }
            (Some(event), Some(reason)) => {
                let event = strict::read_value(event).map_err(|problem| problem.at("/eventId"))?;
                let why = strict::read_value(json!({ "reason": reason }))?;
                Ok(Some(Chosen { event, why }))
            }
        }
    }
}

impl Api {
    /// A sample as it would be sent.
    pub(super) async fn preview_sample(&self, webhook: Webhook, event_type: EventType) -> Result<Previewed> {
        let template = template(&webhook);
        let preview = self.rehearse.preview(webhook, event_type.clone()).await?;
        let body = preview.body.into_bytes().into();
        let version = template.as_ref().map(Template::version);
        let told = Disclosed { body, media: preview.media, template: version };
        let personal = rendered::masked(&told, template.as_ref()).personal;
        Ok(Previewed { event_type, headers: preview.headers, told, personal })
    }

    /// A stored event as it would be sent, once the reading stands in the audit log.
    pub(super) async fn preview_stored(
        &self,
        caller: &Caller,
        webhook: Webhook,
        Chosen { event, why }: Chosen,
    ) -> Result<Previewed> {
        caller.needs(Right::Reveal)?;
        let reason = why.reason()?;
        let stored = self.store.events(&[event]).await?.pop().flatten();
        let stored = stored.filter(|found| found.event.organisation == caller.organisation());
        let stored = stored.ok_or_else(|| invalid("/eventId", "There is no such event."))?;
        let entry = self.entry(caller, Action::Reveal, event, reason);
        AuditReceipt::of(self.store.commit(Batch { audit: vec![entry], ..Batch::default() }).await)?;
        let template = template(&webhook);
        let delivery: DeliveryId = self.ids.next(self.clock.now());
        let told = match self.disclosed(delivery, &stored, (&webhook, template.as_ref())).await? {
            Body::Told(told) => told,
            Body::Unshaped(unshaped) => return Err(rendered::unshaped(unshaped).into()),
            Body::Gone => return Err(refused::gone()),
        };
        let (at, media) = (self.clock.now(), told.media);
        let planned = Planned { delivery, event, body: &told.body, media, at };
        let headers = self.rehearse.headers(&webhook, planned).unwrap_or_default();
        let personal = rendered::masked(&told, template.as_ref()).personal;
        Ok(Previewed { event_type: stored.event.event_type, headers, told, personal })
    }
}

/// The template of a webhook; settings that were accepted have one that can be read.
fn template(webhook: &Webhook) -> Option<Template> {
    Template::read(webhook.template.as_deref()?, webhook.profile).ok()
}
