//! The codes that FHIR binds elements of type `code` to (strength `required`), those of R4 and of R5 together.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::model::TypeId;

/// The codes that an element may have, given by its path from a resource: `status`, `participant.status`.
///
/// None where FHIR leaves them open, or there are too many to name.
#[must_use]
pub fn codes_at(resource_type: &str, path: &str) -> Option<&'static [&'static str]> {
    let (way, last) = path.rsplit_once('.').map_or((None, path), |(way, last)| (Some(way), last));
    let mut kind = TypeId::resource(resource_type)?;
    for name in way.into_iter().flat_map(|way| way.split('.')) {
        kind = *kind.element(name)?.kinds.first()?;
    }
    Bound::of(kind, last).map(|bound| bound.codes.as_slice())
}

/// The codes that an element may have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    pub(crate) element: &'static str,
    pub(crate) codes: Vec<&'static str>,
}

impl Bound {
    /// What the element of a type is bound to, if it is.
    pub(crate) fn of(kind: TypeId, name: &str) -> Option<&'static Bound> {
        let owner = kind.owner(name)?.name();
        BOUND.get(format!("{owner}.{name}").as_str())
    }

    fn read(line: &'static str) -> Option<(&'static str, Bound)> {
        let (element, codes) = line.split_once(' ')?;
        Some((element, Bound { element, codes: codes.split('|').collect() }))
    }
}

static BOUND: LazyLock<HashMap<&'static str, Bound>> = LazyLock::new(|| {
    include_str!("../data/codes.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(Bound::read)
        .collect()
});
