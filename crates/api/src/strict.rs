//! JSON becomes a type, or a problem that names the failing member.

use model::{Code, Problem, json};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

/// Reads a document that came in: no key twice, no member that is not known.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = json::check(bytes).map_err(|flaw| Problem::new(flaw.code(), flaw.to_string()))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|fault| problem(&fault))?;
    reader.end().map_err(|fault| Problem::new(Code::MalformedJson, words(&fault)))?;
    Ok(value)
}

/// Reads a part of a document that was read before.
pub(crate) fn read_value<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|fault| problem(&fault))
}

/// A member of this name is required and absent; a pointer without `/` is a parameter.
pub(crate) fn missing(pointer: &str) -> Problem {
    let fix = match pointer.rsplit_once('/') {
        Some((around, name)) => {
            let place = if around.is_empty() { "the body".to_owned() } else { format!("`{around}`") };
            let known = MEMBERS.iter().find(|(known, _)| *known == name);
            let what = known.map_or("GET /openapi.json describes it", |(_, what)| what);
            format!("Add `{name}` to {place}: {what}.")
        }
        None => format!("Add the parameter `{pointer}`."),
    };
    Problem::new(Code::InvalidField, "The member is required.").at(pointer).fix(fix)
}

/// What required members hold that have one meaning wherever they stand.
const MEMBERS: &[(&str, &str)] = &[
    ("certificate", "certificates as PEM, its own first, such as \"-----BEGIN CERTIFICATE-----…\""),
    ("clientId", "who this server is to the other one, such as \"carehook\""),
    ("eventType", "an event type, such as \"lab.result.critical\""),
    ("eventTypes", "event types, such as [\"lab.result.critical\"]"),
    ("listen", "an address of this machine and a port, such as \"127.0.0.1:2575\""),
    ("name", "what people call it, such as \"Ward 4 pager\""),
    ("password", "a text, which is never answered"),
    ("privateKey", "the key of the certificate as PEM, such as \"-----BEGIN PRIVATE KEY-----…\""),
    ("reason", "why, for the audit log and without a name, such as \"The ward asked, ticket 4711\""),
    ("role", "what the key may do, such as \"sender\""),
    ("token", "a text, which is never answered"),
    ("url", "an address, such as \"https://receiver.example/hook\""),
    ("username", "a text, such as \"carehook\""),
];

/// A member has a value that cannot be used.
pub(crate) fn invalid(pointer: impl Into<String>, why: impl Into<String>) -> Problem {
    Problem::new(Code::InvalidField, why).at(pointer)
}

/// A member asks for what this version cannot do.
pub(crate) fn not_supported(pointer: impl Into<String>, why: impl Into<String>) -> Problem {
    Problem::new(Code::NotSupported, why).at(pointer)
}

fn problem(fault: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let why = words(fault.inner());
    let place = pointer(fault.path());
    if !fault.inner().is_data() {
        return Problem::new(Code::MalformedJson, why);
    }
    // serde tells these apart by their words only.
    if why.starts_with("unknown field") {
        let unknown = Problem::new(Code::UnknownField, "The member is not known here.").at(place);
        return expected(&why, "Known are", unknown);
    }
    if why.starts_with("unknown variant") {
        return expected(&why, "Use one of", invalid(place, "The value is none of those that are known."));
    }
    match why.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        Some(name) => missing(&format!("{place}/{name}")),
        None => invalid(place, why),
    }
}

/// Says how to fix a word that is not known, by those that serde expected. The word itself is not
/// repeated: whatever came in may be about people.
fn expected(why: &str, lead: &str, problem: Problem) -> Problem {
    let Some((_, list)) = why.rsplit_once("expected ") else { return problem };
    // `a`, or `a` or `b`, or one of `a`, `b`, `c`: every second piece is a name.
    let names: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
    if names.is_empty() { problem } else { problem.fix(format!("{lead}: {}.", names.join(", "))) }
}

/// What serde says, without its line and column: the pointer says it better.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text.get(..end).unwrap_or_default().to_owned(),
        None => text,
    }
}

fn pointer(path: &Path) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => text.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                text.push('/');
                text.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Outer {
        #[serde(rename = "inner")]
        _inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Inner {
        #[serde(rename = "perSecond")]
        _per_second: u32,
    }

    #[track_caller]
    fn check(text: &str, code: Code, field: Option<&str>) {
        let problem = read::<Outer>(text.as_bytes()).unwrap_err();
        assert_eq!((problem.code, problem.field.as_deref()), (code, field), "{text}: {}", problem.detail);
        assert!(!problem.detail.contains(" line "), "{}", problem.detail);
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Side {
        Left,
        Right,
    }

    #[test]
    fn a_word_that_is_not_known_is_answered_with_those_that_are_and_never_repeated() {
        let value = read::<Vec<Side>>(br#"["left","ulna"]"#).unwrap_err();
        assert_eq!(
            (value.field.as_deref(), value.fix.as_deref()),
            (Some("/1"), Some("Use one of: left, right."))
        );
        let member = read::<Outer>(br#"{"ulna":1}"#).unwrap_err();
        assert_eq!(
            (member.field.as_deref(), member.fix.as_deref()),
            (Some("/ulna"), Some("Known are: inner."))
        );
        for problem in [value, member] {
            assert!(!problem.detail.contains("ulna"), "{}", problem.detail);
        }
    }

    #[test]
    fn a_member_that_is_missing_is_named_with_where_it_goes_and_what_it_is() {
        let fix = |pointer: &str| missing(pointer).fix.unwrap();
        assert_eq!(
            fix("/mllp/listen"),
            "Add `listen` to `/mllp`: an address of this machine and a port, such as \"127.0.0.1:2575\"."
        );
        assert!(fix("/reason").starts_with("Add `reason` to the body: why, "));
        assert_eq!(fix("/a/0/b"), "Add `b` to `/a/0`: GET /openapi.json describes it.");
        assert_eq!(fix("q"), "Add the parameter `q`.");
        assert!(read::<Outer>(b"{}").unwrap_err().fix.is_some(), "what serde misses has one too");
    }

    #[test]
    fn every_fault_has_its_code_and_its_place() {
        check("{", Code::MalformedJson, None);
        check(r#"{"inner":[}"#, Code::MalformedJson, None);
        check(r#"{"inner":[]} x"#, Code::MalformedJson, None);
        check(r#"{"inner":[],"inner":[]}"#, Code::DuplicateKey, None);
        check(&format!("{}{}", "[".repeat(65), "]".repeat(65)), Code::TooDeep, None);
        check("{}", Code::InvalidField, Some("/inner"));
        check("[]", Code::InvalidField, Some(""));
        check(r#"{"inner":[{"perSecond":1},{}]}"#, Code::InvalidField, Some("/inner/1/perSecond"));
        check(r#"{"inner":[{"perSecond":"1"}]}"#, Code::InvalidField, Some("/inner/0/perSecond"));
        check(r#"{"inner":[{"perSecond":-1}]}"#, Code::InvalidField, Some("/inner/0/perSecond"));
        check(r#"{"inner":[],"oùter/x":1}"#, Code::UnknownField, Some("/oùter~1x"));
        check(
            r#"{"inner":[{"perSecond":1,"per_second":1}]}"#,
            Code::UnknownField,
            Some("/inner/0/per_second"),
        );
    }
}
