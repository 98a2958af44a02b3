use std::borrow::Cow;

use crate::{Delimiters, Header, Part, escape};

/// Writes fields so that nothing in them can become a delimiter, a segment or a frame.
pub(super) struct Pen {
    delimiters: Delimiters,
    /// The answer uses the sender's delimiters, so that its fields can be echoed as they are.
    is_same: bool,
    /// The answer is in the sender's character set. Under another one, bytes could swallow a delimiter.
    is_same_charset: bool,
}

impl Pen {
    pub(super) fn new(header: &Header<'_>) -> Pen {
        let sender = header.segment().delimiters();
        let is_same = sender.can_answer();
        let delimiters = if is_same { sender } else { Delimiters::STANDARD };
        let charset = header.charset().raw();
        let is_same_charset = charset.len() <= CHARSET_MAX && is_safe(charset, &delimiters);
        Pen { delimiters, is_same, is_same_charset }
    }

    /// MSH-18; nothing where the sender's cannot be repeated to the letter: what follows is ASCII then.
    pub(super) fn charset(&self, header: &Header<'_>) -> Vec<u8> {
        let keeps = self.is_same && self.is_same_charset;
        if keeps { header.charset().raw().to_vec() } else { Vec::new() }
    }

    pub(super) fn encoding_characters(&self) -> Vec<u8> {
        self.delimiters.encoding_characters()
    }

    /// A segment with its CR, empty fields at the end left out.
    pub(super) fn segment(&self, name: &str, fields: &[Vec<u8>]) -> Vec<u8> {
        let last = fields.iter().rposition(|field| !field.is_empty()).map_or(0, |last| last + 1);
        let mut segment = name.as_bytes().to_vec();
        for field in fields.iter().take(last) {
            segment.push(self.delimiters.field());
            segment.extend_from_slice(field);
        }
        segment.push(b'\r');
        segment
    }

    /// A field of the sender as it is; its escaped and shortened text where that would not be safe.
    pub(super) fn echo(&self, part: Part<'_>, bytes_max: usize) -> Vec<u8> {
        let raw = part.raw();
        let keeps = self.is_same && self.is_same_charset;
        if keeps && raw.len() <= bytes_max && is_safe(raw, &self.delimiters) {
            return raw.to_vec();
        }
        let text = if self.is_same { part.text() } else { part.value().into_text().unwrap_or_default() };
        // The answer may be in any character set by MSH-18, so this copy is ASCII.
        let ascii: Cow<'_, str> =
            text.chars().take(bytes_max).map(|char| if char.is_ascii() { char } else { '?' }).collect();
        self.bounded(&ascii, bytes_max)
    }

    /// Escaped text of at most so many bytes, no escape sequence cut.
    pub(super) fn bounded(&self, text: &str, bytes_max: usize) -> Vec<u8> {
        let mut written = Vec::new();
        for char in text.chars() {
            let mut buffer = [0; 4];
            let piece = self.text(char.encode_utf8(&mut buffer));
            if written.len() + piece.len() > bytes_max {
                break;
            }
            written.extend(piece);
        }
        written
    }

    pub(super) fn text(&self, text: &str) -> Vec<u8> {
        escape(text, &self.delimiters).into_owned().into_bytes()
    }

    pub(super) fn components(&self, texts: &[&str]) -> Vec<u8> {
        let texts: Vec<Vec<u8>> = texts.iter().map(|text| self.text(text)).collect();
        texts.join(&self.component())
    }

    pub(super) fn subcomponents(&self, texts: &[&str]) -> Vec<u8> {
        let texts: Vec<Vec<u8>> = texts.iter().map(|text| self.text(text)).collect();
        texts.join(&self.delimiters.subcomponent().unwrap_or(b'&'))
    }

    pub(super) fn component(&self) -> u8 {
        self.delimiters.component().unwrap_or(b'^')
    }
}

fn is_safe(raw: &[u8], delimiters: &Delimiters) -> bool {
    raw.iter().all(|byte| *byte >= b' ' && *byte != 0x7f && *byte != delimiters.field())
}

const CHARSET_MAX: usize = 60;
