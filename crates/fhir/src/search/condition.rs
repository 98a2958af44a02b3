//! One sought value of a parameter.

use serde_json::Value;

use super::error::Fault;
use super::known::Known;
use super::matched::Verdict;
use super::table::{Kind, Place};
use super::written::plain;
use super::{amount, date, points_to, text, token};

/// What one stored value is compared with.
#[derive(Debug)]
pub(super) enum Condition {
    Token(token::Wanted),
    Reference(points_to::Wanted),
    Quantity(amount::Quantity),
    Number(amount::Number),
    Date(date::Wanted),
    Text(text::Wanted),
    Uri(text::Uri),
}

impl Condition {
    pub(super) fn read(
        kind: Kind,
        modifier: Option<&str>,
        value: &str,
        known: &Known,
    ) -> Result<Condition, Fault> {
        Ok(match (kind, modifier) {
            (Kind::Token, None) => Condition::Token(token::Wanted::read(value)?),
            (Kind::Token, Some("text")) => Condition::Token(token::Wanted::Text(text::folded(&plain(value)))),
            (Kind::Token, Some("of-type")) => Condition::Token(token::Wanted::of_type(value)?),
            (Kind::Token, Some("in")) => Condition::Token(token::Wanted::In(known.value_set(&plain(value))?)),
            (Kind::Reference, None) => {
                Condition::Reference(points_to::Wanted::read(value, known.base.as_deref())?)
            }
            (Kind::Reference, Some("identifier")) => {
                Condition::Reference(points_to::Wanted::Identifier(token::Wanted::read(value)?))
            }
            (Kind::Quantity, None) => Condition::Quantity(amount::Quantity::read(value)?),
            (Kind::Number, None) => Condition::Number(amount::Number::read(value)?),
            (Kind::Date, None) => Condition::Date(date::Wanted::read(value)?),
            (Kind::Text, None) => Condition::Text(text::Wanted::Begins(text::folded(&plain(value)))),
            (Kind::Text, Some("contains")) => {
                Condition::Text(text::Wanted::Contains(text::folded(&plain(value))))
            }
            (Kind::Text, Some("exact")) => Condition::Text(text::Wanted::Exactly(plain(value))),
            (Kind::Uri, None) => Condition::Uri(text::Uri::Exactly(plain(value))),
            (Kind::Uri, Some("below")) => Condition::Uri(text::Uri::Below(plain(value))),
            (Kind::Uri, Some("above")) => Condition::Uri(text::Uri::Above(plain(value))),
            (kind, Some(modifier)) => return Err(no_modifier(kind, modifier)),
            (Kind::Exists, None) => {
                return Err(Fault::new("this parameter is true or false", "write true or false"));
            }
        })
    }

    /// The system and the code, if it is a code that is sought.
    pub(super) fn code(&self) -> Option<(Option<&str>, &str)> {
        let Condition::Token(token::Wanted::Code(code)) = self else { return None };
        code.exactly()
    }

    pub(super) fn test(&self, value: &Value) -> Verdict {
        match self {
            Condition::Token(wanted) => wanted.test(value),
            Condition::Reference(wanted) => wanted.test(value),
            Condition::Quantity(wanted) => wanted.test(value),
            Condition::Number(wanted) => wanted.test(value),
            Condition::Date(wanted) => wanted.test(value),
            Condition::Text(wanted) => wanted.test(value),
            Condition::Uri(wanted) => wanted.test(value),
        }
    }
}

impl Place {
    /// Whether one of the values at this place meets the condition.
    pub(super) fn meets(&self, condition: &Condition, from: &Value) -> Verdict {
        let values = self.paths.iter().flat_map(|path| path.values(from));
        Verdict::any(values.map(|value| condition.test(value)))
    }
}

fn no_modifier(kind: Kind, modifier: &str) -> Fault {
    let fix = match kind {
        Kind::Token => "use :not, :in, :not-in, :text, :of-type or :missing",
        Kind::Reference => "use :identifier, the name of a type, or :missing",
        Kind::Text => "use :exact, :contains or :missing",
        Kind::Uri => "use :above, :below or :missing",
        Kind::Quantity | Kind::Number | Kind::Date | Kind::Exists => "use :missing or none",
    };
    Fault::new(format!("the modifier :{modifier} cannot be decided here"), fix)
}
