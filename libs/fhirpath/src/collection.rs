//! What an expression gives: items, and whether others may be missing.

use crate::fault::{ErrorKind, Span};
use crate::item::Item;
use crate::reason::{Reason, ReasonKind};

/// The items that an expression gives, in order, after the rules of FHIRPath.
///
/// Where a comparison could not be decided, FHIRPath gives an empty collection, which is lost as soon as
/// somebody asks `exists()`. So a collection remembers it: [`Collection::doubt`].
#[derive(Debug, Clone, Default)]
pub struct Collection<'a> {
    pub(crate) items: Vec<Item<'a>>,
    pub(crate) doubt: Option<Doubt>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Doubt {
    pub(crate) reason: Reason,
    /// Whether at least the items that are here belong here.
    pub(crate) is_open: bool,
}

impl<'a> Collection<'a> {
    /// The items, in order.
    #[must_use]
    pub fn items(&self) -> &[Item<'a>] {
        &self.items
    }

    /// Why these may not be the right items.
    #[must_use]
    pub fn doubt(&self) -> Option<Reason> {
        self.doubt.map(|doubt| doubt.reason)
    }

    pub(crate) fn empty() -> Collection<'a> {
        Collection::default()
    }

    pub(crate) fn of(item: impl Into<Option<Item<'a>>>) -> Collection<'a> {
        Collection { items: item.into().into_iter().collect(), doubt: None }
    }

    pub(crate) fn boolean(value: bool) -> Collection<'a> {
        Collection::of(Item::Boolean(value))
    }

    /// What could not be decided.
    pub(crate) fn unknown(kind: ReasonKind, clause: Span) -> Collection<'a> {
        Collection {
            items: Vec::new(),
            doubt: Some(Doubt { reason: Reason { kind, clause }, is_open: true }),
        }
    }

    /// The same items, as doubtful as what they were made from.
    pub(crate) fn doubting(mut self, doubt: Option<Doubt>) -> Collection<'a> {
        self.doubt = either(self.doubt, doubt);
        self
    }

    /// The one item; an error where there are several.
    pub(crate) fn single(&self) -> Result<Option<&Item<'a>>, ErrorKind> {
        match self.items.as_slice() {
            [] => Ok(None),
            [item] => Ok(Some(item)),
            _ => Err(ErrorKind::Several),
        }
    }

    /// N1 §4.5: as a criterion, one item that is not a boolean is true.
    pub(crate) fn truth(&self) -> Result<Truth, ErrorKind> {
        let value = match self.single()? {
            None => None,
            Some(Item::Boolean(value)) => Some(*value),
            Some(item) => Some(!matches!(item.read(), Ok(Item::Boolean(false)))),
        };
        Ok(Truth { value, doubt: self.doubt })
    }
}

/// Doubt about which items there are, for what depends on all of them.
pub(crate) fn unsettled(doubt: Option<Doubt>) -> Option<Doubt> {
    doubt.map(|doubt| Doubt { is_open: false, ..doubt })
}

pub(crate) fn either(one: Option<Doubt>, other: Option<Doubt>) -> Option<Doubt> {
    match (one, other) {
        (Some(one), Some(other)) => Some(Doubt { is_open: one.is_open && other.is_open, ..one }),
        (one, other) => one.or(other),
    }
}

/// True, false or empty, and whether that is sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Truth {
    pub(crate) value: Option<bool>,
    pub(crate) doubt: Option<Doubt>,
}

impl Truth {
    pub(crate) fn is_surely(self, value: bool) -> bool {
        self.doubt.is_none() && self.value == Some(value)
    }

    pub(crate) fn not(self) -> Truth {
        Truth { value: self.value.map(|value| !value), ..self }
    }

    pub(crate) fn and(self, other: Truth) -> Truth {
        if self.is_surely(false) || other.is_surely(false) {
            return Truth { value: Some(false), doubt: None };
        }
        let value = match (self.value, other.value) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        Truth { value, doubt: either(self.doubt, other.doubt) }
    }

    pub(crate) fn or(self, other: Truth) -> Truth {
        self.not().and(other.not()).not()
    }

    pub(crate) fn xor(self, other: Truth) -> Truth {
        let value = self.value.zip(other.value).map(|(one, other)| one != other);
        Truth { value, doubt: either(self.doubt, other.doubt) }
    }

    pub(crate) fn into_collection<'a>(self) -> Collection<'a> {
        Collection::of(self.value.map(Item::Boolean)).doubting(self.doubt)
    }
}
