//! Flags that a sender leaves out: from the limits of a site, and from the reference range.
//!
//! A comparator is an interval (P5): `>600` is above 500, and nobody knows
//! whether it is above 700. A reference range alone makes H or L, never a
//! critical flag: what is critical, the site says.

mod interval; // What a value may be, beside a limit.
mod range; // The reference range.

use std::collections::HashMap;

use fhirpath::units;
use model::ResultLimits;
use rust_decimal::Decimal;
use serde_json::{Number, Value, json};

use interval::{Bound, Interval, Side};
use range::by_range;

use crate::flags;
use crate::v2::is_flag;

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
    let is_flagged = is_flagged(holder);
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
    let derived = json!({
        "extension": [{ "url": DERIVED, "valueCode": origin }],
        "coding": [{ "system": system, "code": flag }],
    });
    match holder.get_mut("interpretation") {
        Some(Value::Array(said)) => said.push(derived),
        Some(said) => *said = json!([said.take(), derived]),
        None => holder["interpretation"] = json!([derived]),
    }
    Derived::Flagged
}

/// Whether the sender says a flag that means something. One that nobody understands, such as `*`, decides nothing.
fn is_flagged(holder: &Value) -> bool {
    let Some(said) = holder.get("interpretation") else { return false };
    let own = json!({ "interpretation": said });
    flags::codes(&own).any(is_flag)
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
    let Some(of_unit) = comparable(thresholds, unit, code) else { return Judged::Unknown(code.clone()) };
    let compare = |value: Decimal, limit: Decimal| match unit {
        Some(unit) if unit != of_unit.unit => {
            units::compare((value, unit), (limit, of_unit.unit.as_str()), code).ok()
        }
        _ => Some(value.cmp(&limit)),
    };
    let at = |number: &Option<Number>, is_included| Bound::new(number.as_ref()?, is_included);
    let critical = value.side(at(&of_unit.critical_low, true), at(&of_unit.critical_high, true), compare);
    match critical {
        Side::High => Judged::Flag("HH"),
        Side::Low => Judged::Flag("LL"),
        Side::Unknown => Judged::Unknown(code.clone()),
        Side::Within => match value.side(at(&of_unit.low, false), at(&of_unit.high, false), compare) {
            Side::High => Judged::Flag("H"),
            Side::Low => Judged::Flag("L"),
            Side::Unknown => Judged::Unknown(code.clone()),
            Side::Within => Judged::Within,
        },
    }
}

/// The limits that a value can be compared with: those of its own unit first, then the first that its unit
/// leads to (P5). A value that names no unit leads to none.
fn comparable<'l>(all: &'l [ResultLimits], unit: Option<&str>, loinc: &str) -> Option<&'l ResultLimits> {
    let same = all.iter().find(|limits| limits.unit == unit.unwrap_or("1"));
    let leads_to = |limits: &&ResultLimits| {
        let nothing = |unit| (Decimal::ZERO, unit);
        unit.is_some_and(|unit| units::compare(nothing(unit), nothing(&limits.unit), loinc).is_ok())
    };
    same.or_else(|| all.iter().find(leads_to))
}

#[cfg(test)]
mod tests;
