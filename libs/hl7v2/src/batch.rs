//! Batches: `FHS BHS … BTS FTS` around messages, or messages in a row.

use std::fmt;

use crate::flaw::Flaws;
use crate::lines::Lines;
use crate::parse::{MARK, is_envelope, is_header};
use crate::part::{Coding, Part};
use crate::{Charset, Delimiters, Flaw, FlawKind, Segment};

/// Messages of a batch and what stands around them; together they are all bytes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Batch<'a> {
    /// Each starts with its MSH.
    pub messages: Vec<&'a [u8]>,
    /// Runs of segments that belong to no message: headers, trailers and strays.
    pub envelope: Vec<&'a [u8]>,
    /// Whether FHS, BHS, BTS or FTS stands anywhere.
    pub is_enveloped: bool,
    /// FHS, if there is one.
    pub file: Option<&'a [u8]>,
    /// What the messages of an envelope are grouped in, in order; without an envelope there are none.
    pub sections: Vec<Section<'a>>,
    /// Their segments are counted over the whole batch, from 0.
    pub flaws: Vec<Flaw>,
}

/// One batch of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section<'a> {
    /// BHS, if it has one.
    pub header: Option<&'a [u8]>,
    /// The place of its first message among all; the next section's first ends it.
    pub first: usize,
}

/// Parts bytes at each MSH, FHS, BHS, BTS and FTS and checks the counts of the trailers.
///
/// Each message has an MSH that can be read. What follows one that cannot, up to
/// the next header, belongs to no message: least of all to the one before it.
/// What is not a batch comes back whole, as one message, readable or not.
pub fn split(bytes: &[u8]) -> Batch<'_> {
    let coding = read_coding(bytes);
    let mut splitter = Splitter::default();
    let mut start = bytes.len() - bytes.strip_prefix(MARK).unwrap_or(bytes).len();
    for line in Lines::new(bytes.get(start..).unwrap_or_default(), coding.delimiters.field()) {
        if !line.body.is_empty() {
            splitter.place(bytes, start, &Segment::new(line.body, splitter.segments, coding));
        }
        start += line.body.len() + line.end.len();
    }
    splitter.finish(bytes)
}

impl fmt::Debug for Batch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} messages, {} flaws)", self.messages.len(), self.flaws.len())
    }
}

#[derive(Default)]
struct Splitter<'a> {
    messages: Vec<&'a [u8]>,
    envelope: Vec<&'a [u8]>,
    flaws: Flaws,
    segments: usize,
    /// Where the run begins that is being read, and what it is.
    start: usize,
    run: Run,
    has_broken: bool,
    is_enveloped: bool,
    header: Option<&'a [u8]>,
    sections: Vec<Section<'a>>,
    file: Open,
    batch: Open,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Run {
    #[default]
    Envelope,
    Message,
}

/// A header that waits for its trailer.
#[derive(Default)]
struct Open {
    is_open: bool,
    /// Messages in a batch, batches in a file.
    count: usize,
}

impl<'a> Splitter<'a> {
    fn place(&mut self, bytes: &'a [u8], start: usize, segment: &Segment<'a>) {
        if is_readable(segment.raw()) {
            self.cut(bytes, start, Run::Message);
            self.begin_message();
        } else if is_broken(segment.raw()) {
            self.cut(bytes, start, Run::Envelope);
            self.has_broken = true;
            self.flaws.add_at(FlawKind::OutsideMessage, segment.index(), None);
        } else if is_envelope(segment.raw()) {
            if self.run == Run::Message {
                self.cut(bytes, start, Run::Envelope);
            }
            self.is_enveloped = true;
            self.count(segment);
        } else if self.run == Run::Envelope {
            self.flaws.add_at(FlawKind::OutsideMessage, segment.index(), None);
        }
        self.segments += 1;
    }

    fn begin_message(&mut self) {
        if !self.batch.is_open && self.batch.count == 0 {
            self.sections.push(Section { header: None, first: self.messages.len() });
        }
        self.batch.count += 1;
    }

    fn cut(&mut self, bytes: &'a [u8], end: usize, next: Run) {
        let run = bytes.get(self.start..end).unwrap_or_default();
        if !run.is_empty() {
            match self.run {
                Run::Message => self.messages.push(run),
                Run::Envelope => self.envelope.push(run),
            }
        }
        (self.start, self.run) = (end, next);
    }

    fn count(&mut self, segment: &Segment<'a>) {
        let index = segment.index();
        match segment.raw().get(..3) {
            Some(b"FHS") => {
                self.header = self.header.or(Some(segment.raw()));
                self.file.open(index, &mut self.flaws);
            }
            Some(b"BHS") => {
                self.file.count += 1;
                self.sections.push(Section { header: Some(segment.raw()), first: self.messages.len() });
                self.batch.open(index, &mut self.flaws);
            }
            Some(b"BTS") => self.batch.close(index, segment.field(1), &mut self.flaws),
            _ => self.file.close(index, segment.field(1), &mut self.flaws),
        }
    }

    fn finish(mut self, bytes: &'a [u8]) -> Batch<'a> {
        self.cut(bytes, bytes.len(), Run::Envelope);
        if !self.is_enveloped {
            self.sections.clear();
            if self.messages.is_empty() || (self.messages.len() == 1 && !self.has_broken) {
                return Batch { messages: vec![bytes], ..Batch::default() };
            }
        }
        if self.file.is_open || self.batch.is_open {
            self.flaws.add(FlawKind::BatchIncomplete);
        }
        Batch {
            messages: self.messages,
            envelope: self.envelope,
            is_enveloped: self.is_enveloped,
            file: self.header,
            sections: self.sections,
            flaws: self.flaws.into_vec(),
        }
    }
}

impl Open {
    fn open(&mut self, segment: usize, flaws: &mut Flaws) {
        if self.is_open {
            flaws.add_at(FlawKind::BatchIncomplete, segment, None);
        }
        *self = Open { is_open: true, count: 0 };
    }

    fn close(&mut self, segment: usize, stated: Part<'_>, flaws: &mut Flaws) {
        if !self.is_open {
            flaws.add_at(FlawKind::BatchIncomplete, segment, None);
        }
        let is_wrong = |stated: &str| stated.trim().parse() != Ok(self.count);
        if stated.value().as_str().is_some_and(is_wrong) {
            flaws.add_at(FlawKind::BatchCount, segment, Some(1));
        }
        *self = Open::default();
    }
}

/// An MSH that says how its message is separated.
fn is_readable(line: &[u8]) -> bool {
    is_header(line) && Delimiters::of_header(line).is_ok()
}

/// An MSH of which no message can be made. With a letter or digit behind it, it is a word in a text.
fn is_broken(line: &[u8]) -> bool {
    is_header(line) && !line.get(3).is_some_and(u8::is_ascii_alphanumeric) && !is_readable(line)
}

/// The delimiters of the first header; each message has its own again.
fn read_coding(bytes: &[u8]) -> Coding {
    let text = bytes.strip_prefix(MARK).unwrap_or(bytes);
    let mut lines = text.split(|byte| matches!(byte, b'\r' | b'\n'));
    let header = lines.find(|line| is_header(line) || is_envelope(line));
    let read = header.and_then(|header| Delimiters::of_header(header).ok());
    Coding {
        delimiters: read.map_or(Delimiters::STANDARD, |(delimiters, _)| delimiters),
        charset: Charset::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], messages: &[&[u8]], flaws: &[&str]) {
        let batch = split(bytes);
        assert_eq!(batch.messages, messages);
        assert_eq!(batch.flaws.iter().map(ToString::to_string).collect::<Vec<_>>(), flaws);
        let sum = |runs: &[&[u8]]| runs.iter().map(|run| run.len()).sum::<usize>();
        assert_eq!(sum(&batch.messages) + sum(&batch.envelope), bytes.len());
    }

    #[test]
    fn a_batch_is_parted_and_counted() {
        let (one, two): (&[u8], &[u8]) = (b"MSH|^~\\&|1\rPID|1\r", b"MSH|^~\\&|2\r");
        let whole = |parts: &[&[u8]]| parts.concat();
        let (head, tail): (&[u8], &[u8]) = (b"FHS|^~\\&\rBHS|^~\\&\r", b"BTS|2\rFTS|1\r");
        check(&whole(&[head, one, two, tail]), &[one, two], &[]);
        check(&whole(&[head, one, tail]), &[one], &["segment 5, field 1: count in the trailer is wrong"]);
        check(&whole(&[head, one, two]), &[one, two], &["batch header or trailer is missing"]);
        check(&whole(&[b"\xef\xbb\xbf", head, one, two, tail]), &[one, two], &[]);
        check(&whole(&[one, two]), &[one, two], &[]);
        check(&whole(&[b"ZZZ|1\r", one, two]), &[one, two], &["segment 1: segment outside of any message"]);
        check(&whole(&[head, tail]), &[], &["segment 3, field 1: count in the trailer is wrong"]);
        check(b"BTS|\r", &[], &["segment 1: batch header or trailer is missing"]);
    }

    #[test]
    fn what_follows_an_unreadable_header_is_part_of_no_message() {
        let (one, two): (&[u8], &[u8]) = (b"MSH|^~\\&|1\rPID|1\r", b"MSH|^~\\&|2\r");
        let broken: &[u8] = b"MSH\rPID|9\r";
        let stray = |segment: usize| format!("segment {segment}: segment outside of any message");
        check(&[one, broken].concat(), &[one], &[&stray(3), &stray(4)]);
        check(&[one, broken, two].concat(), &[one, two], &[&stray(3), &stray(4)]);
        check(&[broken, two].concat(), &[two], &[&stray(1), &stray(2)]);
        check(broken, &[broken], &[]);
        let text: &[u8] = b"MSH|^~\\&|1\rNTE|1||brought to the\rMSH2 ward\r";
        check(text, &[text], &[]);
    }

    #[test]
    fn each_message_lies_in_its_batch() {
        let bytes = b"FHS|^~\\&\rBHS|^~\\&|a\rMSH|^~\\&|1\rMSH|^~\\&|2\rBTS|2\rMSH|^~\\&|3\rMSH|^~\\&|4\rBHS|^~\\&|b\rMSH|^~\\&|5\rBTS|1\rFTS|2\r";
        let batch = split(bytes);
        let sections: Vec<_> =
            batch.sections.iter().map(|section| (section.header.is_some(), section.first)).collect();
        assert_eq!(sections, [(true, 0), (false, 2), (true, 4)]);
        assert!(batch.is_enveloped && batch.file.is_some());
    }

    #[test]
    fn what_is_no_batch_comes_back_whole() {
        for whole in [&b"\xef\xbb\xbf\rMSH|^~\\&|1\rPID|1\r"[..], b"PID|1\r", b""] {
            check(whole, &[whole], &[]);
        }
    }
}
