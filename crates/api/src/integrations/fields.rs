//! What is taken of what an integration sends (C7).

use model::{FieldPath, Fields, Kind, PresetSettings, Problem, limits};
use presets::Preset;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::strict::invalid;

/// Paths such as `PID-13`, `Patient.telecom`, `data.contact.phone` or `body.payload.email`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = FieldsSettings)]
pub(super) struct Wish {
    /// If there are some, nothing else is taken.
    accept: Option<Vec<String>>,
    /// What is taken out before anything is kept.
    drop: Option<Vec<String>>,
}

/// A third party that sends, and what it was given.
pub(super) type Party<'a> = Option<(&'a Preset, &'a PresetSettings)>;

/// The paths, or the one that is none. An absent wish keeps what there was; empty lists take everything again.
pub(super) fn accept(
    wish: Option<Wish>,
    kept: Option<Box<Fields>>,
    (kind, party): (&Kind, Party<'_>),
) -> Result<Option<Box<Fields>>, Problem> {
    let Some(wish) = wish else { return Ok(kept) };
    let fields = Fields {
        accept: paths(wish.accept, "/fields/accept", kind)?,
        drop: paths(wish.drop, "/fields/drop", kind)?,
    };
    let frame = match party {
        Some((preset, given)) => preset.frame(given),
        None if *kind == Kind::Fhir => of_resources(),
        None => Vec::new(),
    };
    leaves(&frame, &fields)?;
    Ok((!fields.is_everything()).then(|| Box::new(fields)))
}

/// What a resource is, which one, and FHIR's mark of test data.
fn of_resources() -> Vec<Vec<String>> {
    let places: [&[&str]; 3] = [&["resourceType"], &["id"], &["meta", "tag", "code"]];
    places.iter().map(|place| place.iter().map(|&name| name.to_owned()).collect()).collect()
}

/// Without its frame nobody could tell what came, or that it is a test (T1). `frame` is below the root of paths.
fn leaves(frame: &[Vec<String>], fields: &Fields) -> Result<(), Problem> {
    for (at, path) in fields.drop.iter().enumerate() {
        let root = path.steps()[0];
        let mut places = frame.iter().map(|names| {
            std::iter::once(root).chain(names.iter().map(String::as_str)).collect::<Vec<&str>>()
        });
        if let Some(place) = places.find(|place| path.takes_out(place)) {
            let why = format!("It takes out {}: it tells what came, or that it is a test.", place.join("."));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t1_of_a_resource_its_type_its_id_and_the_mark_of_a_test_cannot_be_refused() {
        let saved = |path: &str| {
            let wish = Wish { accept: None, drop: Some(vec!["*.text".to_owned(), path.to_owned()]) };
            accept(Some(wish), None, (&Kind::Fhir, None))
        };
        for path in [
            "*.meta",
            "Patient.meta.tag",
            "*.meta.tag.code",
            "*.*",
            "Patient.id",
            "*.resourceType",
            "Encounter",
        ] {
            let refused = saved(path).expect_err(path);
            assert_eq!(refused.field.as_deref(), Some("/fields/drop/1"), "{path}");
        }
        for path in ["*.meta.profile", "Patient.meta.tag.display", "Patient.contact.id", "Patient.telecom"] {
            assert!(saved(path).is_ok(), "{path}");
        }
    }
}
