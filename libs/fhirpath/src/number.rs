//! Decimals of 28 digits, read exactly or not at all.

use std::str::FromStr as _;

use rust_decimal::Decimal;

/// Reads `1`, `-1.50` or `1e-3` as JSON writes numbers; nothing when a digit would be lost.
pub(crate) fn parse(text: &str) -> Option<Decimal> {
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte))
        && digits.ends_with(|last: char| last.is_ascii_digit());
    if !is_plain {
        return None;
    }
    let value = Decimal::from_str_exact(digits.strip_prefix('+').unwrap_or(digits)).ok()?;
    match exponent {
        0 => Some(value),
        1.. => {
            value.checked_mul(Decimal::from_str(&format!("1{:0>1$}", "", exponent.min(40) as usize)).ok()?)
        }
        _ => {
            let scale = value.scale().checked_add(exponent.unsigned_abs()).filter(|scale| *scale <= 28)?;
            Decimal::try_from_i128_with_scale(value.mantissa(), scale).ok()
        }
    }
}

/// To so many digits after the point, half away from zero.
pub(crate) fn rounded(value: Decimal, digits: u32) -> Decimal {
    value.round_dp_with_strategy(digits, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}
