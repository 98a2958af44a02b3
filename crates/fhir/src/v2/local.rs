//! What codes, units, flags and places mean at one site (P4), checked and ready to be asked.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use model::{ResultLimits, SiteRow, SiteTable, SiteTables, limits};

use super::overrides;
use super::tables::{Concept, Maps};
use crate::derived::Limits;

/// The tables of one integration.
#[derive(Debug, Clone)]
pub struct Local {
    codes: HashMap<(String, Option<String>), SiteRow>,
    units: HashMap<String, String>,
    flags: HashMap<String, String>,
    locations: HashMap<String, String>,
    limits: Limits,
    /// The maps of this version with those of the site over them.
    maps: Option<Box<Maps>>,
}

/// What is wrong with a table, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The place, a JSON pointer.
    pub pointer: String,
    /// What is wrong, and what would be right.
    pub why: String,
}

impl Fault {
    pub(super) fn at(pointer: impl Into<String>, why: impl Into<String>) -> Fault {
        Fault { pointer: pointer.into(), why: why.into() }
    }
}

impl Local {
    /// Checks tables and makes them ready.
    ///
    /// # Errors
    /// The first fault.
    pub fn compile(tables: &SiteTables) -> Result<Local, Fault> {
        check(
            SiteTable::Codes,
            &tables.codes,
            "is a LOINC code such as 2823-3, its check digit included",
            is_loinc,
        )?;
        check(SiteTable::Units, &tables.units, "is a UCUM code: no blanks", is_word)?;
        check(
            SiteTable::Flags,
            &tables.flags,
            "is a code of ObservationInterpretation, such as HH",
            is_flag,
        )?;
        check(SiteTable::Locations, &tables.locations, "names a unit", |text| !text.trim().is_empty())?;
        for (place, threshold) in tables.thresholds.iter().enumerate() {
            check_threshold(threshold)
                .map_err(|fault| Fault::at(format!("/thresholds/{place}/{}", fault.pointer), fault.why))?;
        }
        if tables.thresholds.len() > limits::SITE_ROWS {
            return Err(Fault::at("/thresholds", format!("At most {} rows.", limits::SITE_ROWS)));
        }
        let plain = |table: SiteTable, rows: &[SiteRow]| {
            unique(table, rows, |row| row.from.clone(), |row| row.to.clone())
        };
        Ok(Local {
            codes: unique(
                SiteTable::Codes,
                &tables.codes,
                |row| (row.from.clone(), row.system.clone()),
                SiteRow::clone,
            )?,
            units: plain(SiteTable::Units, &tables.units)?,
            flags: plain(SiteTable::Flags, &tables.flags)?,
            locations: plain(SiteTable::Locations, &tables.locations)?,
            limits: Limits::new(&tables.thresholds),
            maps: tables.overrides.as_ref().map(overrides::apply).transpose()?.map(Box::new),
        })
    }

    /// The limits of results.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn maps(&self) -> Option<&Maps> {
        self.maps.as_deref()
    }

    /// The LOINC code of a test, by its code and the coding system that the sender names, or by the code alone.
    pub(super) fn test(&self, code: &str, system: Option<&str>) -> Option<&SiteRow> {
        let named = (code.to_owned(), system.map(str::to_owned));
        self.codes.get(&named).or_else(|| self.codes.get(&(named.0, None)))
    }

    /// What a unit or a flag is.
    pub(super) fn concept(&self, table: SiteTable, code: &str) -> Option<Concept<'_>> {
        match table {
            SiteTable::Units => {
                let code = self.units.get(code)?;
                Some(Concept { system: "http://unitsofmeasure.org", code, display: None })
            }
            SiteTable::Flags => Maps::embedded().code("InterpretationCodes", self.flags.get(code)?),
            SiteTable::Codes | SiteTable::Locations | SiteTable::Thresholds => None,
        }
    }

    /// Whether places are told apart at all.
    pub(super) fn has_locations(&self) -> bool {
        !self.locations.is_empty()
    }

    /// The unit of care of a place, by the most precise name that is known: `4E^136^B`, `4E^136`, `4E`.
    pub(super) fn unit_of_care(&self, place: &[&str]) -> Option<&str> {
        let named = (1..=place.len()).rev().find_map(|parts| self.locations.get(&place[..parts].join("^")));
        named.map(String::as_str)
    }
}

/// Whether a code is one of `ObservationInterpretation`, as table 0078 maps to it.
pub(crate) fn is_flag(code: &str) -> bool {
    Maps::embedded().code("InterpretationCodes", code).is_some()
}

fn unique<K: std::hash::Hash + Eq, V>(
    table: SiteTable,
    rows: &[SiteRow],
    key: impl Fn(&SiteRow) -> K,
    value: impl Fn(&SiteRow) -> V,
) -> Result<HashMap<K, V>, Fault> {
    let mut map = HashMap::with_capacity(rows.len());
    for (place, row) in rows.iter().enumerate() {
        match map.entry(key(row)) {
            Entry::Vacant(free) => drop(free.insert(value(row))),
            Entry::Occupied(_) => {
                let pointer = format!("/{}/{place}/from", table.name());
                return Err(Fault::at(pointer, "The code stands in an earlier row too."));
            }
        }
    }
    Ok(map)
}

fn check(
    table: SiteTable,
    rows: &[SiteRow],
    what: &str,
    is_target: impl Fn(&str) -> bool,
) -> Result<(), Fault> {
    let name = table.name();
    if rows.len() > limits::SITE_ROWS {
        return Err(Fault::at(format!("/{name}"), format!("At most {} rows.", limits::SITE_ROWS)));
    }
    for (place, row) in rows.iter().enumerate() {
        let texts = [Some(&row.from), row.system.as_ref(), Some(&row.to), row.display.as_ref()];
        if texts.into_iter().flatten().any(|text| text.len() > limits::SITE_TEXT) {
            let why = format!("A text has at most {} bytes.", limits::SITE_TEXT);
            return Err(Fault::at(format!("/{name}/{place}"), why));
        }
        if row.from.trim().is_empty() {
            return Err(Fault::at(
                format!("/{name}/{place}/from"),
                "The code as the sender writes it is required.",
            ));
        }
        if row.system.is_some() && table != SiteTable::Codes {
            return Err(Fault::at(format!("/{name}/{place}/system"), "Only tests have a coding system."));
        }
        if !is_target(&row.to) {
            return Err(Fault::at(format!("/{name}/{place}/to"), format!("The target {what}.")));
        }
    }
    Ok(())
}

fn check_threshold(threshold: &ResultLimits) -> Result<(), Fault> {
    if !is_loinc(&threshold.loinc) {
        return Err(Fault::at("loinc", "A LOINC code such as 2823-3, its check digit included."));
    }
    if !is_word(&threshold.unit) {
        return Err(Fault::at("unit", "A UCUM code, such as mmol/L; 1 for a number without a unit."));
    }
    let ordered = [
        ("criticalLow", &threshold.critical_low),
        ("low", &threshold.low),
        ("high", &threshold.high),
        ("criticalHigh", &threshold.critical_high),
    ];
    let mut before: Option<f64> = None;
    let told: Vec<_> =
        ordered.into_iter().filter_map(|(name, limit)| Some((name, limit.as_ref()?.as_f64()?))).collect();
    for (name, limit) in &told {
        if before.is_some_and(|before| *limit < before) {
            return Err(Fault::at(*name, "Limits rise: criticalLow, low, high, criticalHigh."));
        }
        before = Some(*limit);
    }
    if told.is_empty() { Err(Fault::at("high", "A row has at least one limit.")) } else { Ok(()) }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Digits, a dash, and the check digit of LOINC (Luhn).
fn is_loinc(code: &str) -> bool {
    let Some((digits, check)) = code.split_once('-') else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(digits) || !is_number(check) || digits.len() > 7 || check.len() != 1 {
        return false;
    }
    let weigh = |(place, digit): (usize, u8)| {
        let digit = u32::from(digit - b'0');
        let doubled = if place % 2 == 0 { digit * 2 } else { digit };
        doubled / 10 + doubled % 10
    };
    let sum: u32 = digits.bytes().rev().enumerate().map(weigh).sum();
    check == ((10 - sum % 10) % 10).to_string()
}

#[cfg(test)]
#[path = "local_tests.rs"]
mod tests;
