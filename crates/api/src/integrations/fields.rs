//! What is taken of what an integration sends (C7).

use model::{FieldPath, Fields, Kind, PresetSettings, Problem, limits};
use presets::Preset;

use super::wish::FieldsWish;
use crate::strict::invalid;

/// A third party that sends, and what it was given.
pub(super) type Party<'a> = Option<(&'a Preset, &'a PresetSettings)>;

/// The paths, or the one that is none. An absent wish keeps what there was; empty lists take everything again.
pub(super) fn accept(
    wish: Option<FieldsWish>,
    kept: Option<Box<Fields>>,
    (kind, party): (&Kind, Party<'_>),
) -> Result<Option<Box<Fields>>, Problem> {
    let Some(wish) = wish else { return Ok(kept) };
    let fields = Fields {
        accept: paths(wish.accept, "/fields/accept", kind)?,
        drop: paths(wish.drop, "/fields/drop", kind)?,
    };
    if let Some((preset, given)) = party {
        leaves(&preset.frame(given), &fields)?;
    }
    Ok((!fields.is_everything()).then(|| Box::new(fields)))
}

/// Without its frame nobody could tell what a call says, or that it is a test (T1).
fn leaves(frame: &[Vec<String>], fields: &Fields) -> Result<(), Problem> {
    for names in frame {
        let place: Vec<&str> = std::iter::once("body").chain(names.iter().map(String::as_str)).collect();
        if let Some(at) = fields.drop.iter().position(|path| path.takes_out(&place)) {
            let why = format!("It takes out {}, by which the preset tells what a call is.", place.join("."));
            return Err(invalid(format!("/fields/drop/{at}"), why).fix("Name the members beside it."));
        }
    }
    Ok(())
}

fn paths(texts: Option<Vec<String>>, place: &str, kind: &Kind) -> Result<Vec<FieldPath>, Problem> {
    let texts = texts.unwrap_or_default();
    if texts.len() > limits::FIELD_PATHS {
        return Err(invalid(place, format!("At most {} paths.", limits::FIELD_PATHS)));
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
        Kind::Events => "A path begins with data, such as data.contact.phone.",
        Kind::Preset(_) => "A path begins with body, such as body.payload.email.",
    }
}
