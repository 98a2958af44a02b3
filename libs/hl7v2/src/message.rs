use std::fmt;
use std::ops::Range;

use crate::part::Coding;
use crate::{Charset, Delimiters, Header, Part, Path, Segment, Value};

/// A message that was read, borrowing its bytes. Its `Debug` shows no content.
#[derive(Clone)]
pub struct Message<'a> {
    bytes: &'a [u8],
    lines: Vec<Span>,
    header: usize,
    coding: Coding,
}

impl<'a> Message<'a> {
    pub(crate) fn new(bytes: &'a [u8], lines: Vec<Span>, header: usize, coding: Coding) -> Message<'a> {
        Message { bytes, lines, header, coding }
    }

    /// The same message read with what its header says.
    pub(crate) fn recoded(self, coding: Coding) -> Message<'a> {
        Message { coding, ..self }
    }

    /// MSH by name.
    pub fn header(&self) -> Header<'a> {
        let header = self.whole().nth(self.header).unwrap_or(Segment::new(b"", 0, self.coding));
        let is_about_software = |segment: &Segment<'_>| segment.is("SFT") || segment.is("UAC");
        let mut body = self.segments().skip(self.header + 1).skip_while(is_about_software);
        Header::new(header, body.next().is_some_and(|segment| segment.is("MSA")))
    }

    /// All segments in order, the header among them.
    pub fn segments(&self) -> Segments<'_, 'a> {
        self.whole().segments()
    }

    /// The first segment of that name.
    pub fn segment(&self, name: &str) -> Option<Segment<'a>> {
        self.whole().segment(name)
    }

    pub fn segments_named<'m>(&'m self, name: &'m str) -> impl Iterator<Item = Segment<'a>> + use<'m, 'a> {
        self.whole().segments_named(name)
    }

    /// Runs of segments that start with one of `starts`; see [`Group::groups`].
    pub fn groups<'m>(&'m self, starts: &'m [&'m str]) -> impl Iterator<Item = Group<'m, 'a>> + use<'m, 'a> {
        self.whole().groups(starts)
    }

    /// All segments as one group.
    pub fn whole(&self) -> Group<'_, 'a> {
        Group { message: self, range: 0..self.lines.len() }
    }

    /// The part a path names; absent when there is no such segment.
    pub fn part(&self, path: &Path) -> Part<'a> {
        self.whole().part(path)
    }

    /// The value at a path written as `PID-3[2].4.1`; absent when it is not a path.
    ///
    /// A path a person wrote is better read once with [`Path::parse`], which can refuse it.
    pub fn value(&self, path: &str) -> Value<'a> {
        self.whole().value(path)
    }

    pub fn delimiters(&self) -> Delimiters {
        self.coding.delimiters
    }

    pub fn charset(&self) -> Charset {
        self.coding.charset
    }

    /// The bytes as they came.
    pub fn raw(&self) -> &'a [u8] {
        self.bytes
    }

    /// The message written again from its segments and what stands between them.
    ///
    /// Equal to [`raw`](Self::raw), byte by byte, for any input.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut written = 0;
        for span in &self.lines {
            let between = self.bytes.get(written..span.start()).unwrap_or_default();
            bytes.extend_from_slice(between);
            bytes.extend_from_slice(self.bytes.get(span.range()).unwrap_or_default());
            written = span.range().end;
        }
        bytes.extend_from_slice(self.bytes.get(written..).unwrap_or_default());
        bytes
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({} bytes, {} segments)", self.bytes.len(), self.lines.len())
    }
}

/// Consecutive segments of a message.
#[derive(Debug, Clone)]
pub struct Group<'m, 'a> {
    message: &'m Message<'a>,
    range: Range<usize>,
}

impl<'m, 'a> Group<'m, 'a> {
    pub fn segments(&self) -> Segments<'m, 'a> {
        Segments { message: self.message, range: self.range.clone() }
    }

    /// The first segment of that name.
    pub fn segment(&self, name: &str) -> Option<Segment<'a>> {
        self.segments().find(|segment| segment.is(name))
    }

    pub fn segments_named(&self, name: &'m str) -> impl Iterator<Item = Segment<'a>> + use<'m, 'a> {
        self.segments().filter(move |segment| segment.is(name))
    }

    /// Runs of segments that start with one of `starts` and reach to the next such start.
    ///
    /// Starts that follow each other in the order given open one group: with
    /// `["ORC", "OBR"]` an ORC and its OBR stay together, and an OBR without an
    /// ORC starts its own. Segments before the first start are in no group.
    pub fn groups(&self, starts: &'m [&'m str]) -> impl Iterator<Item = Group<'m, 'a>> + use<'m, 'a> {
        Groups { message: self.message, range: self.range.clone(), starts }
    }

    /// The part a path names; absent when there is no such segment.
    pub fn part(&self, path: &Path) -> Part<'a> {
        let mut named = self.segments().filter(|segment| segment.is(&path.segment));
        let segment = path.occurrence.checked_sub(1).and_then(|position| named.nth(position));
        segment.map_or(Part::absent(self.message.coding), |segment| segment.at(&path.place))
    }

    /// The value at a path written as `OBR-4.1`; absent when it is not a path.
    pub fn value(&self, path: &str) -> Value<'a> {
        Path::parse(path).map_or(Value::Absent, |path| self.part(&path).value())
    }

    fn nth(&self, position: usize) -> Option<Segment<'a>> {
        self.segments().nth(position)
    }
}

/// Segments in order.
#[derive(Debug, Clone)]
pub struct Segments<'m, 'a> {
    message: &'m Message<'a>,
    range: Range<usize>,
}

impl<'a> Iterator for Segments<'_, 'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        let index = self.range.next()?;
        let span = self.message.lines.get(index)?;
        Some(Segment::new(self.message.bytes.get(span.range())?, index, self.message.coding))
    }

    fn nth(&mut self, skipped: usize) -> Option<Segment<'a>> {
        self.range.start = self.range.start.saturating_add(skipped).min(self.range.end);
        self.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.range.size_hint()
    }
}

struct Groups<'m, 'a> {
    message: &'m Message<'a>,
    range: Range<usize>,
    starts: &'m [&'m str],
}

impl<'m, 'a> Groups<'m, 'a> {
    /// Which of the starts a segment is.
    fn rank(&self, segment: &Segment<'a>) -> Option<usize> {
        self.starts.iter().position(|name| segment.is(name))
    }
}

impl<'m, 'a> Iterator for Groups<'m, 'a> {
    type Item = Group<'m, 'a>;

    fn next(&mut self) -> Option<Group<'m, 'a>> {
        let segments = Segments { message: self.message, range: self.range.clone() };
        let mut ranked = segments.map(|segment| (segment.index(), self.rank(&segment)));
        let (start, mut opened) = ranked.find(|(_, rank)| rank.is_some())?;
        let next = ranked.find(|(_, rank)| {
            let continues = rank.is_none() || (opened.is_some() && opened < *rank);
            opened = *rank;
            !continues
        });
        let end = next.map_or(self.range.end, |(index, _)| index);
        self.range.start = end;
        Some(Group { message: self.message, range: start..end })
    }
}

/// Where a segment stands in the bytes, without its end.
///
/// Half the size of a range: a hostile message may have a segment every two bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    start: u32,
    length: u32,
}

impl Span {
    /// The caller has refused input of more than `u32::MAX` bytes.
    pub(crate) fn new(start: usize, length: usize) -> Span {
        Span { start: u32::try_from(start).unwrap_or(u32::MAX), length: u32::try_from(length).unwrap_or(0) }
    }

    fn start(self) -> usize {
        self.start as usize
    }

    fn range(self) -> Range<usize> {
        self.start()..self.start() + self.length as usize
    }
}
