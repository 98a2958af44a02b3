//! The written form: `Type?a=b&c:mod=d,e`, `Type.a=b`, `a=b`, URL-encoded or not.

use model::limits;

use super::error::{CriteriaError, Fault};
use crate::is_resource_type;

/// One `name[:modifier]=value` as it was written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    /// The type before the dot of `Type.name`.
    pub(super) kind: Option<&'a str>,
    pub(super) name: &'a str,
    pub(super) modifier: Option<&'a str>,
    /// Decoded; separators still escaped.
    pub(super) value: String,
    pub(super) position: usize,
}

/// The type that a filter names by `Type?…` or `Type.…`, if it names one.
#[must_use]
pub fn named_type(query: &str) -> Option<&str> {
    let name = query.split(['?', '.', '=', '&']).next()?;
    let follows = query.get(name.len()..)?;
    (is_resource_type(name) && follows.starts_with(['?', '.'])).then_some(name)
}

/// Takes a query apart; the type before `?` is the first item.
pub(super) fn split(query: &str) -> Result<(Option<&str>, Vec<Part<'_>>), CriteriaError> {
    if query.len() > limits::SEARCH_BYTES {
        let what = format!("a filter is at most {} bytes", limits::SEARCH_BYTES);
        return Err(Fault::new(what, "write several filters").at("", 0));
    }
    let (kind, from) = match query.split_once('?') {
        Some(("", _)) => (None, 1),
        Some((kind, _)) if !kind.contains(['=', '&']) => (Some(kind), kind.len() + 1),
        _ => (None, 0),
    };
    let mut position = from;
    let mut parts = Vec::new();
    for text in query.get(from..).unwrap_or_default().split('&') {
        if !text.is_empty() {
            parts.push(part(text, position)?);
        }
        position += text.len() + 1;
    }
    if parts.is_empty() {
        return Err(Fault::new("there is no parameter", "write name=value, joined by &").at("", from));
    }
    if parts.len() > limits::SEARCH_CLAUSES {
        let what = format!("a filter has at most {} parameters", limits::SEARCH_CLAUSES);
        return Err(Fault::new(what, "join values of one parameter by commas").at("", from));
    }
    Ok((kind, parts))
}

fn part(text: &str, position: usize) -> Result<Part<'_>, CriteriaError> {
    let Some((left, value)) = text.split_once('=') else {
        return Err(Fault::new("there is no =", "write name=value").at(text, position));
    };
    let (left, modifier) = match left.split_once(':') {
        Some((left, modifier)) => (left, Some(modifier)),
        None => (left, None),
    };
    let (kind, name) = match left.split_once('.') {
        Some((kind, name)) if is_resource_type(kind) => (Some(kind), name),
        _ => (None, left),
    };
    let value = decoded(value);
    if value.is_empty() {
        return Err(Fault::new("the value is empty", "name a value, or use :missing").at(left, position));
    }
    Ok(Part { kind, name, modifier, value, position })
}

/// Percent-decoded. `+` stays: filters are texts in JSON, and zones of times are written with it.
fn decoded(text: &str) -> String {
    crate::reference::percent_decoded(text)
}

/// Splits at a separator that is not escaped; the items stay escaped.
pub(super) fn separated(text: &str, separator: char) -> Vec<&str> {
    let mut items = Vec::new();
    let (mut from, mut escaped) = (0, false);
    for (at, c) in text.char_indices() {
        if c == separator && !escaped {
            items.push(text.get(from..at).unwrap_or_default());
            from = at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped;
    }
    items.push(text.get(from..).unwrap_or_default());
    items
}

/// Takes the escapes `\,` `\|` `\$` `\\` away.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = c == '\\' && chars.peek().is_some_and(|next| matches!(next, ',' | '|' | '$' | '\\'));
        plain.push(if escaped { chars.next().unwrap_or(c) } else { c });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_taken_apart_in_every_written_form() {
        let read = |query: &str| {
            let (kind, parts) = split(query).unwrap();
            let parts = parts.iter().map(|part| {
                let modifier = part.modifier.map(|modifier| format!(":{modifier}")).unwrap_or_default();
                let kind = part.kind.map(|kind| format!("{kind}.")).unwrap_or_default();
                format!("{kind}{}{modifier}={}@{}", part.name, part.value, part.position)
            });
            (kind.map(str::to_owned), parts.collect::<Vec<_>>().join(" "))
        };
        let encounter = Some("Encounter".to_owned());
        assert_eq!(
            read("Encounter?patient=Patient/1&status:not=planned"),
            (encounter, "patient=Patient/1@10 status:not=planned@28".into())
        );
        assert_eq!(read("Encounter.patient=Patient%2F1"), (None, "Encounter.patient=Patient/1@0".into()));
        assert_eq!(read("?a=1%&&b=2+3%20"), (None, "a=1%@1 b=2+3 @7".into()));
        assert_eq!(named_type("Encounter?patient=1"), Some("Encounter"));
        assert_eq!(named_type("Encounter.patient=1"), Some("Encounter"));
        assert_eq!(named_type("patient=1"), None);
    }

    #[test]
    fn separators_can_be_escaped() {
        assert_eq!(separated(r"a\,b,c\\,d", ','), [r"a\,b", r"c\\", "d"]);
        assert_eq!(plain(r"a\,b\\c\x\"), r"a,b\c\x\");
    }
}
