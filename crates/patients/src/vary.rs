//! Other events like a sample: the same shape, other numbers, references and times.

use jiff::civil::{Date, DateTime};
use jiff::{Span, Timestamp, ToSpan as _};
use serde_json::{Map, Number, Value};

use crate::chance::Chance;

/// Data like `sample` for the `number`th event of a seed.
///
/// References get numbers of their own, the same reference the same number.
/// Times move so that the latest lies at `now`, and keep their distance.
/// Measurements move by less than a twentieth and keep their decimals, so that a
/// critical value stays critical. Codes, states and texts stay.
#[must_use]
pub fn vary(sample: &Value, (seed, number): (u64, u64), now: Timestamp) -> Value {
    let mut chance = Chance::new(seed ^ number.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let latest = latest(sample).unwrap_or(now);
    let suffix = 100_000 + chance.below(900_000);
    let mut vary = Vary { chance, suffix, moved: now.since(latest).unwrap_or_default() };
    vary.value(sample, "")
}

struct Vary {
    chance: Chance,
    /// Ends every reference of the event.
    suffix: u64,
    moved: Span,
}

impl Vary {
    fn value(&mut self, value: &Value, name: &str) -> Value {
        match value {
            Value::Object(members) => self.members(members).into(),
            Value::Array(items) => items.iter().map(|item| self.value(item, name)).collect(),
            Value::String(text) => self.text(text, name).into(),
            Value::Number(number) if name == "value" || name == "amount" => self.measured(number),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    fn members(&mut self, members: &Map<String, Value>) -> Map<String, Value> {
        // The bounds of a range are part of what a value means.
        let varied = |(name, value): (&String, &Value)| match name.as_str() {
            "referenceRange" | "threshold" => (name.clone(), value.clone()),
            _ => (name.clone(), self.value(value, name)),
        };
        members.iter().map(varied).collect()
    }

    fn text(&self, text: &str, name: &str) -> String {
        if let Some(time) = moment(text) {
            return time
                .checked_add(self.moved)
                .map_or_else(|_| text.to_owned(), |time| format!("{time:.3}"));
        }
        if let Ok(date) = text.parse::<Date>() {
            let days = self.moved.total((jiff::Unit::Day, jiff::SpanRelativeTo::days_are_24_hours()));
            let days = days.map_or(0, |days| days.trunc() as i64);
            return date.checked_add(days.days()).map_or_else(|_| text.to_owned(), |date| date.to_string());
        }
        let is_reference = name.ends_with("Ref") || name.ends_with("Refs");
        match (is_reference, text.split_once('/')) {
            (true, Some((whole, part))) => format!("{}/{part}", self.reference(whole)),
            (true, None) => self.reference(text),
            (false, _) => text.to_owned(),
        }
    }

    /// `LAB-20260101-7` becomes `LAB-482913`.
    fn reference(&self, text: &str) -> String {
        let kind = text.split('-').next().unwrap_or(text);
        format!("{kind}-{}", self.suffix)
    }

    fn measured(&mut self, number: &Number) -> Value {
        let text = number.to_string();
        let decimals = text.split_once('.').map_or(0, |(_, after)| after.len());
        let share = 1.0 + (self.chance.below(90) as f64 - 45.0) / 1_000.0;
        let varied = number.as_f64().map(|value| format!("{:.decimals$}", value * share));
        let varied = varied.and_then(|text| serde_json::from_str(&text).ok());
        varied.unwrap_or_else(|| Value::Number(number.clone()))
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    // A date alone would be read as none, and a long number as one.
    text.get(..19)?.parse::<DateTime>().ok()?;
    text.parse().ok()
}

fn latest(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Object(members) => members.values().filter_map(latest).max(),
        Value::Array(items) => items.iter().filter_map(latest).max(),
        Value::String(text) => moment(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-28T10:00:00Z";

    fn critical() -> Value {
        let text = r#"{"value":{"value":6.90,"unit":"mmol/L"},"referenceRange":{"high":{"value":5.1}},
            "collectedAt":"2026-01-01T09:12:00.000Z","issuedAt":"2026-01-01T09:30:00.000Z","status":"final",
            "reportRef":"LAB-20260101-7","observationRef":"LAB-20260101-7/2823-3","due":"2026-01-03"}"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_seed_and_a_number_give_the_same_event_and_others_give_others() {
        let now = NOW.parse().unwrap();
        assert_eq!(vary(&critical(), (1, 1), now), vary(&critical(), (1, 1), now));
        assert_ne!(vary(&critical(), (1, 1), now), vary(&critical(), (1, 2), now));
        assert_ne!(vary(&critical(), (1, 1), now), vary(&critical(), (2, 1), now));
    }

    #[test]
    fn what_a_sample_means_stays() {
        let now: Timestamp = NOW.parse().unwrap();
        for number in 0..200 {
            let varied = vary(&critical(), (7, number), now);
            let value = &varied["value"]["value"];
            assert!(
                value.as_f64().unwrap() > 6.5 && value.to_string().len() == 4,
                "{value} has two decimals"
            );
            assert_eq!(varied["referenceRange"], critical()["referenceRange"]);
            assert_eq!(
                (&varied["status"], &varied["issuedAt"]),
                (&"final".into(), &"2026-11-28T10:00:00.000Z".into())
            );
            assert_eq!(varied["collectedAt"], "2026-11-28T09:42:00.000Z");
            let report = varied["reportRef"].as_str().unwrap();
            assert!(varied["observationRef"].as_str().unwrap().starts_with(report));
        }
    }
}
