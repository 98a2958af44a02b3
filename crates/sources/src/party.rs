//! The third party of an integration.

use std::sync::Arc;

use model::{Integration, Kind, PresetSettings, Versioned};
use presets::Preset;

use crate::intake::Intake;

/// An integration of a preset, with what the preset was given.
pub(crate) struct Party<'a> {
    pub(crate) integration: &'a Arc<Versioned<Integration>>,
    pub(crate) preset: &'a Preset,
    pub(crate) given: &'a PresetSettings,
}

impl Intake {
    /// The preset of an integration; none if it is of another kind, or its preset is no longer there.
    pub(crate) fn party<'a>(&'a self, integration: &'a Arc<Versioned<Integration>>) -> Option<Party<'a>> {
        let Kind::Preset(name) = &integration.kind else { return None };
        let preset = self.ports.presets.find(name)?;
        Some(Party { integration, preset, given: integration.preset.as_ref()? })
    }
}
