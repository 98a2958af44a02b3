//! Opening a received message.

use model::{Event, Personal, Webhook};
use privacy::{Original, RecordKind};

use crate::Api;
use crate::refused::{Refused, Result};

/// What an event came in, with what that is; none if it is no record of its own, or no longer kept.
pub(super) async fn open(api: &Api, event: &Event) -> Result<Option<Personal<(String, String)>>> {
    let opened = bytes(api, event).await?;
    let text = |(format, bytes): (String, Vec<u8>)| (format, String::from_utf8_lossy(&bytes).into_owned());
    Ok(opened.map(|opened| Personal::new(text(opened))))
}

/// What a webhook is told of an event besides its content; the outer none if that is no longer kept.
pub(crate) async fn original(
    api: &Api,
    event: &Event,
    webhook: &Webhook,
) -> Result<Option<Option<Personal<Original>>>> {
    if event.message.is_none() || !privacy::needs_original(webhook) {
        return Ok(Some(None));
    }
    let opened = bytes(api, event).await?;
    Ok(opened.map(|(format, bytes)| Some(Personal::new(Original::new(&format, bytes)))))
}

/// The same in bytes, with the format: for what decides by them and shows nothing.
pub(super) async fn bytes(api: &Api, event: &Event) -> Result<Option<(String, Vec<u8>)>> {
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
    Ok(Some((message.format, bytes)))
}
