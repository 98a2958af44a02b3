//! How far a number must move, as it is written.

use fhirpath::{Context, Decision, Expression, Item};
use serde_json::Value;

use crate::Misread;

/// Checks that an amount is a number above zero, with a unit that is one.
///
/// # Errors
/// What is wrong with it: nothing could ever be measured by it.
pub(super) fn check(text: &str) -> Result<(), Misread> {
    let expression = Expression::compile(text)?;
    if let Some(lint) = expression.lint("").into_iter().find(|lint| lint.is_certain) {
        return Err(lint.into());
    }
    if is_number(&expression) && is_above_zero(text) {
        return Ok(());
    }
    Err(Misread::new("An amount is a number above zero, with its unit", "Write one such as 0.3 'mg/dL'"))
}

fn is_number(expression: &Expression) -> bool {
    let nothing = Value::Null;
    let found = expression.evaluate(&Context::of(&nothing));
    let items = found.as_ref().map(fhirpath::Collection::items);
    !expression.reads_present()
        && matches!(items, Ok([Item::Integer(_) | Item::Decimal(_) | Item::Quantity(_)]))
}

/// In whatever unit, and exactly.
fn is_above_zero(text: &str) -> bool {
    let nothing = Value::Null;
    let compared = Expression::compile(&format!("({text}) > ({text}) - ({text})"));
    compared.is_ok_and(|compared| compared.decide(&Context::of(&nothing)) == Ok(Decision::Yes))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn an_amount_is_a_number_above_zero_with_its_unit() {
        for text in ["0.3 'mg/dL'", "5", "0.5", "10 '%'", "2 days"] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        assert!(check("5 | 6").is_err(), "two numbers");
        for text in ["-0.3 'mg/dL'", "0 'mg/dL'", "true", "'0.3'", "value", "0.3 'mg/dL' or true"] {
            assert_eq!(
                check(text).unwrap_err().what,
                "An amount is a number above zero, with its unit.",
                "{text}"
            );
        }
        let unit = check("0.3 'mgdl'").unwrap_err().what;
        assert!(unit.contains("'mgdl' is no unit of UCUM"), "{unit}");
        let unquoted = check("0.3 mg/dL").unwrap_err().fix;
        assert!(unquoted.to_lowercase().contains("quote the unit"), "{unquoted}");
    }
}
