//! What an integration raises: of the types of its organisation by its kind, or by its preset.

use std::collections::BTreeSet;

use matching::{Compiled, TypeInfo};
use model::{Kind, OrganisationId};
use presets::{Library, Preset};

/// What one kind of integration raises.
pub(crate) struct Offer<'a> {
    kind: &'a Kind,
    preset: Option<&'a Preset>,
    compiled: &'a Compiled,
    organisation: OrganisationId,
}

impl<'a> Offer<'a> {
    /// What integrations of a kind raise for an organisation; nothing, if its preset is no longer there.
    pub(crate) fn of(
        kind: &'a Kind,
        library: &'a Library,
        (compiled, organisation): (&'a Compiled, OrganisationId),
    ) -> Self {
        let preset = match kind {
            Kind::Preset(name) => library.find(name),
            Kind::Hl7v2 | Kind::Fhir | Kind::Events => None,
        };
        Offer { kind, preset, compiled, organisation }
    }

    /// The types that are known, by name.
    pub(crate) fn types(&self) -> impl Iterator<Item = &'a TypeInfo> {
        self.compiled.types(self.organisation).filter(|info| self.has(info))
    }

    /// Whether a type is one of them.
    pub(crate) fn has(&self, info: &TypeInfo) -> bool {
        match (self.kind, self.preset) {
            (Kind::Preset(_), Some(preset)) if preset.offers_all() => info.offered_by.contains(&Kind::Events),
            (Kind::Preset(_), Some(preset)) => preset.event_types().contains(info.name.as_str()),
            (Kind::Preset(_), None) => false,
            (kind, _) => info.offered_by.contains(kind),
        }
    }

    /// The names of all, those included that pass through.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.types().map(|info| info.name.to_string()).collect();
        if let Some(preset) = self.preset {
            let own = preset.event_types().into_iter().filter(|name| name.starts_with("x."));
            names.extend(own.map(str::to_owned));
            names.extend(preset.passthrough());
        }
        names
    }

    /// The object types of all.
    pub(crate) fn object_types(&self) -> BTreeSet<&'a str> {
        self.types().map(|info| info.object_type.as_str()).collect()
    }
}
