//! Literals: units that are none or rarely meant, and patterns.

use super::Linter;
use super::kind::{Type, Types};
use crate::fault::Span;
use crate::functions;
use crate::quantity::Unit;
use crate::syntax::{Expr, Kind, Literal, LiteralUnit, SystemType};

impl<'t> Linter<'t> {
    pub(super) fn literal(&mut self, literal: &Literal, span: Span) -> Types<'t> {
        let kind = match literal {
            Literal::Empty => return None,
            Literal::Boolean(_) => SystemType::Boolean,
            Literal::Integer(_) => SystemType::Integer,
            Literal::Decimal(_) => SystemType::Decimal,
            Literal::Text(_) => SystemType::String,
            Literal::Date(_) => SystemType::Date,
            Literal::DateTime(_) => SystemType::DateTime,
            Literal::Time(_) => SystemType::Time,
            Literal::Quantity(_, unit) => {
                if let LiteralUnit::Ucum(code) = unit
                    && matches!(Unit::code(code), Unit::Unknown(_))
                {
                    let what = format!("'{code}' is no unit of UCUM, so nothing can be compared with it");
                    self.tell(span, what, "write a UCUM code such as 'mmol/L'");
                }
                if let LiteralUnit::Ucum(code) = unit {
                    self.treacherous(code, span);
                }
                SystemType::Quantity
            }
        };
        Some(vec![Type::System(kind)])
    }

    /// Units of UCUM that are written where another one is meant.
    fn treacherous(&mut self, code: &str, span: Span) {
        let known = TREACHEROUS.iter().find(|(unit, ..)| *unit == code);
        if let Some((unit, is, meant)) = known {
            let what = format!("'{unit}' is the {is} in UCUM");
            self.say(span, (what, &format!("write '{meant}' if that is meant")), false);
        }
    }

    /// A pattern that is none leaves everything open.
    pub(super) fn pattern(&mut self, written: Option<&Expr>) {
        let Some(Expr { kind: Kind::Literal(Literal::Text(text)), span }) = written else { return };
        if !functions::is_pattern(text) {
            let what = "this is no regular expression, so nothing can be decided".to_owned();
            self.tell(*span, what, "close its brackets, and write \\\\ for one backslash");
        }
    }
}

/// A code of UCUM, what it is there, and what is rather meant.
const TREACHEROUS: [(&str, &str, &str); 5] = [
    ("C", "coulomb", "Cel"),
    ("F", "farad", "[degF]"),
    ("G", "gauss", "g"),
    ("S", "siemens", "s"),
    ("H", "henry", "h"),
];
