//! What a table row reads from: a segment, or a part at a known depth.

use hl7v2::{Part, Segment, Value};

/// A segment, or a field, component or subcomponent of one.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'a> {
    /// Places are fields.
    Segment(Sheet<'a>),
    /// Places are what the part is made of.
    Part(Piece<'a>),
}

/// A segment as it is read: whole, or with one repetition only of one of its fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sheet<'a> {
    pub(super) segment: Segment<'a>,
    /// The number of the field, and that of its repetition, both from 1.
    only: Option<(usize, usize)>,
}

impl<'a> Sheet<'a> {
    /// All of a segment.
    pub(super) fn whole(segment: Segment<'a>) -> Sheet<'a> {
        Sheet { segment, only: None }
    }

    /// One for each repetition of a field that says something.
    pub(super) fn each(segment: Segment<'a>, field: usize) -> impl Iterator<Item = Sheet<'a>> {
        let said = segment.field(field).repetitions().enumerate().filter(|(_, part)| !part.is_empty());
        said.map(move |(at, _)| Sheet { segment, only: Some((field, at + 1)) })
    }

    /// What is read of a field.
    pub(super) fn field(self, number: usize) -> Part<'a> {
        let field = self.segment.field(number);
        match self.only {
            Some((only, repetition)) if only == number => field.repetition(repetition),
            _ => field,
        }
    }

    /// The numbers of the fields that hold something in what is read.
    fn said(self) -> Vec<usize> {
        let is_read = |(number, part): &(usize, Part<'a>)| match self.only {
            Some((only, repetition)) if only == *number => !part.repetition(repetition).is_empty(),
            _ => !part.is_empty(),
        };
        self.segment.fields().filter(is_read).map(|(number, _)| number).collect()
    }
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
            Source::Segment(sheet) => Piece { part: sheet.field(place.number), depth: Depth::Field },
            Source::Part(piece) if place.number == 0 => piece,
            Source::Part(piece) => piece.child(place.number),
        };
        place.component.map_or(found, |component| found.child(component))
    }

    /// The numbers of all parts that hold something.
    pub(super) fn said(self) -> Vec<usize> {
        match self {
            Source::Segment(sheet) => sheet.said(),
            Source::Part(piece) => piece.said(),
        }
    }

    /// The number of the first repetition of a field that is read.
    pub(super) fn first_of(self, number: usize) -> usize {
        let Source::Segment(Sheet { only, .. }) = self else { return 1 };
        only.filter(|(field, _)| *field == number).map_or(1, |(_, repetition)| repetition)
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

    /// The numbers of the parts of the first repetition that hold something.
    pub(super) fn said(self) -> Vec<usize> {
        let parts = self.children().enumerate().filter(|(_, part)| !part.is_empty());
        parts.map(|(at, _)| at + 1).collect()
    }

    fn children(self) -> hl7v2::Parts<'a> {
        match self.depth {
            Depth::Field => self.part.components(),
            Depth::Component | Depth::Subcomponent => self.part.subcomponents(),
        }
    }
}
