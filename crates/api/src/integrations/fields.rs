//! What is taken of what an integration sends (C7).

use model::{FieldPath, Fields, Kind, Problem, limits};

use super::wish::FieldsWish;
use crate::strict::{invalid, not_supported};

/// The paths, or the one that is none. An absent wish keeps what there was; empty lists take everything again.
pub(super) fn accept(
    wish: Option<FieldsWish>,
    kept: Option<Box<Fields>>,
    kind: &Kind,
) -> Result<Option<Box<Fields>>, Problem> {
    let Some(wish) = wish else { return Ok(kept) };
    let fields = Fields {
        accept: paths(wish.accept, "/fields/accept", kind)?,
        drop: paths(wish.drop, "/fields/drop", kind)?,
    };
    Ok((!fields.is_everything()).then(|| Box::new(fields)))
}

fn paths(texts: Option<Vec<String>>, place: &str, kind: &Kind) -> Result<Vec<FieldPath>, Problem> {
    let texts = texts.unwrap_or_default();
    if texts.len() > limits::FIELD_PATHS {
        return Err(invalid(place, format!("At most {} paths.", limits::FIELD_PATHS)));
    }
    if matches!(kind, Kind::Preset(_)) && !texts.is_empty() {
        return Err(not_supported(place, "Fields of a third party's webhooks cannot be refused yet."));
    }
    let read = |(at, text): (usize, &String)| {
        FieldPath::of(kind, text).ok_or_else(|| invalid(format!("{place}/{at}"), shape(kind)))
    };
    texts.iter().enumerate().map(read).collect()
}

fn shape(kind: &Kind) -> &'static str {
    match kind {
        Kind::Hl7v2 => "A path is a segment or a field of one, such as NK1 or PID-13; MSH is always taken.",
        Kind::Fhir => {
            "A path begins with a type or *, such as Patient.telecom, *.text or Observation.value[x]."
        }
        Kind::Events | Kind::Preset(_) => "A path begins with data, such as data.contact.phone.",
    }
}
