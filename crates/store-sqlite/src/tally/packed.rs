//! Sums of one group in few bytes.
//!
//! Numbers are LEB128, signed ones with their sign in the lowest bit; text stands behind its length;
//! of a list of counts, those that are not zero, each behind its place.

use model::Lane;

use crate::fault::{Fault, Result};

/// Writes.
#[derive(Default)]
pub(super) struct Packer(Vec<u8>);

impl Packer {
    pub(super) fn number(&mut self, number: i64) -> &mut Self {
        self.natural(((number << 1) ^ (number >> 63)).cast_unsigned())
    }

    pub(super) fn number_if_any(&mut self, number: Option<i64>) -> &mut Self {
        match number {
            None => self.natural(0),
            Some(number) => self.natural(1).number(number),
        }
    }

    pub(super) fn lane(&mut self, lane: Lane) -> &mut Self {
        self.natural(lane.index() as u64)
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.natural(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    pub(super) fn counts(&mut self, counts: &[u32]) -> &mut Self {
        let some = || counts.iter().enumerate().filter(|(_, count)| **count > 0);
        self.natural(some().count() as u64);
        some().fold(self, |to, (place, count)| to.natural(place as u64).natural((*count).into()))
    }

    pub(super) fn natural(&mut self, mut number: u64) -> &mut Self {
        while number > 127 {
            self.0.push(number as u8 | 128);
            number >>= 7;
        }
        self.0.push(number as u8);
        self
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Reads what [`Packer`] wrote, in the same order.
pub(super) struct Unpacker<'a>(&'a [u8]);

impl<'a> Unpacker<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Unpacker(bytes)
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn number(&mut self) -> Result<i64> {
        let number = self.natural()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    pub(super) fn number_if_any(&mut self) -> Result<Option<i64>> {
        if self.natural()? == 0 { Ok(None) } else { self.number().map(Some) }
    }

    pub(super) fn text(&mut self) -> Result<&'a str> {
        let length = usize::try_from(self.natural()?).map_err(|_| damaged())?;
        let (text, rest) = self.0.split_at_checked(length).ok_or_else(damaged)?;
        self.0 = rest;
        str::from_utf8(text).map_err(|_| damaged())
    }

    pub(super) fn lane(&mut self) -> Result<Lane> {
        usize::try_from(self.natural()?).ok().and_then(Lane::at).ok_or_else(damaged)
    }

    pub(super) fn counts<const N: usize>(&mut self) -> Result<[u32; N]> {
        let mut counts = [0; N];
        for _ in 0..self.natural()? {
            let place = usize::try_from(self.natural()?).map_err(|_| damaged())?;
            let count = u32::try_from(self.natural()?).map_err(|_| damaged())?;
            *counts.get_mut(place).ok_or_else(damaged)? = count;
        }
        Ok(counts)
    }

    pub(super) fn natural(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first().ok_or_else(damaged)?;
            self.0 = rest;
            number |= u64::from(byte & 127) << shift;
            if byte & 128 == 0 {
                return Ok(number);
            }
        }
        Err(damaged())
    }
}

fn damaged() -> Fault {
    Fault::damaged("sums_behind", "not what a group writes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back_and_what_is_cut_does_not() {
        let mut packer = Packer::default();
        let mut counts = [0; 40];
        (counts[3], counts[39]) = (7, u32::MAX);
        let numbers = [0, 1, -1, 63, -64, 64, i64::MAX, i64::MIN];
        numbers.iter().fold(&mut packer, |to, number| to.number(*number));
        packer.number_if_any(None).number_if_any(Some(-5)).text("lab.result.final").counts(&counts);
        let bytes = packer.into_bytes();
        let read = |bytes: &[u8]| -> Result<_> {
            let mut from = Unpacker::of(bytes);
            let read: Vec<i64> = numbers.iter().map(|_| from.number()).collect::<Result<_>>()?;
            let rest = (from.number_if_any()?, from.number_if_any()?, from.text()?.to_owned());
            Ok((read, rest, from.counts::<40>()?, from.is_over()))
        };
        let rest = (None, Some(-5), "lab.result.final".to_owned());
        assert_eq!(read(&bytes).unwrap(), (numbers.to_vec(), rest, counts, true));
        for length in 0..bytes.len() {
            assert!(read(&bytes[..length]).is_err(), "{length} bytes");
        }
    }
}
