use std::fmt;

use crate::part::{Coding, Level};
use crate::scan::Split;
use crate::{Delimiters, Part, Place, Value};

/// One segment: a name and fields in HL7 numbering. Its `Debug` shows no content.
#[derive(Clone, Copy)]
pub struct Segment<'a> {
    raw: &'a [u8],
    index: usize,
    coding: Coding,
}

impl<'a> Segment<'a> {
    pub(crate) fn new(raw: &'a [u8], index: usize, coding: Coding) -> Segment<'a> {
        Segment { raw, index, coding }
    }

    /// The name as it came; empty when it is not ASCII.
    pub fn name(&self) -> &'a str {
        let name = self.split().next().unwrap_or_default();
        std::str::from_utf8(name).ok().filter(|name| name.is_ascii()).unwrap_or_default()
    }

    pub fn is(&self, name: &str) -> bool {
        self.raw.strip_prefix(name.as_bytes()).is_some_and(|rest| match rest.first() {
            None => true,
            Some(byte) => *byte == self.coding.delimiters.field(),
        })
    }

    /// The segment without its end.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Its place among [`Message::segments`](crate::Message::segments), from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Field `number`, from 1; absent past the last one.
    ///
    /// MSH-1 is the field separator and MSH-2 the encoding characters, both as
    /// they are; so it is in BHS and FHS. Each call walks from the start: use
    /// [`fields`](Self::fields) to visit many.
    pub fn field(&self, number: usize) -> Part<'a> {
        let position = match number {
            0 => None,
            _ => (number - 1).checked_sub(usize::from(self.declares_delimiters())),
        };
        match position {
            Some(position) => self.written_fields().nth(position).unwrap_or(Part::absent(self.coding)),
            None if number == 1 => Part::new(self.separator(), Level::Literal, self.coding),
            None => Part::absent(self.coding),
        }
    }

    /// All fields with their numbers.
    pub fn fields(&self) -> impl Iterator<Item = (usize, Part<'a>)> + use<'a> {
        let separator = Part::new(self.separator(), Level::Literal, self.coding);
        let declared = self.declares_delimiters().then_some(separator);
        declared.into_iter().chain(self.written_fields()).enumerate().map(|(at, part)| (at + 1, part))
    }

    /// The part at a place such as `3[2].4.1`.
    pub fn at(&self, place: &Place) -> Part<'a> {
        self.field(place.field).at(place)
    }

    /// The value at a place written as `3[2].4.1`; absent when it is not a place.
    pub fn value_at(&self, place: &str) -> Value<'a> {
        let part = Place::parse(place).map_or(Part::absent(self.coding), |place| self.at(&place));
        part.value()
    }

    /// What its parts are separated by; the same for all segments of a message.
    pub fn delimiters(&self) -> Delimiters {
        self.coding.delimiters
    }

    fn declares_delimiters(&self) -> bool {
        declares_delimiters(self.raw)
    }

    /// What stands between field separators, after the name.
    fn written_fields(&self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        let coding = self.coding;
        let literal = usize::from(self.declares_delimiters());
        self.split().skip(1).enumerate().map(move |(at, raw)| {
            let level = if at < literal { Level::Literal } else { Level::Field };
            Part::new(raw, level, coding)
        })
    }

    fn separator(&self) -> &'a [u8] {
        self.raw.get(3..4).unwrap_or_default()
    }

    fn split(&self) -> Split<'a> {
        Split::new(self.raw, Some(self.coding.delimiters.field()), self.coding.charset)
    }
}

impl fmt::Debug for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Segment({} of {} bytes)", self.index, self.raw.len())
    }
}

/// MSH, BHS and FHS, in any case, carry the field separator right after the name.
fn declares_delimiters(segment: &[u8]) -> bool {
    segment.get(..3).is_some_and(|name| DECLARING.iter().any(|known| name.eq_ignore_ascii_case(*known)))
}

const DECLARING: [&[u8; 3]; 3] = [b"MSH", b"BHS", b"FHS"];
