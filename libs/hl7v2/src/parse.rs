use std::fmt;

use crate::delimiters::Reading;
use crate::flaw::Flaws;
use crate::lines::{Line, Lines, is_name};
use crate::message::Span;
use crate::part::Coding;
use crate::{Charset, Delimiters, Flaw, FlawKind, Message, Segment};

/// Reads a message; what is odd about it comes as a list of at most a hundred flaws.
///
/// A message with a readable MSH is always read. Every other line is kept as a
/// segment, in order, whatever its name. Linear in the length of the input, with
/// one allocation for the places of the segments.
pub fn parse(bytes: &[u8]) -> Result<(Message<'_>, Vec<Flaw>), NoHeader> {
    parse_assuming(bytes, Charset::default())
}

/// As [`parse`], for a sender that is known to use `charset` where MSH-18 says nothing.
pub fn parse_assuming(bytes: &[u8], charset: Charset) -> Result<(Message<'_>, Vec<Flaw>), NoHeader> {
    let mut flaws = Flaws::default();
    let found = find_header(bytes)?;
    let (delimiters, reading) = Delimiters::of_header(found)?;
    let mut coding = Coding { delimiters, charset: Charset::default() };
    let (lines, header) = read_lines(bytes, delimiters, &mut flaws);
    let message = Message::new(bytes, lines, header, coding);
    coding.charset = read_charset(&message.header().segment(), charset);
    let message = Message::recoded(message, coding);
    if reading == Reading::Repaired {
        flaws.add_at(FlawKind::EncodingCharacters, header, Some(2));
    }
    check_header(&message, &mut flaws);
    check_segments(&message, &mut flaws);
    Ok((message, flaws.into_vec()))
}

/// Why bytes are not a message: there is nothing an answer could be addressed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoHeader {
    /// No line starts with MSH.
    Missing,
    /// MSH stands alone, without a field separator.
    TooShort,
    /// What follows MSH cannot separate fields: a letter, a digit, a blank, NUL or not ASCII.
    FieldSeparator,
    /// The text is UTF-16, which HL7 does not allow where messages are bytes.
    Utf16,
    /// 4 GiB or more.
    TooLarge,
}

impl fmt::Display for NoHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoHeader::Missing => "no MSH segment",
            NoHeader::TooShort => "MSH segment has no field separator",
            NoHeader::FieldSeparator => "field separator in MSH is not usable",
            NoHeader::Utf16 => "message is UTF-16",
            NoHeader::TooLarge => "message is 4 GiB or more",
        })
    }
}

impl std::error::Error for NoHeader {}

/// UTF-8 byte order mark.
pub(crate) const MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether a line is an MSH, in any case.
pub(crate) fn is_header(line: &[u8]) -> bool {
    line.get(..3).is_some_and(|name| name.eq_ignore_ascii_case(b"MSH"))
}

/// Whether a line is a header or trailer of a batch or file.
pub(crate) fn is_envelope(line: &[u8]) -> bool {
    let is_named = matches!(line.get(..3), Some(b"FHS" | b"BHS" | b"BTS" | b"FTS"));
    is_named && !line.get(3).is_some_and(u8::is_ascii_alphanumeric)
}

/// The first MSH, seen without knowing the field separator yet.
fn find_header(bytes: &[u8]) -> Result<&[u8], NoHeader> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(NoHeader::TooLarge);
    }
    let text = bytes.strip_prefix(MARK).unwrap_or(bytes);
    let mut lines = text.split(|byte| matches!(byte, b'\r' | b'\n'));
    match lines.find(|line| is_header(line)) {
        Some(line) => Ok(line),
        None if is_utf16(bytes) => Err(NoHeader::Utf16),
        None => Err(NoHeader::Missing),
    }
}

fn is_utf16(bytes: &[u8]) -> bool {
    let starts: [&[u8]; 4] = [b"\xff\xfe", b"\xfe\xff", b"M\0S\0H\0", b"\0M\0S\0H"];
    starts.iter().any(|start| bytes.starts_with(start))
}

/// Finds the segments and which of them is the header.
fn read_lines(bytes: &[u8], delimiters: Delimiters, flaws: &mut Flaws) -> (Vec<Span>, usize) {
    let text = bytes.strip_prefix(MARK).unwrap_or(bytes);
    let mut start = bytes.len() - text.len();
    if start > 0 {
        flaws.add_once(FlawKind::ByteOrderMark);
    }
    let ends = text.iter().filter(|byte| matches!(byte, b'\r' | b'\n')).count();
    let mut spans = Vec::with_capacity(ends + 1);
    let mut header = None;
    for line in Lines::new(text, delimiters.field()) {
        check_line(&line, flaws);
        if !line.body.is_empty() {
            if is_header(line.body) {
                header = header.or(Some(spans.len()));
            }
            spans.push(Span::new(start, line.body.len()));
        }
        start += line.body.len() + line.end.len();
    }
    (spans, header.unwrap_or(0))
}

fn check_line(line: &Line<'_>, flaws: &mut Flaws) {
    if line.body.is_empty() {
        flaws.add_once(FlawKind::BlankLine);
    } else if line.end.is_empty() {
        flaws.add_once(FlawKind::MissingEnd);
    }
    if line.end.contains(&b'\n') {
        flaws.add_once(FlawKind::LineFeedEnds);
    }
}

fn read_charset(header: &Segment<'_>, assumed: Charset) -> Charset {
    let field = header.field(18);
    let names = field.repetitions().map(|name| name.text());
    let charset = Charset::declared(names).unwrap_or(Charset::unknown());
    let is_silent = field.repetitions().all(|name| !name.value().is_said());
    if is_silent { assumed } else { charset }
}

fn check_header(message: &Message<'_>, flaws: &mut Flaws) {
    let header = message.header().segment();
    if !header.raw().starts_with(b"MSH") {
        flaws.add_at(FlawKind::HeaderCase, header.index(), None);
    }
    // Without these an answer has no kind, no id, or no version. HL7 v2.5.1 §2.15.9.
    for number in [9, 10, 12] {
        if !header.field(number).value().is_said() {
            flaws.add_at(FlawKind::MissingHeaderField, header.index(), Some(number));
        }
    }
    let charset = message.charset();
    let seems_utf8 = || !message.raw().is_ascii() && std::str::from_utf8(message.raw()).is_ok();
    if charset.is_unknown() {
        flaws.add_at(FlawKind::UnknownCharset, header.index(), Some(18));
    } else if charset.is_single_byte() && seems_utf8() {
        flaws.add_at(FlawKind::SuspectCharset, header.index(), Some(18));
    }
}

fn check_segments(message: &Message<'_>, flaws: &mut Flaws) {
    let header = message.header().segment().index();
    let fits = message.charset().fits(message.raw());
    let mark = message.delimiters().escape();
    for segment in message.segments() {
        if flaws.is_full() {
            return;
        }
        let index = segment.index();
        if is_envelope(segment.raw()) {
            flaws.add_at(FlawKind::BatchEnvelope, index, None);
        } else if index < header {
            flaws.add_at(FlawKind::BeforeHeader, index, None);
        } else if index > header && is_header(segment.raw()) {
            flaws.add_at(FlawKind::SecondHeader, index, None);
        } else if index > header && !is_name(segment.name().as_bytes()) {
            flaws.add_at(FlawKind::SegmentName, index, None);
        }
        if segment.raw().contains(&b'\n') {
            flaws.add_at(FlawKind::LineFeedInValue, index, None);
        }
        if !fits || mark.is_some_and(|mark| segment.raw().contains(&mark)) {
            check_fields(&segment, flaws);
        }
    }
}

fn check_fields(segment: &Segment<'_>, flaws: &mut Flaws) {
    for (number, field) in segment.fields() {
        if flaws.is_full() {
            return;
        }
        if let Some(kind) = field.flaw() {
            flaws.add_at(kind, segment.index(), Some(number));
        }
    }
}
