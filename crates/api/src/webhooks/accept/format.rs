//! The shape of the body, where it can be kept.

use model::{FhirVersion, Format, Integration, Problem, Profile, Sources};

use super::Desk;
use crate::strict::{invalid, not_supported};

/// A format that what the webhook hears of can be told in.
pub(super) fn accept(
    wish: Option<&str>,
    (profile, sources): (Profile, &Sources),
    desk: &Desk<'_>,
) -> Result<Format, Problem> {
    let wish = wish.unwrap_or(Format::Native.name());
    let format = Format::ALL.into_iter().find(|format| format.name() == wish);
    let format = format.ok_or_else(|| {
        invalid("/format", "A format is native, cloudevents, fhir-r4, fhir-r4b, fhir-r5 or raw.")
    })?;
    if format == Format::Raw && profile < Profile::Full {
        let why = "The format raw shows everything that was received: it needs the profile full.";
        return Err(invalid("/format", why).fix("Choose the profile full and say why, or another format."));
    }
    match format.fhir_version() {
        Some(version) if profile == Profile::Full => resources_fit(version, sources, desk)?,
        Some(_) | None => {}
    }
    Ok(format)
}

/// Resources are told in the version in which they came; a webhook that hears of
/// every source gets those of another version by address only.
fn resources_fit(version: FhirVersion, sources: &Sources, desk: &Desk<'_>) -> Result<(), Problem> {
    let listed: Vec<&Integration> = match sources {
        Sources::Own => vec![desk.integration],
        Sources::All => Vec::new(),
        Sources::Listed(ids) => {
            let found = ids.iter().filter_map(|id| desk.compiled.integration(desk.caller.organisation, *id));
            found.map(|found| &found.doc).collect()
        }
    };
    let fits = |source: &&Integration| source.resource_version().is_none_or(|own| own.fits(version));
    if listed.iter().all(fits) {
        return Ok(());
    }
    let why =
        "Resources are not converted between FHIR R4 and R5, and a source of this webhook has the other.";
    Err(not_supported("/format", why).fix("Choose the format of the source, or a profile without resources."))
}
