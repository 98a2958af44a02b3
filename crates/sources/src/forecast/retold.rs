//! Something that came in, opened: as it is taken in again.

use std::sync::Arc;

use fhir::bundle::{self, Split};
use matching::raise::Interaction;
use model::{Content, Event, Focus, Id as _, Integration, MessageId, Problem, Versioned};
use privacy::RecordKind;
use serde_json::Value;
use store::Message;

use super::aside::Aside;
use super::found::Item;
use crate::intake::Intake;
use crate::refusal;
use crate::resources::{Incoming, Sender};

/// Something that came in.
pub(super) enum Retold {
    /// A message, as it was received.
    Hl7(Vec<u8>),
    /// Resources, each with its id.
    Fhir(Vec<Incoming>, usize),
    /// Events, as their sender or a preset told them.
    Said(Vec<(Event, Content)>, usize),
}

impl Retold {
    /// Whether nothing of it came in.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Retold::Said(events, _) if events.is_empty())
    }

    /// Its size.
    pub(super) fn bytes(&self) -> u64 {
        let bytes = match self {
            Retold::Hl7(raw) => raw.len(),
            Retold::Fhir(_, bytes) | Retold::Said(_, bytes) => *bytes,
        };
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

impl Intake {
    /// Opens what came in; none if it is no longer kept, or its integration is gone.
    pub(super) async fn retold(&self, item: &Item, aside: &Aside) -> Result<Option<Retold>, Problem> {
        let Some(integration) = aside.integration(item.integration) else { return Ok(None) };
        let Some(id) = item.message else { return self.retold_events(item).await };
        let message = self.ports.store.find_message(id).await.map_err(|error| refusal::of_store(&error))?;
        let Some(message) = message else { return Ok(None) };
        if message.format == "hook" {
            return self.retold_events(item).await;
        }
        let Some(raw) = self.opened_raw(&message).await? else { return Ok(None) };
        if message.format == "hl7v2" {
            return Ok(Some(Retold::Hl7(raw)));
        }
        let size = raw.len();
        let incoming = if message.kind == "Bundle" {
            bundled(&raw, &integration, aside).await?
        } else {
            let focus = self.focus_of(item).await?;
            single((&message, &raw), focus, aside).map(|one| vec![one])
        };
        Ok(incoming.map(|incoming| Retold::Fhir(incoming, size)))
    }

    /// The bytes of a message; none once retention or an erasure made them unreadable.
    async fn opened_raw(&self, message: &Message) -> Result<Option<Vec<u8>>, Problem> {
        // What was deleted came without a body, and is sealed all the same.
        if message.raw.0.is_empty() {
            return Ok(None);
        }
        let Message { id, organisation, subject, raw, .. } = message;
        let key = self.ports.keyring.for_opening(*organisation, *subject, raw).await;
        let Some(key) = key.map_err(|error| refusal::of_keys(&error))? else { return Ok(None) };
        Ok(key.open(RecordKind::Message, id.row(), raw).ok())
    }

    /// Events that came in; none of them where triggers raised them all.
    async fn retold_events(&self, item: &Item) -> Result<Option<Retold>, Problem> {
        let opened = self.opened_events(item).await?;
        if opened.is_empty() {
            return Ok(None);
        }
        let mut came = Vec::with_capacity(opened.len());
        for (event, content) in opened {
            let is_own = event.caused_by.is_some() && event.hops == 0;
            if !is_own && !self.is_raised(&event, &content).await? {
                came.push((event, content));
            }
        }
        let bytes = came.iter().map(|(_, content)| content.data.get().len()).sum();
        Ok(Some(Retold::Said(came, bytes)))
    }

    /// Whether a trigger raised an event. One that speaks for triggers may have come in all the same.
    async fn is_raised(&self, event: &Event, content: &Content) -> Result<bool, Problem> {
        if content.occasion.triggers.is_empty() {
            return Ok(false);
        }
        self.ports.store.is_raised(event).await.map_err(|error| refusal::of_store(&error))
    }

    async fn opened_events(&self, item: &Item) -> Result<Vec<(Event, Content)>, Problem> {
        let ids: Vec<_> = item.events.iter().map(|(id, _)| *id).collect();
        let stored = self.ports.store.events(&ids).await.map_err(|error| refusal::of_store(&error))?;
        let mut opened = Vec::with_capacity(ids.len());
        for stored in stored.into_iter().flatten() {
            let (event, Some(body)) = (stored.event, stored.body) else { continue };
            let key = self.ports.keyring.for_opening(event.organisation, event.subject, &body).await;
            let Some(key) = key.map_err(|error| refusal::of_keys(&error))? else { continue };
            let bytes = key.open(RecordKind::Event, event.id.row(), &body).ok();
            let content = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
            opened.extend(content.map(|content| (event, content)));
        }
        Ok(opened)
    }

    /// The resource that the events of an item were raised by, as they keep it.
    async fn focus_of(&self, item: &Item) -> Result<Option<Focus>, Problem> {
        Ok(self.opened_events(item).await?.into_iter().find_map(|(_, content)| content.focus))
    }
}

/// The resources of a Bundle; none for one that is no longer understood.
async fn bundled(
    raw: &[u8],
    integration: &Arc<Versioned<Integration>>,
    aside: &Aside,
) -> Result<Option<Vec<Incoming>>, Problem> {
    let Ok(resource) = serde_json::from_slice::<Value>(raw) else { return Ok(None) };
    // A batch is kept entry by entry.
    let Ok(Split::Whole(_, entries)) = bundle::split(&resource) else { return Ok(None) };
    let keys = aside.intake.ports.keyring.organisation(integration.organisation_id).await;
    let keys = keys.map_err(|error| refusal::of_keys(&error))?;
    Ok(Some(aside.intake.linked(&entries, Sender { integration, cause: None, call: None }, &keys)))
}

/// A resource that came alone: what was done to it, and under which id, its events tell.
fn single((message, raw): (&Message, &[u8]), focus: Option<Focus>, aside: &Aside) -> Option<Incoming> {
    let known: Option<Value> =
        focus.as_ref().and_then(|focus| serde_json::from_str(focus.resource.get()).ok());
    let of_focus = known.as_ref().filter(|known| known["resourceType"] == message.kind.as_str());
    let resource: Option<Value> = serde_json::from_slice(raw).ok();
    let id = of_focus.or(resource.as_ref()).and_then(|one| one["id"].as_str()).map(str::to_owned);
    let interaction = match (&resource, focus.filter(|_| of_focus.is_some())) {
        (None, _) => Interaction::Delete,
        (Some(_), Some(focus)) => focus.interaction,
        (Some(_), None) => Interaction::Update,
    };
    if interaction == Interaction::Delete && id.is_none() {
        return None;
    }
    let id = id.unwrap_or_else(|| number_of(message.id));
    Some(Incoming::new(message.kind.clone(), Some(id), interaction, resource, &aside.intake))
}

/// An id for a resource that was given one by the door and whose events no longer tell it.
fn number_of(message: MessageId) -> String {
    message.to_string().trim_start_matches("msg_").to_owned()
}
