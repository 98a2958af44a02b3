//! Our own JSON: one event, or an array of up to 1,000.

use std::borrow::Cow;

use model::{Code, Lane, Problem, limits};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::shape::{Kind, Member, Others, Shape};
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
        Err(fault) if fault.is_data() => return Err(EVENT.explain(text, &place)),
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

const EVENT: Shape = Shape {
    members: &[
        Member::optional("id", Kind::Text),
        Member::required("type", Kind::Text),
        Member::optional("objectType", Kind::Text),
        Member::optional("subject", Kind::Document(&SUBJECT)),
        Member::optional("time", Kind::Text),
        Member::optional("lane", Kind::OneOf(&["critical", "urgent", "routine", "bulk"])),
        Member::optional("test", Kind::Truth),
        Member::required("data", Kind::Anything),
    ],
    others: Others::Refused,
};

const SUBJECT: Shape = Shape {
    members: &[
        Member::optional("type", Kind::Text),
        Member::optional("system", Kind::Text),
        Member::required("id", Kind::Text),
    ],
    others: Others::Refused,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, code: Code, field: &str) {
        let problem = one(text).unwrap_err();
        assert_eq!((problem.code, problem.field.as_deref()), (code, Some(field)), "{}", problem.detail);
        assert!(!problem.detail.contains("MRN-1001"), "{}", problem.detail);
    }

    #[test]
    fn every_fault_of_an_event_has_its_code_and_its_place_and_tells_no_content() {
        use Code::{InvalidField, UnknownField};
        check(r#"["MRN-1001"]"#, InvalidField, "");
        check(r#"{"data":{}}"#, InvalidField, "/type");
        check(r#"{"type":"a.b"}"#, InvalidField, "/data");
        check(r#"{"type":"a.b","data":{},"MRN~/x":1}"#, UnknownField, "/MRN~0~1x");
        check(r#"{"type":"a.b","data":{},"objecttype":"MRN-1001"}"#, UnknownField, "/objecttype");
        check(r#"{"type":"a.b","data":{},"id":1001}"#, InvalidField, "/id");
        check(r#"{"type":"a.b","data":{},"test":"MRN-1001"}"#, InvalidField, "/test");
        check(r#"{"type":"a.b","data":{},"lane":"MRN-1001"}"#, InvalidField, "/lane");
        check(r#"{"type":"a.b","data":{},"subject":"MRN-1001"}"#, InvalidField, "/subject");
        check(r#"{"type":"a.b","data":{},"subject":{"system":"urn:a"}}"#, InvalidField, "/subject/id");
        check(
            r#"{"type":"a.b","data":{},"subject":{"ID":"MRN-1001","id":"MRN-1001"}}"#,
            UnknownField,
            "/subject/ID",
        );
        let many = array(r#"[{"type":"a.b","data":{}},{"type":"a.b","data":{},"dat":1}]"#).unwrap_err();
        assert_eq!((many.code, many.field.as_deref()), (UnknownField, Some("/1/dat")));
    }

    #[test]
    fn what_may_be_absent_may_be_null() {
        let text = r#"{"type":"a.b","data":null,"id":null,"subject":null,"lane":null,"test":null}"#;
        assert!(one(text).unwrap().subject.is_none());
    }
}
