//! Why nobody can tell whether a trigger holds: codes, each with its words in the reference and the console.

/// More steps, items or text, or deeper JSON than allowed.
pub(super) const TOO_COSTLY: &str = "too_costly";
/// More time than allowed.
pub(super) const OUT_OF_TIME: &str = "out_of_time";
/// An argument that a function cannot work with.
pub(super) const EXPRESSION: &str = "expression";
/// A trigger that compares the values of a patient looks at an event that names none.
pub const NO_SUBJECT: &str = "no_subject";

#[cfg(test)]
mod tests {
    use fhir::search::Why;
    use fhirpath::ReasonKind;
    use serde_json::Value;

    use super::*;
    use crate::Catalogue;

    fn all() -> Vec<&'static str> {
        let found = ReasonKind::ALL.map(ReasonKind::code).into_iter();
        let searched = Why::ALL.map(Why::word).into_iter();
        let own = [TOO_COSTLY, OUT_OF_TIME, EXPRESSION, NO_SUBJECT];
        let mut all: Vec<_> = found.chain(searched).chain(own).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    #[test]
    fn every_outcome_stands_in_the_reference_and_the_console() {
        let reference = include_str!("../../../../docs/reference/triggers.md");
        let console = include_str!("../../../../ui/src/i18n/en/triggers.json");
        let console: Value = serde_json::from_str(console).unwrap();
        for name in model::Judgement::ALL.map(model::Judgement::name) {
            assert!(reference.contains(&format!("\n| `{name}` |")), "the reference lacks {name}");
            assert!(console["judgement"][name].is_string(), "the console lacks {name}");
        }
    }

    #[test]
    fn p5_every_reason_stands_in_the_reference_the_catalogue_and_the_console() {
        let reference = include_str!("../../../../docs/reference/triggers.md");
        let console = [
            include_str!("../../../../ui/src/i18n/en/triggers.json"),
            include_str!("../../../../ui/src/i18n/de/triggers.json"),
        ]
        .map(|text| serde_json::from_str::<Value>(text).unwrap());
        let catalogued = &Catalogue::embedded().find(super::super::INDETERMINATE).unwrap().description;
        for code in all() {
            assert!(reference.contains(&format!("\n| `{code}` |")), "the reference lacks {code}");
            assert!(catalogued.contains(&format!("`{code}`")), "the catalogue lacks {code}");
            assert!(
                console.iter().all(|terms| terms["reason"][code].is_string()),
                "the console lacks {code}"
            );
        }
        for terms in &console {
            let mut named: Vec<_> = terms["reason"].as_object().unwrap().keys().map(String::as_str).collect();
            named.sort_unstable();
            assert_eq!(named, all(), "the console knows no others");
        }
    }
}
