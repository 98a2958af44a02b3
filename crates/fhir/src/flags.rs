//! Interpretation flags by the hierarchy of `v3-ObservationInterpretation`.

use serde_json::Value;

/// How bad a result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// No flag says otherwise.
    Normal,
    /// A, H, L and what lies below them.
    Abnormal,
    /// AA, HH, LL.
    Critical,
}

/// How bad a flag is: `A > AA > {HH, LL}`, `A > H > {H>, HU}`, `A > L > {L<, LU}`.
///
/// Off-scale and threshold flags (`<`, `>`, HX, LX), detected, positive, reactive
/// and resistant are findings that need a site's own rule; they are not abnormal here.
#[must_use]
pub fn severity(code: &str) -> Severity {
    match code {
        "AA" | "HH" | "LL" => Severity::Critical,
        "A" | "H" | "L" | "H>" | "HU" | "L<" | "LU" => Severity::Abnormal,
        _ => Severity::Normal,
    }
}

/// The flag codes of an Observation, components included, or of the conclusion of a report.
pub fn codes(result: &Value) -> impl Iterator<Item = &str> {
    let components = result.get("component").and_then(Value::as_array).into_iter().flatten();
    let holders = std::iter::once(result).chain(components);
    let concepts =
        holders.filter_map(|holder| holder.get("interpretation")).chain(result.get("conclusionCode"));
    let concepts = concepts.flat_map(one_or_many);
    let codings = concepts.filter_map(|concept| concept.get("coding")).flat_map(one_or_many);
    codings
        .filter(|coding| is_flag_system(coding))
        .filter_map(|coding| coding.get("code").and_then(Value::as_str))
}

/// The worst flag of an Observation, components included, or of a report.
#[must_use]
pub fn worst(result: &Value) -> Severity {
    codes(result).map(severity).max().unwrap_or(Severity::Normal)
}

fn is_flag_system(coding: &Value) -> bool {
    let system = coding.get("system").and_then(Value::as_str);
    // Older senders name the v2 table, and some name nothing.
    system.is_none_or(|system| {
        system.ends_with("/v3-ObservationInterpretation")
            || system.ends_with("/v2-0078")
            || system.ends_with("/v2/0078")
    })
}

fn one_or_many(value: &Value) -> impl Iterator<Item = &Value> {
    let many = value.as_array();
    let one = many.is_none().then_some(value);
    one.into_iter().chain(many.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn flags_are_weighed_by_their_hierarchy() {
        for critical in ["AA", "HH", "LL"] {
            assert_eq!(severity(critical), Severity::Critical);
        }
        for abnormal in ["A", "H", "L", "H>", "HU", "L<", "LU"] {
            assert_eq!(severity(abnormal), Severity::Abnormal);
        }
        for normal in ["N", "hh", "", "POS", "<", "QCF"] {
            assert_eq!(severity(normal), Severity::Normal);
        }
    }

    #[test]
    fn the_worst_flag_counts_wherever_it_stands() {
        let flag = |code: &str| json!([{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "code": code}]}]);
        let panel = json!({"interpretation": flag("N"), "component": [{"interpretation": flag("H")}, {"interpretation": flag("LL")}]});
        assert_eq!(worst(&panel), Severity::Critical);
        assert_eq!(worst(&json!({"interpretation": flag("H")})), Severity::Abnormal);
        assert_eq!(
            worst(&json!({"interpretation": [{"coding": [{"system": "urn:local", "code": "HH"}]}]})),
            Severity::Normal
        );
        assert_eq!(worst(&json!({"interpretation": {"coding": [{"code": "HH"}]}})), Severity::Critical);
        let concluded = flag("AA")[0].clone();
        assert_eq!(worst(&json!({"conclusionCode": [{"text": "x"}, concluded]})), Severity::Critical);
        assert_eq!(worst(&json!(null)), Severity::Normal);
    }
}
