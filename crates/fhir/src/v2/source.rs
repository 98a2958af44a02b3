//! What a table row reads from: a segment, or a part at a known depth.

use hl7v2::{Part, Segment, Value};

/// A segment, or a field, component or subcomponent of one.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'a> {
    /// Places are fields.
    Segment(Segment<'a>),
    /// Places are what the part is made of.
    Part(Piece<'a>),
}

/// A part that knows how deep it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) part: Part<'a>,
    depth: Depth,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    Field,
    Component,
    Subcomponent,
}

/// A place of a row: `3`, `11.4`, or `0` for the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) number: usize,
    pub(super) component: Option<usize>,
}

impl Place {
    pub(super) fn parse(text: &str) -> Option<Place> {
        let (number, component) = match text.split_once('.') {
            Some((number, component)) => (number, Some(component.parse().ok()?)),
            None => (text, None),
        };
        Some(Place { number: number.parse().ok()?, component })
    }
}

impl<'a> Source<'a> {
    /// The part at a place; absent when there is none.
    pub(super) fn part(self, place: Place) -> Piece<'a> {
        let found = match self {
            Source::Segment(segment) => Piece { part: segment.field(place.number), depth: Depth::Field },
            Source::Part(piece) if place.number == 0 => piece,
            Source::Part(piece) => piece.child(place.number),
        };
        place.component.map_or(found, |component| found.child(component))
    }

    /// The numbers of all parts that hold something.
    pub(super) fn said(self) -> Vec<usize> {
        let is_said = |part: &Part<'a>| !part.is_empty();
        match self {
            Source::Segment(segment) => {
                segment.fields().filter(|(_, part)| is_said(part)).map(|(number, _)| number).collect()
            }
            Source::Part(piece) => {
                piece.children().enumerate().filter(|(_, part)| is_said(part)).map(|(at, _)| at + 1).collect()
            }
        }
    }
}

impl<'a> Piece<'a> {
    /// The value of the first leaf, decoded; empty where nothing is said.
    pub(super) fn text(self) -> String {
        self.part.value().into_text().map(std::borrow::Cow::into_owned).unwrap_or_default()
    }

    /// Whether the sender asks to delete what is on file.
    pub(super) fn is_delete(self) -> bool {
        self.part.value() == Value::Delete && self.part.raw().len() == 2
    }

    pub(super) fn child(self, number: usize) -> Piece<'a> {
        match self.depth {
            Depth::Field => Piece { part: self.part.component(number), depth: Depth::Component },
            Depth::Component => Piece { part: self.part.subcomponent(number), depth: Depth::Subcomponent },
            // A leaf is its own first child and has no second.
            Depth::Subcomponent if number == 1 => self,
            Depth::Subcomponent => Piece { part: self.part.component(number), depth: Depth::Subcomponent },
        }
    }

    /// One piece for each repetition of a field.
    pub(super) fn repetitions(self) -> impl Iterator<Item = Piece<'a>> {
        self.part.repetitions().map(move |part| Piece { part, depth: self.depth })
    }

    /// Whether there is more than one leaf that says something.
    pub(super) fn is_composite(self) -> bool {
        self.children().skip(1).any(|part| !part.is_empty())
    }

    fn children(self) -> hl7v2::Parts<'a> {
        match self.depth {
            Depth::Field => self.part.components(),
            Depth::Component | Depth::Subcomponent => self.part.subcomponents(),
        }
    }
}
