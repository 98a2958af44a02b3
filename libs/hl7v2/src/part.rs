use std::borrow::Cow;
use std::fmt;

use crate::escape;
use crate::scan::Split;
use crate::{Charset, Delimiters, FlawKind, Place};

/// A field, repetition, component or subcomponent, or the absence of one.
///
/// Steps never fail: past the end they give an absent part. Each part is its own
/// first child, and a step down passes the levels between: `field.component(2)`
/// is component 2 of the first repetition. HL7 asks for that, so that a simple
/// value can become composite in a later version.
///
/// Its `Debug` shows no content.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    raw: Option<&'a [u8]>,
    level: Level,
    coding: Coding,
}

impl<'a> Part<'a> {
    pub(crate) fn new(raw: &'a [u8], level: Level, coding: Coding) -> Part<'a> {
        Part { raw: Some(raw), level, coding }
    }

    pub(crate) fn absent(coding: Coding) -> Part<'a> {
        Part { raw: None, level: Level::Subcomponent, coding }
    }

    /// The bytes as they came; empty when absent.
    pub fn raw(&self) -> &'a [u8] {
        self.raw.unwrap_or_default()
    }

    /// Whether the segment ends before this part.
    pub fn is_absent(&self) -> bool {
        self.raw.is_none()
    }

    /// Absent or without a byte. `""` is not empty.
    pub fn is_empty(&self) -> bool {
        self.raw().is_empty()
    }

    /// All repetitions: none when absent, one when empty.
    pub fn repetitions(&self) -> Parts<'a> {
        self.split(Level::Repetition)
    }

    /// All components of the first repetition.
    pub fn components(&self) -> Parts<'a> {
        self.first(Level::Repetition).split(Level::Component)
    }

    /// All subcomponents of the first component.
    pub fn subcomponents(&self) -> Parts<'a> {
        self.first(Level::Component).split(Level::Subcomponent)
    }

    /// Repetition `number`, from 1.
    pub fn repetition(&self, number: usize) -> Part<'a> {
        self.child(self.repetitions(), number)
    }

    /// Component `number`, from 1, of the first repetition.
    pub fn component(&self, number: usize) -> Part<'a> {
        self.child(self.components(), number)
    }

    /// Subcomponent `number`, from 1, of the first component.
    pub fn subcomponent(&self, number: usize) -> Part<'a> {
        self.child(self.subcomponents(), number)
    }

    /// The part below this field that a place names.
    pub fn at(&self, place: &Place) -> Part<'a> {
        let repetition = self.repetition(place.repetition);
        match (place.component, place.subcomponent) {
            (None, _) => repetition,
            (Some(component), None) => repetition.component(component),
            (Some(component), Some(subcomponent)) => {
                repetition.component(component).subcomponent(subcomponent)
            }
        }
    }

    /// The decoded value of the first subcomponent of the first component of the first repetition.
    ///
    /// What a receiver that expects a simple type reads. For free text whose
    /// sender forgets to escape, see [`text`](Self::text).
    pub fn value(&self) -> Value<'a> {
        let leaf = self.first(Level::Subcomponent);
        match leaf.raw {
            None => Value::Absent,
            Some([]) => Value::Empty,
            Some(b"\"\"") if self.level != Level::Literal => Value::Delete,
            Some(_) => Value::Text(leaf.text()),
        }
    }

    /// The whole part decoded, with the delimiters in it left as they are: `Smith & Sons`.
    pub fn text(&self) -> Cow<'a, str> {
        if self.level == Level::Literal {
            return self.coding.charset.decode(self.raw());
        }
        escape::unescape(self.raw(), &self.coding.delimiters, self.coding.charset)
    }

    /// What keeps this part from being text as the sender meant it.
    pub fn flaw(&self) -> Option<FlawKind> {
        if self.level == Level::Literal {
            return None;
        }
        escape::flaw(self.raw(), &self.coding.delimiters, self.coding.charset)
    }

    fn child(&self, mut children: Parts<'a>, number: usize) -> Part<'a> {
        let position = number.checked_sub(1);
        position.and_then(|position| children.nth(position)).unwrap_or(Part::absent(self.coding))
    }

    /// The first descendant at a level; itself when it is at that level already.
    fn first(&self, level: Level) -> Part<'a> {
        let mut part = *self;
        for step in [Level::Repetition, Level::Component, Level::Subcomponent] {
            if step <= level {
                part = part.split(step).next().unwrap_or(Part::absent(self.coding));
            }
        }
        part
    }

    fn split(&self, level: Level) -> Parts<'a> {
        let Coding { delimiters, charset } = self.coding;
        let delimiter = match level {
            Level::Repetition => delimiters.repetition(),
            Level::Component => delimiters.component(),
            Level::Subcomponent => delimiters.subcomponent(),
            Level::Field | Level::Literal => None,
        };
        let (delimiter, level) = if self.level < level { (delimiter, level) } else { (None, self.level) };
        let split = self.raw.map_or(Split::none(charset), |raw| Split::new(raw, delimiter, charset));
        Parts { split, level, coding: self.coding }
    }
}

impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.raw {
            None => f.write_str("Part(absent)"),
            Some(raw) => write!(f, "Part({:?} of {} bytes)", self.level, raw.len()),
        }
    }
}

/// Parts side by side, split as they are asked for.
#[derive(Clone)]
pub struct Parts<'a> {
    split: Split<'a>,
    level: Level,
    coding: Coding,
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        self.split.next().map(|raw| Part::new(raw, self.level, self.coding))
    }
}

/// What a sender says about a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// The segment or field ends before it: nothing is said.
    Absent,
    /// It is there and empty: nothing is said.
    Empty,
    /// `""`: what is on file is to be deleted.
    Delete,
    /// Decoded text. It may hold any character, CR and NUL too.
    Text(Cow<'a, str>),
}

impl<'a> Value<'a> {
    /// The text, if there is any.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            Value::Absent | Value::Empty | Value::Delete => None,
        }
    }

    /// The text, if there is any.
    pub fn into_text(self) -> Option<Cow<'a, str>> {
        match self {
            Value::Text(text) => Some(text),
            Value::Absent | Value::Empty | Value::Delete => None,
        }
    }

    /// Whether the sender gives a text or asks to delete one.
    pub fn is_said(&self) -> bool {
        matches!(self, Value::Text(_) | Value::Delete)
    }
}

/// How bytes of one message are split and decoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Coding {
    pub(crate) delimiters: Delimiters,
    pub(crate) charset: Charset,
}

/// Ordered from the outside in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Field,
    Repetition,
    Component,
    Subcomponent,
    /// MSH-1 and MSH-2, which are neither split nor unescaped.
    Literal,
}
