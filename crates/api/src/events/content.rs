//! Opening what is sealed.

use model::{Content, Event, Personal, Sealed};
use privacy::RecordKind;

use crate::Api;
use crate::refused::{Refused, Result};

/// The content of an event; none once retention or an erasure made it unreadable.
pub(crate) async fn open(api: &Api, event: &Event, sealed: &Sealed) -> Result<Option<Personal<Content>>> {
    let key = api.keyring.for_opening(event.organisation, event.subject, sealed).await;
    let Some(key) = key.map_err(|error| Refused::internal(&error))? else { return Ok(None) };
    let bytes = key
        .open(RecordKind::Event, model::Id::row(event.id), sealed)
        .map_err(|error| Refused::internal(&error))?;
    let content = serde_json::from_slice(&bytes).map_err(|error| Refused::internal(&error))?;
    Ok(Some(Personal::new(content)))
}
