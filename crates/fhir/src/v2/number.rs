//! Numbers of HL7 v2, decimals to the letter.

use serde_json::{Number, Value, json};

/// Reads NM; trailing zeros stay, what JSON cannot write (`+7`, `007`, `.5`) is written as it can.
pub(crate) fn decimal(text: &str) -> Option<Number> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = !(whole.is_empty() && fraction.is_empty())
        && digits.len() <= DIGITS_MAX
        && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if !is_number {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}").parse().ok()
}

/// Reads NM with an optional comparator, as analysers send it: `>600`, `<=0.5`.
pub(crate) fn quantity(text: &str) -> Option<Value> {
    let (comparator, rest) = comparator(text);
    let value = Value::Number(decimal(rest)?);
    Some(match comparator {
        Some(comparator) => json!({ "comparator": comparator, "value": value }),
        None => json!({ "value": value }),
    })
}

/// Splits off a comparator.
pub(crate) fn comparator(text: &str) -> (Option<&'static str>, &str) {
    let text = text.trim();
    let found = ["<=", ">=", "<", ">"].into_iter().find_map(|sign| Some((sign, text.strip_prefix(sign)?)));
    found.map_or((None, text), |(sign, rest)| (Some(sign), rest.trim_start()))
}

/// The bounds of a reference range: `3.5-5.1`, `0.4 to 4.0`, `<200`, `>= 60`.
///
/// An open bound of `<200` is `high`, as FHIR has no open ones; the text stays beside it.
pub(crate) fn bounds(text: &str) -> Option<(Option<Number>, Option<Number>)> {
    match comparator(text) {
        (Some("<" | "<="), rest) => return Some((None, Some(decimal(rest)?))),
        (Some(_), rest) => return Some((Some(decimal(rest)?), None)),
        (None, _) => {}
    }
    let text = text.trim();
    // The first character may be a sign; the dash after it parts the bounds.
    let dash = text.char_indices().skip(1).find(|(_, c)| *c == '-').map(|(at, _)| at);
    let (low, high) = match text.split_once(" to ") {
        Some(bounds) => bounds,
        None => (text.get(..dash?)?, text.get(dash? + 1..)?),
    };
    Some((Some(decimal(low)?), Some(decimal(high)?)))
}

const DIGITS_MAX: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(decimal(text).map(|number| number.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn decimals_keep_their_zeros() {
        check("6.10", Some("6.10"));
        check("+007", Some("7"));
        check("-.5", Some("-0.5"));
        check("5.", Some("5"));
        check("0.000", Some("0.000"));
        check("12345678901234567890.123456789", Some("12345678901234567890.123456789"));
        for text in ["", ".", "-", "1e5", "6,1", "NaN", "1.2.3", "٣", "- 5", "--5"] {
            check(text, None);
        }
    }

    #[test]
    fn ranges_are_read_where_they_can_be() {
        let read = |text: &str| {
            bounds(text)
                .map(|(low, high)| [low, high].map(|bound| bound.map_or_else(String::new, |b| b.to_string())))
        };
        assert_eq!(read("3.5-5.1"), Some(["3.5".into(), "5.1".into()]));
        assert_eq!(read("-2 - 2.0"), Some(["-2".into(), "2.0".into()]));
        assert_eq!(read("0.4 to 4.0"), Some(["0.4".into(), "4.0".into()]));
        assert_eq!(read("<200"), Some([String::new(), "200".into()]));
        assert_eq!(read(">= 60"), Some(["60".into(), String::new()]));
        assert_eq!(read("negative"), None);
        assert_eq!(read("-5"), None);
    }

    #[test]
    fn p5_a_comparator_stays_an_interval() {
        assert_eq!(quantity(">600").unwrap().to_string(), r#"{"comparator":">","value":600}"#);
        assert_eq!(quantity("<= 0.50").unwrap().to_string(), r#"{"comparator":"<=","value":0.50}"#);
        assert_eq!(quantity("~5"), None);
    }
}
