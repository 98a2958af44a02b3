//! `CloudEvents` 1.0: structured, batch and binary mode of the HTTP binding, JSON data.

use std::borrow::Cow;

use http::HeaderMap;
use model::{Code, Problem, limits};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::native::{bounded, malformed};
use super::shape::{Kind, Member, Others, Shape};
use super::{Sent, SentSubject};

/// Structured mode: the body is one event.
pub(crate) fn structured(text: &str) -> Result<Sent<'_>, Problem> {
    let document = serde_json::from_str(text).map_err(|fault| unreadable(&fault, text, ""))?;
    understand(document, String::new())
}

/// Batch mode: the body is an array of events.
pub(crate) fn batch(text: &str) -> Result<Vec<Sent<'_>>, Problem> {
    let events: Vec<&RawValue> = serde_json::from_str(text).map_err(|fault| malformed(&fault))?;
    if events.is_empty() || events.len() > limits::EVENTS_PER_CALL {
        return Err(Problem::new(Code::InvalidField, "A batch has 1 to 1,000 events."));
    }
    let understood = events.iter().enumerate().map(|(place, event)| {
        let text = bounded(event, place)?;
        let place = format!("/{place}");
        let document = serde_json::from_str(text).map_err(|fault| unreadable(&fault, text, &place))?;
        understand(document, place)
    });
    understood.collect()
}

/// Binary mode: attributes are `ce-` headers, the body is the data.
pub(crate) fn binary<'a>(headers: &HeaderMap, text: &'a str) -> Result<Sent<'a>, Problem> {
    let attribute = |name: &str| {
        headers.get(name).and_then(|value| value.to_str().ok()).map(|value| Cow::Owned(unescape(value)))
    };
    let data: &RawValue = serde_json::from_str(text).map_err(|fault| malformed(&fault))?;
    let missing = |name: &str| Problem::new(Code::InvalidField, format!("The header {name} is missing."));
    let document = Document {
        specversion: attribute("ce-specversion").ok_or_else(|| missing("ce-specversion"))?,
        id: attribute("ce-id").ok_or_else(|| missing("ce-id"))?,
        source: attribute("ce-source").ok_or_else(|| missing("ce-source"))?,
        event_type: attribute("ce-type").ok_or_else(|| missing("ce-type"))?,
        subject: attribute("ce-subject"),
        subjecttype: attribute("ce-subjecttype"),
        time: attribute("ce-time"),
        data: Some(data),
    };
    understand(document, String::new())
}

/// The attributes that are read; others are extensions, which nobody asked us to keep.
#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    specversion: Cow<'a, str>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    source: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    event_type: Cow<'a, str>,
    #[serde(borrow, default)]
    subject: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    subjecttype: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    time: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

fn understand(document: Document<'_>, place: String) -> Result<Sent<'_>, Problem> {
    let refuse =
        |why: &str, member: &str| Problem::new(Code::InvalidField, why).at(format!("{place}/{member}"));
    if document.specversion != "1.0" {
        return Err(refuse("Only CloudEvents 1.0 is taken.", "specversion"));
    }
    if document.id.is_empty() || document.id.len() + document.source.len() > 4 * limits::SENDER_ID_BYTES {
        return Err(refuse("id and source have 1 to 1,024 bytes together.", "id"));
    }
    let data = document.data.ok_or_else(|| refuse("data is JSON and must be there.", "data"))?;
    Ok(Sent {
        identity: Some(("cloudevents", vec![document.source, document.id])),
        event_type: document.event_type,
        object_type: None,
        subject: document.subject.map(|id| SentSubject { kind: document.subjecttype, system: None, id }),
        time: document.time,
        lane: None,
        test: false,
        data: Cow::Borrowed(data),
        place,
    })
}

fn unreadable(fault: &serde_json::Error, text: &str, place: &str) -> Problem {
    if !fault.is_data() {
        return malformed(fault);
    }
    EVENT.explain(text, place).fix("specversion, id, source and type are required; data is a JSON object.")
}

const EVENT: Shape = Shape {
    members: &[
        Member::required("specversion", Kind::Text),
        Member::required("id", Kind::Text),
        Member::required("source", Kind::Text),
        Member::required("type", Kind::Text),
        Member::optional("subject", Kind::Text),
        Member::optional("subjecttype", Kind::Text),
        Member::optional("time", Kind::Text),
        Member::optional("data", Kind::Anything),
    ],
    others: Others::Ignored,
};

// CloudEvents HTTP binding 1.0.2 §3.1.3.2: header values are percent-encoded.
fn unescape(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = if byte == b'%' { after.get(..2) } else { None };
        let code =
            hex.and_then(|hex| str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(code.unwrap_or(byte));
        rest = if code.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_are_percent_decoded_and_stray_percents_stay() {
        assert_eq!(unescape("Euro%20%E2%82%AC%20100%"), "Euro € 100%");
    }
}
