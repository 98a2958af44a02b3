//! The body that a delivery would have with the settings of now, and its shape for whoever may look.

use matching::{Tells, Template, Unshaped};
use model::{Code, DeliveryId, Event, Problem, Webhook};
use privacy::{Disclosed, Masked, Origin, PersonalKind, Told};
use store::NewEvent;

use crate::Api;
use crate::events::{open, raw};
use crate::refused::{Refused, Result};

/// What a webhook is told of an event.
pub(crate) enum Body {
    /// This.
    Told(Disclosed),
    /// Nothing: its template cannot tell it.
    Unshaped(Unshaped),
    /// Nothing: what the event says is no longer kept.
    Gone,
}

impl Body {
    /// The body, if there is one.
    pub(crate) fn told(&self) -> Option<&Disclosed> {
        match self {
            Body::Told(told) => Some(told),
            Body::Unshaped(_) | Body::Gone => None,
        }
    }

    /// Why there is none, where the template is to blame.
    pub(crate) fn problem(&self) -> Option<String> {
        match self {
            Body::Unshaped(unshaped) => Some(unshaped.to_string()),
            Body::Told(_) | Body::Gone => None,
        }
    }
}

impl Api {
    /// What a webhook is told of an event: through the one door out.
    pub(crate) async fn disclosed(
        &self,
        delivery: DeliveryId,
        stored: &NewEvent,
        (webhook, template): (&Webhook, Option<&Template>),
    ) -> Result<Body> {
        let event = &stored.event;
        let Some(sealed) = &stored.body else { return Ok(Body::Gone) };
        let Some(content) = open(self, event, sealed).await? else { return Ok(Body::Gone) };
        let Some(original) = raw::original(self, event, webhook).await? else { return Ok(Body::Gone) };
        let keys = self.keyring.organisation(event.organisation).await.map_err(|e| Refused::internal(&e))?;
        let number = settings::number(&*self.store, delivery, webhook).await?;
        let origin = self.origin(event);
        let told = Told { event, content: &content, origin, original: original.as_ref(), number };
        Ok(match settings::tell(webhook, template, &told, &keys) {
            Ok(told) => Body::Told(told),
            Err(unshaped) => Body::Unshaped(unshaped),
        })
    }

    fn origin(&self, event: &Event) -> Origin {
        let now = self.settings.now();
        Origin::of(now.config.integrations.get(&event.integration).map(|found| &found.doc))
    }
}

/// Why a body cannot be shown.
pub(crate) fn unshaped(Unshaped { pointer, why }: Unshaped) -> Problem {
    Problem::new(Code::TemplateFailed, why).at(format!("/template{pointer}"))
}

/// A body for people who may see its shape only. One that another template made than the one at hand is
/// masked whole: nobody knows any more what stands where.
pub(crate) fn masked(told: &Disclosed, template: Option<&Template>) -> Masked {
    let Some(version) = told.template else { return privacy::mask(&told.body) };
    let known = template.filter(|template| template.version() == version);
    let tells = |pointer: &str| match known.map_or(Tells::Person, |template| template.tells(pointer)) {
        Tells::Nothing => None,
        Tells::StandIn => Some(PersonalKind::Pseudonym),
        Tells::Person => Some(PersonalKind::Content),
    };
    privacy::mask_by(&told.body, &tells)
}
