//! Our own JSON: one event, or an array of up to 1,000.

use std::borrow::Cow;

use model::{Code, Lane, Problem, limits};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Sent, SentSubject};

/// The event that is the whole body.
pub(crate) fn one(text: &str) -> Result<Sent<'_>, Problem> {
    read(text, String::new())
}

/// The events of an array; a fault is named as `/N/…`.
pub(crate) fn array(text: &str) -> Result<Vec<Sent<'_>>, Problem> {
    let events: Vec<&RawValue> = serde_json::from_str(text).map_err(|fault| malformed(&fault))?;
    if events.is_empty() || events.len() > limits::EVENTS_PER_CALL {
        return Err(Problem::new(Code::InvalidField, "An array has 1 to 1,000 events."));
    }
    events
        .iter()
        .enumerate()
        .map(|(place, event)| read(bounded(event, place)?, format!("/{place}")))
        .collect()
}

/// The text of one event of several, if it is no longer than a single one may be.
pub(crate) fn bounded<'a>(event: &&'a RawValue, place: usize) -> Result<&'a str, Problem> {
    if event.get().len() > limits::EVENT_BYTES {
        return Err(
            Problem::new(Code::BodyTooLarge, "A single event has at most 1 MiB.").at(format!("/{place}"))
        );
    }
    Ok(event.get())
}

/// JSON that the parser does not take.
pub(crate) fn malformed(fault: &serde_json::Error) -> Problem {
    Problem::new(
        Code::MalformedJson,
        format!("The JSON cannot be read at line {}, column {}.", fault.line(), fault.column()),
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document<'a> {
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "type")]
    event_type: Cow<'a, str>,
    #[serde(borrow, default)]
    object_type: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    subject: Option<SubjectDocument<'a>>,
    #[serde(borrow, default)]
    time: Option<Cow<'a, str>>,
    #[serde(default)]
    lane: Option<Lane>,
    #[serde(default)]
    test: Option<bool>,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubjectDocument<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    system: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Cow<'a, str>,
}

fn read(text: &str, place: String) -> Result<Sent<'_>, Problem> {
    // The cheap reading first; the one that knows the failing member only when it is needed.
    let document: Document<'_> = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(fault) if fault.is_data() => return Err(explain(text, &place)),
        Err(fault) => return Err(malformed(&fault)),
    };
    let id = document.id.filter(|id| !id.is_empty());
    if id.as_ref().is_some_and(|id| id.len() > limits::SENDER_ID_BYTES) {
        return Err(
            Problem::new(Code::InvalidField, "An id has at most 256 bytes.").at(format!("{place}/id"))
        );
    }
    Ok(Sent {
        identity: id.map(|id| ("events", vec![id])),
        event_type: document.event_type,
        object_type: document.object_type,
        subject: document.subject.map(|SubjectDocument { kind, system, id }| SentSubject {
            kind,
            system,
            id,
        }),
        time: document.time,
        lane: document.lane,
        test: document.test.unwrap_or(false),
        data: Cow::Borrowed(document.data),
        place,
    })
}

/// Which member is at fault, and what it should have been.
fn explain(text: &str, place: &str) -> Problem {
    let mut reader = serde_json::Deserializer::from_str(text);
    let fault = serde_path_to_error::deserialize::<_, Document<'_>>(&mut reader).err();
    let (path, why) = fault.map_or_else(
        || (String::new(), "The event cannot be read.".to_owned()),
        |fault| (pointer(fault.path()), shape_of(fault.inner())),
    );
    Problem::new(Code::InvalidField, why).at(format!("{place}{path}"))
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Map { key } | Segment::Enum { variant: key } => {
                Some(format!("/{}", key.replace('~', "~0").replace('/', "~1")))
            }
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Unknown => None,
        })
        .collect()
}

// The parser's words quote names of members and variants, but a wrong string
// or number too, which may be personal: only the part without content is told.
fn shape_of(fault: &serde_json::Error) -> String {
    let words = fault.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    let names_only = words.starts_with("missing field") || words.starts_with("unknown field");
    if names_only {
        format!("{words}.")
    } else {
        "The member has the wrong type or an unknown value.".to_owned()
    }
}
