//! What an integration does not want to know is taken out before anything is kept (C7).
//!
//! It goes first: what is mapped, matched, sealed and counted has never had it.
//! `tree` does it for FHIR, JSON and forms, `segments` for HL7 v2.

mod tree; // Members of JSON.
mod segments; // Fields of a message.

use std::borrow::Cow;

use bytes::Bytes;
use model::{Code, Integration, Problem};
use presets::Call;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::party::Party;
use crate::refusal;

/// A resource or Bundle, with the bytes in which it rests.
pub(crate) fn resource(integration: &Integration, taken: (Bytes, Value)) -> Result<(Bytes, Value), Problem> {
    let Some(fields) = &integration.fields else { return Ok(taken) };
    let (_, mut resource) = taken;
    tree::sift_resource(&mut resource, fields);
    let bytes = serde_json::to_vec(&resource).map_err(|error| refusal::internal(&error))?;
    Ok((bytes.into(), resource))
}

/// The data of an event.
pub(crate) fn data<'d>(
    integration: &Integration,
    data: Cow<'d, RawValue>,
) -> Result<Cow<'d, RawValue>, Problem> {
    let Some(fields) = &integration.fields else { return Ok(data) };
    // What cannot be read is refused by the check that follows.
    let Ok(mut value) = serde_json::from_str::<Value>(data.get()) else { return Ok(data) };
    tree::sift(&mut value, "data", fields);
    Ok(Cow::Owned(to_raw_value(&value).map_err(|error| refusal::internal(&error))?))
}

/// A third party's proven call, in its own form; none if it is taken as it is.
///
/// # Errors
/// [`Code::UnknownContent`] if it cannot be read, so that nothing can be taken out of it.
pub(crate) fn call(party: &Party<'_>, call: &Call<'_>) -> Result<Option<Vec<u8>>, Problem> {
    let Some(fields) = &party.integration.fields else { return Ok(None) };
    let unread = |fault| Problem::new(Code::UnknownContent, format!("{fault}."));
    let mut body = party.preset.open(call).map_err(unread)?;
    let frame = party.preset.frame(party.given);
    let frame: Vec<Vec<&str>> =
        frame.iter().map(|names| names.iter().map(String::as_str).collect()).collect();
    tree::sift_by(&mut body, ("body", &frame), fields);
    Ok(Some(party.preset.write(&body)))
}

/// An HL7 v2 message; none if it is taken as it is.
pub(crate) fn message(integration: &Integration, raw: &[u8]) -> Option<Vec<u8>> {
    let fields = integration.fields.as_ref()?;
    Some(segments::sift(raw, fields))
}
