use std::collections::HashMap;
use std::sync::LazyLock;

use super::measure::measure;

/// The UCUM code that a written unit means; nothing when that is not known for sure.
///
/// ```
/// assert_eq!(fhirpath::units::understand("mEq/L"), Some("meq/L"));
/// assert_eq!(fhirpath::units::understand("mg/dL"), Some("mg/dL"));
/// assert_eq!(fhirpath::units::understand("Mg/dL"), None, "a megagram, or a slip: nobody knows");
/// ```
#[must_use]
pub fn understand(written: &str) -> Option<&str> {
    match ALIASES.get(written) {
        Some(code) => *code,
        None => measure(written).is_some().then_some(written),
    }
}

/// What is written, and the UCUM code; none where people mean something else than UCUM says.
static ALIASES: LazyLock<HashMap<&'static str, Option<&'static str>>> = LazyLock::new(|| {
    let lines = include_str!("../../data/units.txt").lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once('\t'))
        .map(|(written, code)| (written, (code != "?").then_some(code)))
        .collect()
});

#[cfg(test)]
mod tests {
    use super::{ALIASES, measure, understand};

    #[test]
    fn every_alias_leads_to_a_unit_and_none_is_needless() {
        let is_wrong = |(written, code): &(&&str, &Option<&str>)| match (measure(written), code.map(measure))
        {
            // Where it is UCUM too, that must be for something else altogether.
            (Some(itself), Some(Some(meant))) => itself.is_commensurable(&meant),
            (None, Some(Some(_))) | (Some(_), None) => false,
            (_, Some(None)) | (None, None) => true,
        };
        let wrong: Vec<_> = ALIASES.iter().filter(is_wrong).collect();
        assert!(wrong.is_empty(), "no unit, or one that means itself: {wrong:?}");
        let lines = include_str!("../../data/units.txt").lines().filter(|line| line.contains('\t')).count();
        assert_eq!(lines, ALIASES.len(), "nothing stands twice");
    }

    #[test]
    fn p5_units_are_understood_as_laboratories_write_them_and_case_is_never_folded() {
        for (written, code) in [
            ("mEq/L", Some("meq/L")),
            ("bpm", Some("/min")),
            ("MMOL/L", Some("mmol/L")),
            ("x10E3/uL", Some("10*3/uL")),
            ("mmHg", Some("mm[Hg]")),
            ("tera.l-1", Some("10*12/L")),
            ("giga.l-1", Some("10*9/L")),
            ("mmol/L", Some("mmol/L")),
            ("mMol/l", None),
            ("Mg/dL", None),
            ("furlongs", None),
            ("", None),
        ] {
            assert_eq!(understand(written), code, "{written}");
        }
    }
}
