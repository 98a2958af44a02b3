//! Who: people whose names say that they are made up.

use jiff::civil::{Date, date};

use crate::chance::Chance;

/// A made-up patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The medical record number.
    pub record: String,
    /// The visit number of the present stay.
    pub visit: String,
    /// The family name.
    pub family: String,
    /// The given name.
    pub given: String,
    /// `female` or `male`.
    pub gender: &'static str,
    /// When they would have been born.
    pub birth: Date,
    /// Where they would live.
    pub city: &'static str,
}

impl Person {
    /// The person of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let is_female = chance.below(2) == 0;
        let given = chance.pick(if is_female { &FEMALE } else { &MALE });
        let days = i64::try_from(chance.below(90 * 365)).unwrap_or(0);
        let birth = date(1930, 1, 1).checked_add(jiff::Span::new().days(days));
        Person {
            record: format!("TEST-{:07}", seed % 10_000_000),
            visit: format!("V-{:07}", seed % 10_000_000),
            family: format!("{}-Synthetic", chance.pick(&FAMILY)),
            given: (*given).to_owned(),
            gender: if is_female { "female" } else { "male" },
            birth: birth.unwrap_or(date(1980, 1, 1)),
            city: chance.pick::<&str>(&CITIES),
        }
    }
}

const FEMALE: [&str; 6] = ["Testa", "Probina", "Mocka", "Fixtura", "Sampla", "Dummia"];
const MALE: [&str; 6] = ["Testus", "Probus", "Mocko", "Fixtor", "Samplus", "Dummius"];
const FAMILY: [&str; 8] =
    ["Nobody", "Placeholder", "Example", "Fictional", "Imaginary", "Muster", "Made-Up", "Lorem"];
const CITIES: [&str; 4] = ["Exampleton", "Musterstadt", "Nowhere-on-Sea", "Testville"];
