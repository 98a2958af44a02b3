//! Simple values: texts, numbers, times, and the few that join several parts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::scope::Scope;
use super::source::Piece;
use super::tables::Concept;
use super::{number, time};

/// Every kind that is not a data type of `maps/datatypes.toml`.
pub(super) const KINDS: [&str; 31] = [
    "string",
    "code",
    "Coding",
    "Label",
    "system",
    "assigner",
    "entity-assigner",
    "namespace",
    "date",
    "dateTime",
    "instant",
    "time",
    "decimal",
    "number",
    "integer",
    "boolean",
    "lines",
    "instruction",
    "spaced",
    "person",
    "practitioner",
    "street",
    "place",
    "place-id",
    "place-system",
    "media",
    "pointed-media",
    "base64",
    "hex",
    "plain",
    "telephone",
];

/// Whether a simple value of a kind is what the first part of its place says, whatever stands beside it.
pub(super) fn is_of_first_part(kind: &str) -> bool {
    matches!(kind, "string" | "code" | "date" | "dateTime" | "instant" | "time")
        || matches!(kind, "decimal" | "number" | "integer" | "boolean")
}

/// What a simple value is read to.
pub(super) enum Read {
    /// A value.
    Value(Value),
    /// The part says something else than the kind can hold.
    Unfit,
    /// The time is readable, and nothing tells which of two it is.
    Doubtful(Value),
}

/// Reads a part that says something as a kind.
pub(super) fn read(scope: &Scope<'_>, kind: &str, table: Option<&str>, piece: Piece<'_>) -> Read {
    let text = piece.text();
    let value = match kind {
        "date" => time::date(&text).map(Value::from),
        "dateTime" => return resolved(scope.clockwork.date_time(&text)),
        "instant" => return resolved(scope.clockwork.instant(&text)),
        "time" => time::time_of_day(&text).map(Value::from),
        "decimal" => number::decimal(&text).map(Value::Number),
        "number" => number::quantity(&text),
        "integer" => text.trim().parse::<i64>().ok().map(Value::from),
        "boolean" => boolean(&text).map(Value::from),
        "code" => table.and_then(|table| scope.concept(table, &text)).map(|concept| concept.code.into()),
        "Coding" => Some(coding(scope, table, &text)),
        "Label" => table.and_then(|table| scope.concept(table, &text)).map(|concept| told(&concept)),
        "system" => Some(scope.coding_system(&text).into()),
        "namespace" => Some(scope.site.namespace.as_str().into()),
        "base64" => base64(&piece.part.text()).map(Value::from),
        "hex" => hex(&piece.part.text()).map(|bytes| STANDARD.encode(bytes).into()),
        "plain" => Some(STANDARD.encode(piece.part.text().as_bytes()).into()),
        "media" => Some(media(piece, 2).into()),
        "pointed-media" => Some(media(piece, 3).into()),
        _ => joined(scope, kind, piece).filter(|text| !text.is_empty()).map(Value::from),
    };
    value.map_or(Read::Unfit, Read::Value)
}

fn resolved(time: Option<time::Resolved>) -> Read {
    match time {
        Some(time) if time.is_doubtful => Read::Doubtful(time.text.into()),
        Some(time) => Read::Value(time.text.into()),
        None => Read::Unfit,
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "Y" => Some(true),
        "N" => Some(false),
        _ => None,
    }
}

fn coding(scope: &Scope<'_>, table: Option<&str>, text: &str) -> Value {
    let found = table.and_then(|table| scope.maps.code(table, text));
    match found {
        Some(concept) => told(&concept),
        None => json!({ "system": scope.local("class"), "code": text }),
    }
}

fn told(concept: &Concept<'_>) -> Value {
    json!({ "system": concept.system, "code": concept.code, "display": concept.display })
}

/// The type of what is attached, by its kind (table 0191, or the first half of a media type) and the subtype
/// (table 0291) that stands behind it; bytes of an unknown kind where neither says.
fn media(piece: Piece<'_>, kind: usize) -> String {
    let subtype = piece.child(kind + 1).text();
    let half = match piece.child(kind).text().to_ascii_lowercase().as_str() {
        "im" | "image" => "image",
        "au" | "audio" => "audio",
        "video" => "video",
        "ft" | "tx" | "text" => "text",
        _ => "application",
    };
    match subtype.to_ascii_lowercase().as_str() {
        "" if half == "text" => "text/plain".to_owned(),
        "" => "application/octet-stream".to_owned(),
        whole if whole.contains('/') => subtype,
        name @ ("jpeg" | "png" | "gif" | "tiff") => format!("image/{name}"),
        "jpg" => "image/jpeg".to_owned(),
        name @ ("html" | "xml" | "rtf") => format!("text/{name}"),
        name if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.+".contains(&byte)) => {
            format!("{half}/{name}")
        }
        _ => "application/octet-stream".to_owned(),
    }
}

/// Base64 without what breaks its lines, if it is that.
fn base64(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(&plain).is_ok().then_some(plain)
}

/// Bytes written as hexadecimal digits.
fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(pair).collect()).flatten()
}

/// The kinds that are text made of one or several parts.
fn joined(scope: &Scope<'_>, kind: &str, piece: Piece<'_>) -> Option<String> {
    let child = |number| piece.child(number).text();
    let join = |numbers: &[usize], between: &str| {
        let said = numbers.iter().map(|number| child(*number)).filter(|text| !text.is_empty());
        said.collect::<Vec<_>>().join(between)
    };
    let text = match kind {
        "string" => piece.text(),
        "lines" => piece.repetitions().map(|line| line.part.text()).collect::<Vec<_>>().join("\n"),
        "instruction" => piece.repetitions().map(instruction).collect::<Vec<_>>().join("\n"),
        "spaced" => join(&[1, 2, 3, 4], " "),
        "person" => join(&[2, 3, 1], " "),
        "practitioner" => join(&[6, 3, 4, 2, 5], " "),
        "street" => join(&[1, 2], " "),
        "telephone" => join(&[5, 6, 7, 8], " "),
        "place" | "place-id" => join(&[4, 7, 8, 1, 2, 3], if kind == "place" { " " } else { "/" }),
        "place-system" => scope.local("place"),
        "assigner" => scope.assigner(&child(1), &child(2), &child(3)),
        "entity-assigner" => scope.assigner(&child(2), &child(3), &child(4)),
        _ => return None,
    };
    Some(text)
}

/// The text of a CWE that holds prose: its second component, its original text, or its first.
fn instruction(piece: Piece<'_>) -> String {
    [2, 9, 1]
        .map(|number| piece.child(number).text())
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}
