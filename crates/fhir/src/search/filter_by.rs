//! The R5 form of a filter: `Subscription.filterBy`.

use serde::Deserialize;

use super::error::{CriteriaError, Fault};
use super::range::Prefix;
use super::table::{self, Kind, Parameter};
use super::written::Part;

/// One entry of `Subscription.filterBy` (R5) with a comparator or a modifier, never both (scr-1).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FilterBy {
    /// The type that is filtered, by name or by the url of its definition; all if absent.
    pub resource_type: Option<String>,
    /// The search parameter.
    pub filter_parameter: String,
    /// `eq`, `gt` and their kin.
    pub comparator: Option<String>,
    /// `not`, `in` and their kin.
    pub modifier: Option<String>,
    /// The value, alternatives joined by commas.
    pub value: String,
}

impl FilterBy {
    pub(super) fn is_about(&self, resource_type: &str) -> bool {
        let named = self.resource_type.as_deref().map(|named| named.rsplit('/').next().unwrap_or(named));
        named.is_none_or(|named| named == resource_type)
    }

    /// The entry as a part of a search string; its place is its number.
    pub(super) fn as_part(&self, resource_type: &str, at: usize) -> Result<Part<'_>, CriteriaError> {
        let (name, stated) = match self.filter_parameter.split_once(':') {
            Some((name, modifier)) => (name, Some(modifier)),
            None => (self.filter_parameter.as_str(), None),
        };
        let fault = |what: &str, fix: &str| Err(Fault::new(what, fix).at(name, at));
        let modifier = self.modifier.as_deref().or(stated);
        let Some(comparator) = self.comparator.as_deref() else {
            return Ok(Part { kind: None, name, modifier, value: self.value.clone(), position: at });
        };
        if modifier.is_some() {
            return fault("there is a comparator and a modifier", "leave one of them out");
        }
        if Prefix::word(comparator).is_none() {
            return fault("the comparator does not exist", "use eq, ne, gt, lt, ge, le, sa, eb or ap");
        }
        let value = match table::parameter(resource_type, name) {
            Some(Parameter::Plain(place)) if place.kind.is_ordered() => prefixed(comparator, &self.value),
            _ if comparator == "eq" => self.value.clone(),
            _ => {
                return fault(
                    "this parameter is not ordered",
                    "leave the comparator out, or use modifier not",
                );
            }
        };
        Ok(Part { kind: None, name, modifier: None, value, position: at })
    }
}

impl Kind {
    fn is_ordered(self) -> bool {
        matches!(self, Kind::Quantity | Kind::Number | Kind::Date)
    }
}

/// The comparator before each alternative.
fn prefixed(comparator: &str, value: &str) -> String {
    let values = super::written::separated(value, ',');
    values.iter().map(|value| format!("{comparator}{value}")).collect::<Vec<_>>().join(",")
}
