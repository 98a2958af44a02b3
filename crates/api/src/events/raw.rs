//! Opening a received message.

use model::{Event, Personal};
use privacy::RecordKind;

use crate::Api;
use crate::refused::{Refused, Result};

/// What an event came in, with what that is; none if it is no record of its own, or no longer kept.
pub(super) async fn open(api: &Api, event: &Event) -> Result<Option<Personal<(String, String)>>> {
    let Some(id) = event.message else { return Ok(None) };
    let Some(message) = api.store.find_message(id).await? else { return Ok(None) };
    if message.raw.0.is_empty() {
        return Ok(None);
    }
    let key = api.keyring.for_opening(message.organisation, message.subject, &message.raw).await;
    let Some(key) = key.map_err(|error| Refused::internal(&error))? else { return Ok(None) };
    let bytes = key
        .open(RecordKind::Message, model::Id::row(id), &message.raw)
        .map_err(|error| Refused::internal(&error))?;
    Ok(Some(Personal::new((message.format, String::from_utf8_lossy(&bytes).into_owned()))))
}
