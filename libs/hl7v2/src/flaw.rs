use std::fmt;

/// Something odd about a message that did not keep it from being read.
///
/// Its `Display` says what and where, never the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flaw {
    pub kind: FlawKind,
    /// Index into [`Message::segments`](crate::Message::segments), from 0.
    pub segment: Option<usize>,
    /// HL7 number of the field, from 1.
    pub field: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FlawKind {
    /// A UTF-8 byte order mark before the first segment.
    ByteOrderMark,
    /// Segments end with LF or CRLF instead of CR.
    LineFeedEnds,
    /// A lone LF that is part of a value, since the message ends its segments with CR.
    LineFeedInValue,
    BlankLine,
    /// The last segment has no end: the message may have been cut.
    MissingEnd,
    /// Segments before MSH; they are kept.
    BeforeHeader,
    /// MSH is not in capitals.
    HeaderCase,
    /// A second MSH: two messages were sent as one. [`batch::split`](crate::batch::split) parts them.
    SecondHeader,
    /// FHS, BHS, BTS or FTS: this is a batch. [`batch::split`](crate::batch::split) parts it.
    BatchEnvelope,
    /// BTS-1 or FTS-1 disagrees with what is there.
    BatchCount,
    /// A batch or file header without its trailer, or the reverse.
    BatchIncomplete,
    /// A segment of a batch that belongs to no message; it is kept in the envelope.
    OutsideMessage,
    /// MSH-2 is empty, too long, repeats a character or uses a letter.
    EncodingCharacters,
    /// MSH-9, MSH-10 or MSH-12 is empty.
    MissingHeaderField,
    /// A segment name that is not three capitals or digits starting with a capital.
    SegmentName,
    /// MSH-18 names a character set that is not known or cannot be used here.
    UnknownCharset,
    /// MSH-18 names a single-byte set, but the bytes are valid UTF-8.
    SuspectCharset,
    /// Bytes that are not text in the character set; the value shows U+FFFD, the raw bytes stay.
    InvalidBytes,
    /// `\…` without an end; kept as text.
    UnterminatedEscape,
    /// An escape sequence HL7 does not know; kept as text.
    UnknownEscape,
    /// `\X…\` with odd or no hex digits; kept as text.
    HexEscape,
    /// `\C…\` or `\M…\`, a switch of character set; kept as text.
    CharsetEscape,
    /// `\Z…\`, a private escape sequence; kept as text.
    LocalEscape,
    /// There were more flaws than are listed.
    More,
}

impl FlawKind {
    /// Says the flaw in one lower-case sentence without any content.
    pub fn describe(self) -> &'static str {
        match self {
            FlawKind::ByteOrderMark => "starts with a byte order mark",
            FlawKind::LineFeedEnds => "segments end with a line feed",
            FlawKind::LineFeedInValue => "line feed inside a value",
            FlawKind::BlankLine => "blank line",
            FlawKind::MissingEnd => "last segment has no end",
            FlawKind::BeforeHeader => "segment before MSH",
            FlawKind::HeaderCase => "MSH is not in capitals",
            FlawKind::SecondHeader => "second MSH",
            FlawKind::BatchEnvelope => "batch header or trailer inside a message",
            FlawKind::BatchCount => "count in the trailer is wrong",
            FlawKind::BatchIncomplete => "batch header or trailer is missing",
            FlawKind::OutsideMessage => "segment outside of any message",
            FlawKind::EncodingCharacters => "encoding characters are not usable as they are",
            FlawKind::MissingHeaderField => "required header field is empty",
            FlawKind::SegmentName => "unusual segment name",
            FlawKind::UnknownCharset => "character set is not supported",
            FlawKind::SuspectCharset => "bytes look like UTF-8, another character set is declared",
            FlawKind::InvalidBytes => "bytes do not fit the character set",
            FlawKind::UnterminatedEscape => "escape sequence has no end",
            FlawKind::UnknownEscape => "unknown escape sequence",
            FlawKind::HexEscape => "hex escape sequence is malformed",
            FlawKind::CharsetEscape => "escape sequence switches the character set",
            FlawKind::LocalEscape => "private escape sequence",
            FlawKind::More => "more flaws than are listed",
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(segment) = self.segment {
            write!(f, "segment {}", segment + 1)?;
            if let Some(field) = self.field {
                write!(f, ", field {field}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(self.kind.describe())
    }
}

/// Collects flaws up to a bound, so that a hostile message cannot make the list longer than itself.
#[derive(Debug, Default)]
pub(crate) struct Flaws(Vec<Flaw>);

impl Flaws {
    pub(crate) fn add(&mut self, kind: FlawKind) {
        self.push(Flaw { kind, segment: None, field: None });
    }

    pub(crate) fn add_at(&mut self, kind: FlawKind, segment: usize, field: Option<usize>) {
        self.push(Flaw { kind, segment: Some(segment), field });
    }

    /// For a flaw that says nothing new the second time.
    pub(crate) fn add_once(&mut self, kind: FlawKind) {
        if !self.0.iter().any(|flaw| flaw.kind == kind) {
            self.add(kind);
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.0.len() > FLAWS_MAX
    }

    pub(crate) fn into_vec(self) -> Vec<Flaw> {
        self.0
    }

    fn push(&mut self, flaw: Flaw) {
        match self.0.len() {
            ..FLAWS_MAX => self.0.push(flaw),
            FLAWS_MAX => self.0.push(Flaw { kind: FlawKind::More, segment: None, field: None }),
            _ => {}
        }
    }
}

const FLAWS_MAX: usize = 100;
