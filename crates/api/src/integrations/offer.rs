//! What an integration raises: of the types of its organisation by its kind, or by its preset.

use std::collections::BTreeSet;

use matching::trigger::INDETERMINATE;
use matching::{Compiled, TypeInfo};
use model::{IntegrationId, Kind, OrganisationId, Pattern, Problem, Sight};
use presets::{Library, Preset};

use crate::strict::not_supported;

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

    /// The types that triggers raise of what an integration of this kind brings.
    pub(crate) fn raised_by_triggers(&self, integration: IntegrationId) -> BTreeSet<&'a str> {
        let all = self.compiled.config.triggers.values();
        let own = all.filter(|trigger| {
            trigger.organisation_id == self.organisation
                && trigger.integration_id.is_none_or(|meant| meant == integration)
                && self.brings(&trigger.sight)
        });
        own.flat_map(|trigger| [trigger.event_type.as_str(), INDETERMINATE]).collect()
    }

    /// Whether there can be anything that a trigger looks at.
    pub(crate) fn brings(&self, sight: &Sight) -> bool {
        match (sight, self.kind) {
            (Sight::Changes(_), kind) => matches!(kind, Kind::Hl7v2 | Kind::Fhir),
            (Sight::Events(types), Kind::Preset(_)) => types.iter().any(|name| self.tells(name.as_str())),
            (Sight::Events(_), Kind::Hl7v2 | Kind::Fhir | Kind::Events) => true,
        }
    }

    /// Whether the third party may tell of a type.
    fn tells(&self, name: &str) -> bool {
        let Some(preset) = self.preset else { return false };
        let passes = || preset.passthrough().and_then(|text| text.parse::<Pattern>().ok());
        preset.offers_all()
            || preset.event_types().contains(name)
            || passes().is_some_and(|pattern| pattern.matches(name))
    }

    /// What the third party has and tells by no webhook.
    pub(crate) fn polled(&self) -> impl Iterator<Item = Polled<'a>> {
        let preset = self.preset.into_iter();
        preset.flat_map(|preset| {
            let title = preset.title.as_str();
            preset.polled.iter().map(move |(object, event)| Polled { title, object, event })
        })
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

/// Something that would have to be fetched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Polled<'a> {
    /// What people call the third party.
    pub(crate) title: &'a str,
    /// The type of the object.
    pub(crate) object: &'a str,
    /// The event type that fetching would raise.
    pub(crate) event: &'a str,
}

impl Polled<'_> {
    /// Why nobody can subscribe to it.
    pub(crate) fn refused(self, pointer: String) -> Problem {
        let Polled { title, object, event } = self;
        let why = format!(
            "{title} tells of a {object} by no webhook: it has to be fetched, which is not supported yet."
        );
        let fix =
            format!("Leave it out, or let another system send {event} to an integration of the kind events.");
        not_supported(pointer, why).fix(fix)
    }
}
