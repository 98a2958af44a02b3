//! Search criteria that nobody could ever decide.

use fhirpath::{Expression, Lint};

/// The first parameter that asks for a quantity in a unit that is none.
pub(super) fn lint(text: &str) -> Option<Lint> {
    let parameters = text.rsplit_once('?').map_or(text, |(_, parameters)| parameters);
    let quantities = parameters.split('&').filter_map(|parameter| parameter.split_once('='));
    let quantities = quantities.filter(|(name, _)| name.ends_with("quantity"));
    quantities.flat_map(|(_, values)| values.split(',')).find_map(unit)
}

/// `gt6|http://unitsofmeasure.org|mmol/L`. What is escaped is left to whoever decides it.
fn unit(value: &str) -> Option<Lint> {
    let unit = value.splitn(3, '|').nth(2)?;
    let is_plain = !unit.is_empty() && !unit.contains(['\\', '%', '+', '\'']);
    let literal = Expression::compile(&format!("1 '{unit}'")).ok().filter(|_| is_plain)?;
    literal.lint("").into_iter().find(|lint| lint.is_certain)
}

#[cfg(test)]
mod tests {
    use super::lint;

    #[test]
    fn p5_a_unit_that_is_none_is_told() {
        let told = lint("Observation?code=1&value-quantity=gt6||furlong").unwrap();
        assert!(told.what.contains("'furlong' is no unit"), "{}", told.what);
        for fine in ["value-quantity=gt6||mmol/L", "value-quantity=gt6", "code=a|b", "status=final"] {
            assert_eq!(lint(fine), None, "{fine}");
        }
    }
}
