//! Quantities: a number, what it is a bound of, and a unit.

use std::borrow::Cow;
use std::fmt;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::temporal::Calendar;

/// A value with a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity<'a> {
    pub(crate) value: Decimal,
    /// What the value is a bound of; exact without one.
    pub(crate) comparator: Option<Comparator>,
    pub(crate) unit: Unit<'a>,
    /// The JSON object that holds the quantity, whose code may say what was measured.
    pub(crate) owner: Option<&'a Value>,
}

/// `<600` is a value of which it is only known that it is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Unit<'a> {
    /// Nothing was written.
    Absent,
    Calendar(Calendar),
    /// A UCUM code that is understood, or `1`.
    Ucum(Cow<'a, str>),
    /// Something else.
    Unknown(Cow<'a, str>),
}

impl Comparator {
    pub(crate) fn parse(text: &str) -> Option<Comparator> {
        Some(match text {
            "<" => Comparator::Less,
            "<=" => Comparator::LessOrEqual,
            ">" => Comparator::Greater,
            ">=" => Comparator::GreaterOrEqual,
            _ => return None,
        })
    }

    fn written(self) -> &'static str {
        match self {
            Comparator::Less => "<",
            Comparator::LessOrEqual => "<=",
            Comparator::Greater => ">",
            Comparator::GreaterOrEqual => ">=",
        }
    }
}

impl<'a> Quantity<'a> {
    pub(crate) fn new(value: Decimal, unit: Unit<'a>) -> Quantity<'a> {
        Quantity { value, comparator: None, unit, owner: None }
    }

    /// A bare number, which is so many times one.
    pub(crate) fn number(value: Decimal) -> Quantity<'a> {
        Quantity::new(value, Unit::Ucum(Cow::Borrowed("1")))
    }

    /// Reads `5`, `5.4 'mg'`, `4 days`; what stands unquoted must be a word of the calendar.
    pub(crate) fn parse(text: &str) -> Option<Quantity<'static>> {
        let text = text.trim();
        let length =
            text.find(|one: char| !(one.is_ascii_digit() || "+-.".contains(one))).unwrap_or(text.len());
        let (number, rest) = text.split_at_checked(length)?;
        let value = crate::number::parse(number)?;
        let rest = rest.trim();
        if rest.is_empty() {
            return Some(Quantity::number(value));
        }
        let quoted = rest.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        let unit = match quoted {
            Some(code) => Unit::code(code).into_owned(),
            None => Unit::Calendar(Calendar::named(rest)?),
        };
        Some(Quantity::new(value, unit))
    }
}

impl<'a> Unit<'a> {
    /// A unit as it is written, by the table of aliases or as UCUM.
    pub(crate) fn code(written: &'a str) -> Unit<'a> {
        match crate::units::understand(written) {
            Some(code) => Unit::Ucum(Cow::Borrowed(code)),
            None => Unit::Unknown(Cow::Borrowed(written)),
        }
    }

    pub(crate) fn into_owned(self) -> Unit<'static> {
        match self {
            Unit::Absent => Unit::Absent,
            Unit::Calendar(unit) => Unit::Calendar(unit),
            Unit::Ucum(code) => Unit::Ucum(Cow::Owned(code.into_owned())),
            Unit::Unknown(text) => Unit::Unknown(Cow::Owned(text.into_owned())),
        }
    }
}

impl fmt::Display for Quantity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.comparator.map_or("", Comparator::written))?;
        match &self.unit {
            Unit::Absent => write!(f, "{}", self.value),
            Unit::Calendar(unit) => {
                let plural = if self.value == Decimal::ONE { "" } else { "s" };
                write!(f, "{} {}{plural}", self.value, unit.word())
            }
            Unit::Ucum(code) | Unit::Unknown(code) => write!(f, "{} '{code}'", self.value),
        }
    }
}
