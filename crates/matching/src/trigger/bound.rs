//! A threshold, written out as an expression.

use model::Threshold;

/// The expression that a threshold is short for: the number of the Observation, or of the component
/// with the code.
pub(super) fn expression(bound: &Threshold) -> String {
    let (system, code) = parts(&bound.code);
    let of_system = system.map(|system| format!("system = {} and ", quoted(system))).unwrap_or_default();
    let coded = format!("code.coding.where({of_system}code = {}).exists()", quoted(code));
    let test = format!("{} {} {}", bound.comparator.sign(), bound.value, quoted(&bound.unit));
    format!("({coded} and value {test}) or component.where({coded}).exists(value {test})")
}

/// The code of a threshold, without its system.
pub(super) fn code(bound: &Threshold) -> &str {
    parts(&bound.code).1
}

fn parts(token: &str) -> (Option<&str>, &str) {
    match token.rsplit_once('|') {
        Some((system, code)) if !system.is_empty() => (Some(system), code),
        Some((_, code)) => (None, code),
        None => (None, token),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use model::Comparator;

    use super::*;

    #[test]
    fn a_threshold_is_written_out_to_the_letter() {
        let bound = Threshold {
            code: "http://loinc.org|59408-5".to_owned(),
            comparator: Comparator::Below,
            value: "90.0".parse().unwrap(),
            unit: "%".to_owned(),
        };
        let coded = "code.coding.where(system = 'http://loinc.org' and code = '59408-5').exists()";
        let expected =
            format!("({coded} and value < 90.0 '%') or component.where({coded}).exists(value < 90.0 '%')");
        assert_eq!(expression(&bound), expected);
        assert_eq!(code(&bound), "59408-5");
        let bare = Threshold { code: "O'2".to_owned(), ..bound };
        assert!(expression(&bare).starts_with(r"(code.coding.where(code = 'O\'2').exists() and"));
    }
}
