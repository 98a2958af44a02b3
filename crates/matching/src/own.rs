//! Event types that organisations made: found like those of the catalogue.

use std::collections::{BTreeMap, HashMap};

use model::{Config, EventType, Kind, OrganisationId, OwnType, Pattern};
use serde_json::value::RawValue;

use crate::catalogue::{Catalogue, TypeInfo};
use crate::compiled::Compiled;
use crate::json_schema::Schema;

/// The own types of every organisation, by name.
pub(crate) type OwnTypes = HashMap<OrganisationId, BTreeMap<EventType, TypeInfo>>;

pub(crate) fn index(config: &Config) -> OwnTypes {
    let mut all = OwnTypes::new();
    for own in config.event_types.values() {
        let types = all.entry(own.organisation_id).or_default();
        types.insert(own.name.clone(), info(own));
    }
    all
}

fn info(own: &OwnType) -> TypeInfo {
    TypeInfo {
        name: own.name.clone(),
        object_type: own.object_type.clone(),
        lane: own.lane,
        title: own.title.clone(),
        description: own.description.clone(),
        members: Vec::new(),
        required: None,
        sample: RawValue::from_string(own.sample.to_string()).expect("a value has a text"),
        offered_by: vec![Kind::Events],
        packs: Vec::new(),
        own: Some(Schema::trusted(own.schema.clone())),
    }
}

impl Compiled {
    /// The type of this name: of the catalogue, or the organisation's own.
    #[must_use]
    pub fn find_type(&self, organisation: OrganisationId, name: &str) -> Option<&TypeInfo> {
        let own = || self.own_types(organisation).find(|info| info.name.as_str() == name);
        Catalogue::embedded().find(name).or_else(own)
    }

    /// Every type that an organisation can have: those of the catalogue, then its own, by name.
    pub fn types(&self, organisation: OrganisationId) -> impl Iterator<Item = &TypeInfo> {
        Catalogue::embedded().types().chain(self.own_types(organisation))
    }

    /// An organisation's own types, by name.
    pub fn own_types(&self, organisation: OrganisationId) -> impl Iterator<Item = &TypeInfo> {
        self.own_types.get(&organisation).into_iter().flat_map(BTreeMap::values)
    }

    /// Whether a pattern can ever match something of an organisation.
    #[must_use]
    pub fn reaches(&self, organisation: OrganisationId, pattern: &Pattern) -> bool {
        let mut own = self.own_types(organisation);
        Catalogue::embedded().reaches(pattern) || own.any(|info| pattern.matches(info.name.as_str()))
    }
}
