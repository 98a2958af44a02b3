use std::collections::HashMap;
use std::str::FromStr as _;
use std::sync::LazyLock;

use rust_decimal::Decimal;

/// What is known about the substance that a LOINC code measures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Analyte {
    molar_mass: Option<Decimal>,
    valence: Option<i64>,
}

impl Analyte {
    /// The analyte of a LOINC code, if it is in the table.
    pub(crate) fn of_loinc(code: &str) -> Option<Analyte> {
        ANALYTES.get(code).copied()
    }

    /// Grams a mole.
    pub(crate) fn molar_mass(self) -> Option<Decimal> {
        self.molar_mass
    }

    /// Equivalents a mole.
    pub(crate) fn valence(self) -> Option<i64> {
        self.valence
    }
}

static ANALYTES: LazyLock<HashMap<&'static str, Analyte>> = LazyLock::new(|| {
    let mut found = HashMap::new();
    for line in include_str!("../../data/analytes.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut parts = line.split('\t').skip(1);
        let (Some(mass), Some(valence), Some(codes)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let analyte = Analyte { molar_mass: Decimal::from_str(mass).ok(), valence: valence.parse().ok() };
        found.extend(codes.split(' ').map(|code| (code, analyte)));
    }
    found
});

#[cfg(test)]
mod tests {
    use super::ANALYTES;

    /// LOINC codes end with a check digit after the scheme of Luhn.
    fn is_loinc(code: &str) -> bool {
        let Some((number, check)) = code.split_once('-') else { return false };
        let digits = number.bytes().rev().enumerate().map(|(place, byte)| {
            let digit = u32::from(byte - b'0') * if place % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        });
        (10 - digits.sum::<u32>() % 10) % 10 == check.parse::<u32>().unwrap()
    }

    #[test]
    fn every_line_of_the_table_is_read_and_its_codes_are_loinc_codes() {
        let lines = include_str!("../../data/analytes.txt").lines().filter(|line| !line.starts_with('#'));
        let mut count = 0;
        for line in lines {
            let parts: Vec<_> = line.split('\t').collect();
            assert_eq!(parts.len(), 4, "{line}");
            for code in parts[3].split(' ') {
                assert!(is_loinc(code), "{code} of {}", parts[0]);
                let analyte = ANALYTES[code];
                assert_eq!(analyte.molar_mass.is_some(), parts[1] != "-", "{line}");
                assert_eq!(analyte.valence.is_some(), parts[2] != "-", "{line}");
                count += 1;
            }
        }
        assert_eq!(count, ANALYTES.len(), "no code stands twice");
    }
}
