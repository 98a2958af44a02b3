//! The event types there are, read from `catalogue/*.toml` at build time.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use model::{EventType, Kind, Lane, Pattern};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Every event type of this version.
#[derive(Debug)]
pub struct Catalogue {
    types: BTreeMap<String, TypeInfo>,
    passthrough: TypeInfo,
}

/// One event type.
#[derive(Debug)]
pub struct TypeInfo {
    /// Its name; `x` for all vendor passthrough types together.
    pub name: EventType,
    /// What it happens to.
    pub object_type: EventType,
    /// The lane that nothing falls below (N7).
    pub lane: Lane,
    /// What happened, in a few words.
    pub title: String,
    /// What the receiver must know.
    pub description: String,
    /// The members of `data` that are known; others are allowed.
    pub members: Vec<Member>,
    /// The one member that must be there: the object's own reference.
    pub required: Option<String>,
    /// A sample of `data`.
    pub sample: Box<RawValue>,
    /// The kinds of integration that raise it.
    pub offered_by: Vec<Kind>,
    /// The starter packs it belongs to.
    pub packs: Vec<String>,
}

/// One known member of `data`.
#[derive(Debug, Clone, Deserialize)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its JSON type: `string`, `number`, `boolean`, `object` or `array`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it says.
    pub title: String,
}

impl Catalogue {
    /// The catalogue of this version.
    #[must_use]
    pub fn embedded() -> &'static Catalogue {
        static EMBEDDED: LazyLock<Catalogue> = LazyLock::new(read);
        &EMBEDDED
    }

    /// The type of this name. All well-formed `x.<vendor>.<original>` names share one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&TypeInfo> {
        self.types.get(name).or_else(|| is_passthrough(name).then_some(&self.passthrough))
    }

    /// Every type by name, without passthrough.
    pub fn types(&self) -> impl Iterator<Item = &TypeInfo> {
        self.types.values()
    }

    /// The types that integrations of a kind raise, by name.
    pub fn offered_by(&self, kind: Kind) -> impl Iterator<Item = &TypeInfo> {
        self.types.values().filter(move |known| known.offered_by.contains(&kind))
    }

    /// Whether a pattern can ever match; one that cannot is refused when it is saved.
    #[must_use]
    pub fn reaches(&self, pattern: &Pattern) -> bool {
        let passthrough = match pattern {
            Pattern::Any => false,
            Pattern::Exact(name) => is_passthrough(name),
            Pattern::Below(prefix) => prefix.starts_with("x."),
        };
        passthrough || self.types.keys().any(|name| pattern.matches(name))
    }
}

fn is_passthrough(name: &str) -> bool {
    let mut parts = name.split('.');
    parts.next() == Some("x") && parts.clone().count() >= 2 && name.parse::<Pattern>().is_ok_and(|read| matches!(read, Pattern::Exact(_)))
}

fn read() -> Catalogue {
    unimplemented!()
}
