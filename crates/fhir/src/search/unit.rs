//! The unit that is sought, and whether a stored number can be given in it (P5).

use rust_decimal::Decimal;
use serde_json::Value;

/// A unit that is sought.
#[derive(Debug)]
pub(super) struct Unit {
    /// None: `number||code`, whatever the system.
    system: Option<String>,
    code: String,
}

impl Unit {
    pub(super) fn sought(system: &str, code: &str) -> Unit {
        let system = Some(system.to_owned()).filter(|system| !system.is_empty());
        Unit { system, code: code.to_owned() }
    }

    /// The number of a stored Quantity or Money in this unit; none if nobody can tell.
    pub(super) fn of(&self, number: Decimal, holder: &Value) -> Option<Decimal> {
        let member = |name: &str| holder.get(name).and_then(Value::as_str);
        let stored = member("code").or(member("unit")).or(member("currency"))?;
        let system = member("system").or(member("currency").map(|_| CURRENCIES));
        let agree = self.system.as_deref().is_none_or(|sought| system.is_none_or(|stored| stored == sought));
        if agree && (stored == self.code || member("unit") == Some(&self.code)) {
            return Some(number);
        }
        let is_ucum = |system: Option<&str>| system.is_none_or(|system| system == UCUM);
        let can_convert = is_ucum(self.system.as_deref()) && is_ucum(system);
        let convert = |written: &str| fhirpath::units::convert(number, written, &self.code).ok();
        // Where the code says nothing, what people read may.
        can_convert.then(|| convert(stored).or_else(|| convert(member("unit")?))).flatten()
    }
}

const UCUM: &str = "http://unitsofmeasure.org";
const CURRENCIES: &str = "urn:iso:std:iso:4217";
