//! Flags that a sender leaves out: from the limits of a site, and from the reference range.
//!
//! A comparator is an interval (P5): `>600` is above 500, and nobody knows
//! whether it is above 700. A reference range alone makes H or L, never a
//! critical flag: what is critical, the site says.

use std::collections::HashMap;

use fhirpath::units;
use model::ResultLimits;
use rust_decimal::Decimal;
use serde_json::{Number, Value, json};

use crate::v2::number;

/// Where a derived flag says where it comes from.
pub const DERIVED: &str = "urn:carehook:derived";

/// The limits of an integration, by LOINC code.
#[derive(Debug, Clone, Default)]
pub struct Limits(HashMap<String, Vec<ResultLimits>>);

/// What became of an Observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Derived {
    /// It has flags, or needs none.
    Nothing,
    /// It was given one.
    Flagged,
    /// It could not be compared: the code, and the unit that has no limits.
    Indeterminate(String, String),
}

impl Limits {
    /// Limits by their code.
    pub fn new(thresholds: &[ResultLimits]) -> Self {
        let mut by_code: HashMap<String, Vec<ResultLimits>> = HashMap::new();
        for threshold in thresholds {
            by_code.entry(threshold.loinc.clone()).or_default().push(threshold.clone());
        }
        Limits(by_code)
    }
}

/// Gives an Observation the flag that its sender left out, each component for itself.
pub fn derive(observation: &mut Value, limits: &Limits) -> Derived {
    let is_result = observation["resourceType"] == "Observation"
        && !matches!(observation["status"].as_str(), Some("cancelled" | "entered-in-error" | "registered"));
    if !is_result {
        return Derived::Nothing;
    }
    let mut outcome = one(observation, limits);
    if let Some(Value::Array(components)) = observation.get_mut("component") {
        for component in components {
            let of_component = one(component, limits);
            if of_component != Derived::Nothing {
                outcome = of_component;
            }
        }
    }
    outcome
}

fn one(holder: &mut Value, limits: &Limits) -> Derived {
    let is_flagged = holder.get("interpretation").is_some();
    let Some(value) = holder.get("valueQuantity").filter(|_| !is_flagged).and_then(Interval::of) else {
        return Derived::Nothing;
    };
    let by_site = by_site(holder, &value, limits);
    let is_critical = matches!(by_site, Judged::Flag("HH" | "LL"));
    let by_range = if is_critical { None } else { by_range(holder, &value) };
    let (flag, origin) = match (by_range, by_site) {
        (Some(flag), _) => (flag, "reference-range"),
        (None, Judged::Flag(flag)) => (flag, "site-limits"),
        (None, Judged::Unknown(code)) => {
            let unit = &holder["valueQuantity"];
            let unit = unit["code"].as_str().or_else(|| unit["unit"].as_str()).unwrap_or_default();
            return Derived::Indeterminate(code, unit.to_owned());
        }
        (None, Judged::Within) => return Derived::Nothing,
    };
    let system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
    holder["interpretation"] = json!([{
        "extension": [{ "url": DERIVED, "valueCode": origin }],
        "coding": [{ "system": system, "code": flag }],
    }]);
    Derived::Flagged
}

enum Judged {
    Flag(&'static str),
    Within,
    /// There are limits, and nobody can tell; the code.
    Unknown(String),
}

fn by_site(holder: &Value, value: &Interval, limits: &Limits) -> Judged {
    let codings = holder["code"]["coding"].as_array().into_iter().flatten();
    let mut loinc = codings.filter(|coding| coding["system"] == "http://loinc.org");
    let known = loinc.find_map(|coding| limits.0.get_key_value(coding["code"].as_str()?));
    let Some((code, thresholds)) = known else { return Judged::Within };
    let unit = holder["valueQuantity"]["code"].as_str().or_else(|| holder["valueQuantity"]["unit"].as_str());
    let Some((of_unit, value)) = in_unit_of(thresholds, value, unit) else {
        return Judged::Unknown(code.clone());
    };
    let at = |number: &Option<Number>, is_included| Bound::new(number.as_ref()?, is_included);
    let critical = value.side(at(&of_unit.critical_low, true), at(&of_unit.critical_high, true));
    match critical {
        Side::High => Judged::Flag("HH"),
        Side::Low => Judged::Flag("LL"),
        Side::Unknown => Judged::Unknown(code.clone()),
        Side::Within => match value.side(at(&of_unit.low, false), at(&of_unit.high, false)) {
            Side::High => Judged::Flag("H"),
            Side::Low => Judged::Flag("L"),
            Side::Unknown => Judged::Unknown(code.clone()),
            Side::Within => Judged::Within,
        },
    }
}

/// The limits that a value can be compared with, and the value in their unit: those of its own unit
/// first, then the first that it converts to exactly (P5). A value that names no unit converts to none.
fn in_unit_of<'l>(
    all: &'l [ResultLimits],
    value: &Interval,
    unit: Option<&str>,
) -> Option<(&'l ResultLimits, Interval)> {
    let same = all.iter().find(|limits| limits.unit == unit.unwrap_or("1"));
    let converted = || {
        let unit = unit?;
        all.iter().find_map(|limits| Some((limits, value.converted(unit, &limits.unit)?)))
    };
    same.map(|limits| (limits, *value)).or_else(converted)
}

/// By the one range there is: of several, nobody knows here which one applies.
fn by_range(holder: &Value, value: &Interval) -> Option<&'static str> {
    let [range] = holder.get("referenceRange")?.as_array()?.as_slice() else { return None };
    let (low, high) = written(range).or_else(|| numbered(range, &holder["valueQuantity"]))?;
    match value.side(low, high) {
        Side::High => Some("H"),
        Side::Low => Some("L"),
        Side::Within | Side::Unknown => None,
    }
}

type Bounds = (Option<Bound>, Option<Bound>);

/// OBX-7 tells more than `low` and `high`: of `<200`, 200 is no part.
fn written(range: &Value) -> Option<Bounds> {
    let text = range.get("text")?.as_str()?;
    let (low, high) = number::bounds(text)?;
    let is_open = matches!(number::comparator(text).0, Some("<" | ">"));
    let bound = |number: Option<Number>| number.and_then(|number| Bound::new(&number, is_open));
    Some((bound(low), bound(high)))
}

/// Bounds as quantities, where they are in the unit of the value.
fn numbered(range: &Value, value: &Value) -> Option<Bounds> {
    let bound = |name: &str| {
        let bound = range.get(name)?;
        let is_same_unit = bound
            .get("code")
            .or_else(|| bound.get("unit"))
            .is_none_or(|unit| Some(unit) == value.get("code") || Some(unit) == value.get("unit"));
        let Value::Number(number) = bound.get("value").filter(|_| is_same_unit)? else { return None };
        Bound::new(number, false)
    };
    let bounds = (bound("low"), bound("high"));
    (bounds.0.is_some() || bounds.1.is_some()).then_some(bounds)
}

/// A limit, and whether the value itself is beyond it.
#[derive(Debug, Clone, Copy)]
struct Bound {
    at: Decimal,
    is_beyond: bool,
}

impl Bound {
    fn new(number: &Number, is_beyond: bool) -> Option<Bound> {
        Some(Bound { at: decimal(number)?, is_beyond })
    }
}

/// What a value may be: an end that is absent is open, one that is not included is given with `false`.
#[derive(Debug, Clone, Copy)]
struct Interval {
    from: Option<(Decimal, bool)>,
    to: Option<(Decimal, bool)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Low,
    Within,
    High,
    Unknown,
}

impl Interval {
    fn of(quantity: &Value) -> Option<Interval> {
        let Some(Value::Number(number)) = quantity.get("value") else { return None };
        let value = decimal(number)?;
        Some(match quantity.get("comparator").and_then(Value::as_str) {
            Some("<") => Interval { from: None, to: Some((value, false)) },
            Some("<=") => Interval { from: None, to: Some((value, true)) },
            Some(">") => Interval { from: Some((value, false)), to: None },
            Some(">=") => Interval { from: Some((value, true)), to: None },
            Some(_) => return None,
            None => Interval { from: Some((value, true)), to: Some((value, true)) },
        })
    }

    /// The same in another unit; none where nothing exact leads there.
    fn converted(&self, from: &str, to: &str) -> Option<Interval> {
        let end = |end: Option<(Decimal, bool)>| match end {
            Some((value, is_included)) => {
                units::convert(value, from, to).ok().map(|value| Some((value, is_included)))
            }
            None => Some(None),
        };
        Some(Interval { from: end(self.from)?, to: end(self.to)? })
    }

    fn side(&self, low: Option<Bound>, high: Option<Bound>) -> Side {
        let is_high = high.map_or(Some(false), |high| self.is_above(high));
        let mirrored = Interval {
            from: self.to.map(|(value, is_included)| (-value, is_included)),
            to: self.from.map(|(value, is_included)| (-value, is_included)),
        };
        let is_low = low.map_or(Some(false), |low| mirrored.is_above(Bound { at: -low.at, ..low }));
        match (is_low, is_high) {
            (_, Some(true)) => Side::High,
            (Some(true), _) => Side::Low,
            (Some(false), Some(false)) => Side::Within,
            (None, _) | (_, None) => Side::Unknown,
        }
    }

    /// Whether all of it is above a bound; nothing where only a part is.
    fn is_above(&self, bound: Bound) -> Option<bool> {
        let all = self.from.is_some_and(|(from, is_included)| {
            from > bound.at || (from == bound.at && (bound.is_beyond || !is_included))
        });
        let none = self.to.is_some_and(|(to, is_included)| {
            to < bound.at || (to == bound.at && !(bound.is_beyond && is_included))
        });
        match (all, none) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }
}

fn decimal(number: &Number) -> Option<Decimal> {
    let text = number.to_string();
    text.parse().or_else(|_| Decimal::from_scientific(&text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        let rows = r#"[{"loinc":"2823-3","unit":"mmol/L","low":3.5,"high":5.1,"criticalLow":2.5,"criticalHigh":6.5}]"#;
        Limits::new(&serde_json::from_str::<Vec<ResultLimits>>(rows).unwrap())
    }

    fn potassium(quantity: &str, range: Option<&str>) -> Value {
        let mut result = json!({
            "resourceType": "Observation", "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
            "valueQuantity": serde_json::from_str::<Value>(quantity).unwrap(),
        });
        if let Some(range) = range {
            result["referenceRange"] = json!([{ "text": range }]);
        }
        result
    }

    fn flag(result: &Value) -> String {
        let flag = &result["interpretation"][0];
        let origin = flag["extension"][0]["valueCode"].as_str().unwrap_or("none");
        format!("{} {origin}", flag["coding"][0]["code"].as_str().unwrap_or("none"))
    }

    #[track_caller]
    fn check(quantity: &str, range: Option<&str>, limits: &Limits, expected: &str) {
        let mut result = potassium(quantity, range);
        drop(derive(&mut result, limits));
        assert_eq!(flag(&result), expected, "{quantity} of {range:?}");
    }

    #[test]
    fn a_range_alone_makes_high_and_low_and_never_critical() {
        let none = Limits::default();
        for (value, range, expected) in [
            ("9.9", "3.5-5.1", "H reference-range"),
            ("5.1", "3.5-5.1", "none none"),
            ("5.10", "3.5-5.1", "none none"),
            ("3.4", "3.5-5.1", "L reference-range"),
            ("200", "<200", "H reference-range"),
            ("199.9", "<200", "none none"),
            ("60", ">=60", "none none"),
            ("59.9", ">=60", "L reference-range"),
            ("4.01", "0.4 to 4.0", "H reference-range"),
            ("1", "negative", "none none"),
        ] {
            check(&format!(r#"{{"value":{value}}}"#), Some(range), &none, expected);
        }
    }

    #[test]
    fn critical_comes_from_the_limits_of_the_site_only() {
        let limits = limits();
        let of = |value: &str| format!(r#"{{"value":{value},"unit":"mmol/L","code":"mmol/L"}}"#);
        check(&of("6.5"), Some("3.5-5.1"), &limits, "HH site-limits");
        check(&of("6.49"), Some("3.5-5.1"), &limits, "H reference-range");
        check(&of("2.5"), None, &limits, "LL site-limits");
        check(&of("3.4"), None, &limits, "L site-limits");
        check(&of("4.0"), None, &limits, "none none");
    }

    #[test]
    fn p5_a_comparator_is_an_interval_and_what_nobody_can_tell_is_said() {
        let limits = limits();
        let of = |comparator: &str, value: &str| {
            format!(r#"{{"comparator":"{comparator}","value":{value},"unit":"mmol/L","code":"mmol/L"}}"#)
        };
        check(&of(">", "7"), None, &limits, "HH site-limits");
        check(&of(">", "6.5"), None, &limits, "HH site-limits");
        check(&of("<", "2.5"), None, &limits, "LL site-limits");
        check(&of("<", "200"), Some("<200"), &Limits::default(), "none none");
        let mut unknown = potassium(&of(">", "5"), None);
        let expected = Derived::Indeterminate("2823-3".to_owned(), "mmol/L".to_owned());
        assert_eq!(derive(&mut unknown, &limits), expected);
        let mut other_unit = potassium(r#"{"value":27,"unit":"mg/dL","code":"mg/dL"}"#, None);
        let expected = Derived::Indeterminate("2823-3".to_owned(), "mg/dL".to_owned());
        assert_eq!(derive(&mut other_unit, &limits), expected);
    }

    #[test]
    fn p5_a_value_in_another_unit_is_converted_or_stays_undecided() {
        let limits = limits();
        let of = |value: &str, unit: &str| format!(r#"{{"value":{value},"code":"{unit}"}}"#);
        check(&of("6500", "umol/L"), None, &limits, "HH site-limits");
        check(&of("6499", "umol/L"), None, &limits, "H site-limits");
        check(&of("0.0049", "mol/L"), None, &limits, "none none");
        let above = r#"{"comparator":">","value":6500,"code":"umol/L"}"#;
        check(above, None, &limits, "HH site-limits");
        let saturation = r#"[{"loinc":"2823-3","unit":"%","criticalLow":85}]"#;
        let saturation = Limits::new(&serde_json::from_str::<Vec<ResultLimits>>(saturation).unwrap());
        check(&of("0.84", "1"), None, &saturation, "LL site-limits");
        for quantity in [of("27", "mg/dL"), of("6.9", "furlong"), r#"{"value":6.9}"#.to_owned()] {
            let mut result = potassium(&quantity, None);
            assert!(matches!(derive(&mut result, &limits), Derived::Indeterminate(..)), "{quantity}");
        }
        let mut bare = potassium(r#"{"value":0.84}"#, None);
        assert!(
            matches!(derive(&mut bare, &saturation), Derived::Indeterminate(..)),
            "no unit is not the unit 1"
        );
    }

    #[test]
    fn what_a_sender_flags_stays_what_it_says() {
        let mut result = potassium(r#"{"value":9.9,"code":"mmol/L"}"#, Some("3.5-5.1"));
        result["interpretation"] = json!([{"coding": [{"code": "N"}]}]);
        assert_eq!(derive(&mut result, &limits()), Derived::Nothing);
        let mut gone = potassium(r#"{"value":9.9,"code":"mmol/L"}"#, Some("3.5-5.1"));
        gone["status"] = json!("entered-in-error");
        assert_eq!(derive(&mut gone, &limits()), Derived::Nothing);
    }
}
