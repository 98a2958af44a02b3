use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::LazyLock;

use octofhir_ucum::{Dimension, Number, analyse};
use rust_decimal::Decimal;

use super::substance::Analyte;
use crate::reason::ReasonKind;

/// What a UCUM code means: `(value × scale + shift) × factor` in the base units of its dimension.
#[derive(Debug, Clone)]
pub(crate) struct Measure {
    dimension: Dimension,
    /// Arbitrary units such as `[IU]`, which compare with themselves only.
    arbitrary: Vec<(&'static str, i32)>,
    factor: Number,
    /// Nothing for logarithms and their kin, which have no factor.
    offset: Option<Number>,
    /// How many equivalents (`eq`) are multiplied in.
    equivalents: i32,
}

/// The meaning of a UCUM code, if it is one. The usual ones are worked out once.
pub(crate) fn measure(code: &str) -> Option<Cow<'static, Measure>> {
    if let Some(known) = USUAL.get(code) {
        return Some(Cow::Borrowed(known));
    }
    Measure::read(code).map(Cow::Owned)
}

static USUAL: LazyLock<HashMap<&'static str, Measure>> = LazyLock::new(|| {
    let aliases = include_str!("../../data/units.txt").lines().filter(|line| !line.starts_with('#'));
    let codes = aliases.filter_map(|line| line.split_once('\t')).map(|(_, code)| code);
    codes.filter_map(|code| Some((code, Measure::read(code)?))).collect()
});

impl Measure {
    fn read(code: &str) -> Option<Measure> {
        // Longer than any unit, and short enough to be cheap to refuse.
        if code.is_empty() || code.len() > 64 {
            return None;
        }
        let found = analyse(code).ok()?;
        let is_linear = found.special.is_none() || !found.offset.is_zero();
        let factor = found.factor.checked_mul(found.scale)?;
        Some(Measure {
            dimension: found.dimension,
            arbitrary: found.arbitrary,
            factor,
            offset: is_linear.then_some(found.offset),
            equivalents: equivalents(code),
        })
    }

    pub(crate) fn is_commensurable(&self, other: &Measure) -> bool {
        self.dimension == other.dimension && self.arbitrary == other.arbitrary
    }

    /// The exponent of the mass in the dimension, which is that of grams.
    fn mass(&self) -> i8 {
        let place = GRAM.as_ref().and_then(|gram| gram.0.iter().position(|exponent| *exponent == 1));
        place.and_then(|place| self.dimension.0.get(place).copied()).unwrap_or(0)
    }

    /// A value of one unit in another on the same scale; temperatures have none in common.
    pub(crate) fn convert(value: Decimal, from: &Measure, to: &Measure) -> Result<Decimal, ReasonKind> {
        if !from.is_commensurable(to) || from.equivalents != to.equivalents {
            return Err(ReasonKind::Incommensurable);
        }
        let is_ratio = |measure: &Measure| measure.offset.is_some_and(Number::is_zero);
        if !is_ratio(from) || !is_ratio(to) {
            return Err(ReasonKind::Scale);
        }
        let number = from.base(value).and_then(|base| base.checked_div(to.factor)).and_then(decimal);
        number.ok_or(ReasonKind::OutOfRange)
    }

    /// Both values in the larger of both units; nothing where they have no scale in common.
    pub(crate) fn in_larger(
        one: (Decimal, &Measure),
        other: (Decimal, &Measure),
    ) -> Option<(Decimal, Decimal)> {
        if one.1.factor < other.1.factor {
            return Measure::convert(one.0, one.1, other.1).ok().map(|value| (value, other.0));
        }
        Measure::convert(other.0, other.1, one.1).ok().map(|value| (one.0, value))
    }

    fn base(&self, value: Decimal) -> Option<Number> {
        let value = Number::parse(&value.to_string())?;
        value.checked_mul(self.factor)?.checked_add(self.offset?)
    }
}

/// How `one` stands to `other`, each a value with its measure, for the analyte if that is known.
pub(crate) fn relation(
    one: (Decimal, &Measure),
    other: (Decimal, &Measure),
    analyte: impl FnOnce() -> Option<Analyte>,
) -> Result<Ordering, ReasonKind> {
    let (is_same, is_charged) = (one.1.is_commensurable(other.1), one.1.equivalents != other.1.equivalents);
    let (one_base, other_base) = (one.1.base(one.0), other.1.base(other.0));
    let (Some(mut one_base), Some(mut other_base)) = (one_base, other_base) else {
        return Err(ReasonKind::Scale);
    };
    if !is_same || is_charged {
        let analyte = analyte().ok_or(ReasonKind::Incommensurable)?;
        if is_charged {
            let valence = analyte.valence().ok_or(ReasonKind::Incommensurable)?;
            one_base = charged(one_base, one.1, valence).ok_or(ReasonKind::OutOfRange)?;
            other_base = charged(other_base, other.1, valence).ok_or(ReasonKind::OutOfRange)?;
        }
        if !is_same {
            let grams = analyte.molar_mass().ok_or(ReasonKind::Incommensurable)?;
            (one_base, other_base) = amounts((one_base, one.1), (other_base, other.1), grams)?;
        }
    }
    close(one_base, other_base).ok_or(ReasonKind::OutOfRange)
}

/// Equivalents become moles: `v` equivalents of an ion with valence `v` are one mole.
fn charged(value: Number, measure: &Measure, valence: i64) -> Option<Number> {
    let factor = Number::from_i64(valence).checked_powi(measure.equivalents)?;
    value.checked_div(factor)
}

/// Masses become amounts, where that is all that lies between the two.
fn amounts(
    one: (Number, &Measure),
    other: (Number, &Measure),
    grams_a_mole: Decimal,
) -> Result<(Number, Number), ReasonKind> {
    let molar = MOLE.as_ref().ok_or(ReasonKind::Incommensurable)?;
    let grams = Number::parse(&grams_a_mole.to_string()).ok_or(ReasonKind::OutOfRange)?;
    let convert = |value: Number, measure: &Measure| -> Option<Number> {
        value.checked_mul(molar.checked_div(grams)?.checked_powi(i32::from(measure.mass()))?)
    };
    let bare = |measure: &Measure| {
        let mut parts = measure.dimension.0;
        let mass = measure.mass();
        for (part, gram) in parts.iter_mut().zip(GRAM.as_ref().map_or([0; 7], |gram| gram.0)) {
            *part -= gram * mass;
        }
        parts
    };
    let is_mass_to_amount = (one.1.mass() == 0) != (other.1.mass() == 0)
        && one.1.arbitrary.is_empty()
        && other.1.arbitrary.is_empty()
        && bare(one.1) == bare(other.1);
    if !is_mass_to_amount {
        return Err(ReasonKind::Incommensurable);
    }
    let (one, other) = (convert(one.0, one.1), convert(other.0, other.1));
    one.zip(other).ok_or(ReasonKind::OutOfRange)
}

static GRAM: LazyLock<Option<Dimension>> = LazyLock::new(|| Some(analyse("g").ok()?.dimension));
/// How many there are in a mole.
static MOLE: LazyLock<Option<Number>> = LazyLock::new(|| Some(analyse("mol").ok()?.factor));

/// As a decimal, to as many digits as there are.
fn decimal(number: Number) -> Option<Decimal> {
    let (digits, exponent) = number.to_integer_and_exponent();
    let value = Decimal::try_from_i128_with_scale(digits, 0).ok()?;
    let shift = (0..exponent.unsigned_abs().min(60)).try_fold(value, |value, _| {
        if exponent > 0 { value.checked_mul(Decimal::TEN) } else { value.checked_div(Decimal::TEN) }
    })?;
    Some(shift.normalize())
}

/// Conversion rounds to 28 digits, so what agrees in 20 is equal: no measurement has as many.
fn close(one: Number, other: Number) -> Option<Ordering> {
    let difference = one.checked_sub(other)?.abs();
    let scale = one.abs().max(other.abs()).checked_mul(Number::power_of_ten(-20))?;
    Some(if difference <= scale { Ordering::Equal } else { one.cmp(&other) })
}

/// The exponent of `eq` in a code: UCUM takes an equivalent for a mole, which is true of valence one only.
fn equivalents(code: &str) -> i32 {
    let mut sign = 1;
    let mut count = 0;
    let mut symbol = String::new();
    for one in code.chars().chain(['.']) {
        match one {
            '/' | '.' => {
                let name: &str = symbol.trim_end_matches(|last: char| last.is_ascii_digit());
                if ["eq", "meq", "ueq", "neq", "keq"].contains(&name) {
                    count += sign;
                }
                symbol.clear();
                sign = if one == '/' { -1 } else { 1 };
            }
            '(' | ')' => {}
            _ => symbol.push(one),
        }
    }
    count
}
