//! Where something stands in a message: written out only where somebody asks.

use std::fmt;

use hl7v2::{Part, Segment};

use super::source::Place;

/// A segment, or a part of one by the way down to it.
///
/// Shown, it is the place that is counted: `PID-3.1`, whichever segment and repetition it was.
#[derive(Debug, Clone, Copy)]
pub(super) enum Spot<'p> {
    /// The segment of this name, by its place in the message.
    Segment { name: &'p str, index: usize },
    /// A part of what is above it; repetition 0 is the whole field.
    Part { of: &'p Spot<'p>, place: Place, repetition: usize },
}

impl<'p> Spot<'p> {
    /// The part at a place, with all its repetitions.
    pub(super) fn part(&'p self, place: Place) -> Spot<'p> {
        Spot::Part { of: self, place, repetition: 0 }
    }

    /// The field or component of a number.
    pub(super) fn child(&'p self, number: usize) -> Spot<'p> {
        self.part(Place { number, component: None })
    }

    /// One repetition, from 1.
    pub(super) fn repetition(self, number: usize) -> Spot<'p> {
        match self {
            Spot::Part { of, place, .. } => Spot::Part { of, place, repetition: number },
            Spot::Segment { .. } => self,
        }
    }
}

impl fmt::Display for Spot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (of, place) = match self {
            Spot::Segment { name, .. } => return f.write_str(name),
            // 0 is the whole of what is above.
            Spot::Part { of, place, .. } if place.number == 0 => return of.fmt(f),
            Spot::Part { of, place, .. } => (of, place),
        };
        let between = if matches!(of, Spot::Segment { .. }) { '-' } else { '.' };
        write!(f, "{of}{between}{}", place.number)?;
        place.component.map_or(Ok(()), |component| write!(f, ".{component}"))
    }
}

/// A spot to be kept: which segment, which repetition of its field, and the numbers down to the part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Address {
    segment: usize,
    repetition: usize,
    numbers: Vec<usize>,
}

impl From<&Spot<'_>> for Address {
    fn from(spot: &Spot<'_>) -> Self {
        let (of, place, repetition) = match spot {
            Spot::Segment { index, .. } => return Address { segment: *index, ..Address::default() },
            Spot::Part { of, place, repetition } => (of, place, repetition),
        };
        let mut address = Address::from(*of);
        if address.numbers.is_empty() {
            address.repetition = *repetition;
        }
        if place.number != 0 {
            address.numbers.push(place.number);
            address.numbers.extend(place.component);
        }
        address
    }
}

impl Address {
    /// Sorts by the message, down to the repetition of a field.
    pub(super) fn order(&self) -> (usize, Option<usize>, usize) {
        (self.segment, self.numbers.first().copied(), self.repetition)
    }

    /// How people write it: `PID-3[2].1`; with the number of the segment where there are several, `OBX[2]-5`.
    pub(super) fn text(&self, segments: &[Named<'_>]) -> String {
        let mut text = segments.get(self.segment).map(Named::text).unwrap_or_default();
        for (depth, number) in self.numbers.iter().enumerate() {
            text.push(if depth == 0 { '-' } else { '.' });
            text.push_str(&number.to_string());
            if depth == 0 && self.repetition > 1 {
                text.push_str(&format!("[{}]", self.repetition));
            }
        }
        text
    }

    /// What is said there, as the sender wrote it.
    pub(super) fn part<'a>(&self, segments: &[Named<'a>]) -> Option<Part<'a>> {
        let mut numbers = self.numbers.iter().copied();
        let field = segments.get(self.segment)?.segment.field(numbers.next()?);
        let whole = if self.repetition == 0 { field } else { field.repetition(self.repetition) };
        let component = numbers.next().map_or(whole, |number| whole.component(number));
        // A leaf is its own first part.
        Some(numbers.next().map_or(component, |number| component.subcomponent(number)))
    }
}

/// A segment of the message with what it is called there.
pub(super) struct Named<'a> {
    segment: Segment<'a>,
    name: &'a str,
    /// Its number among those of its name, where there are several.
    number: Option<usize>,
}

impl<'a> Named<'a> {
    /// All segments of a message, each with a name that is one.
    pub(super) fn all(segments: impl Iterator<Item = (Segment<'a>, &'a str)>) -> Vec<Named<'a>> {
        let found: Vec<_> = segments.collect();
        let mut seen = std::collections::HashMap::new();
        let mut named: Vec<Named<'a>> = Vec::with_capacity(found.len());
        for (segment, name) in found {
            let number = seen.entry(name).or_insert(0);
            *number += 1;
            named.push(Named { segment, name, number: Some(*number) });
        }
        for one in &mut named {
            one.number = one.number.filter(|_| seen[one.name] > 1);
        }
        named
    }

    fn text(&self) -> String {
        match self.number {
            Some(number) => format!("{}[{number}]", self.name),
            None => self.name.to_owned(),
        }
    }
}
