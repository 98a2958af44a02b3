use crate::NoHeader;

/// The characters that MSH-1 and MSH-2 declare.
///
/// Each is ASCII, not a letter, digit or segment end, and no two are equal. One
/// that MSH-2 leaves out is not used in the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Delimiters {
    field: u8,
    component: Option<u8>,
    repetition: Option<u8>,
    escape: Option<u8>,
    subcomponent: Option<u8>,
    truncation: Option<u8>,
}

impl Delimiters {
    /// `|^~\&`
    pub const STANDARD: Delimiters = Delimiters {
        field: b'|',
        component: Some(b'^'),
        repetition: Some(b'~'),
        escape: Some(b'\\'),
        subcomponent: Some(b'&'),
        truncation: None,
    };

    /// Takes delimiters as MSH-1 and MSH-2 write them; none when they are not usable as they are.
    pub fn new(field: u8, encoding_characters: &[u8]) -> Option<Delimiters> {
        let separator = Some(field).filter(|byte| is_usable(*byte))?;
        let (delimiters, reading) = Delimiters::from_encoding_characters(separator, encoding_characters);
        (reading == Reading::Clean).then_some(delimiters)
    }

    pub fn field(&self) -> u8 {
        self.field
    }

    pub fn component(&self) -> Option<u8> {
        self.component
    }

    pub fn repetition(&self) -> Option<u8> {
        self.repetition
    }

    pub fn escape(&self) -> Option<u8> {
        self.escape
    }

    pub fn subcomponent(&self) -> Option<u8> {
        self.subcomponent
    }

    /// The truncation character of HL7 v2.7, the fifth in MSH-2.
    pub fn truncation(&self) -> Option<u8> {
        self.truncation
    }

    /// MSH-2 as it is written.
    pub fn encoding_characters(&self) -> Vec<u8> {
        let order = [self.component, self.repetition, self.escape, self.subcomponent, self.truncation];
        order.into_iter().flatten().collect()
    }

    /// Reads them from a segment that starts with `MSH`, `BHS` or `FHS`.
    pub(crate) fn of_header(segment: &[u8]) -> Result<(Delimiters, Reading), NoHeader> {
        let (separator, rest) = segment.get(3..).and_then(<[u8]>::split_first).ok_or(NoHeader::TooShort)?;
        if !is_usable(*separator) {
            return Err(NoHeader::FieldSeparator);
        }
        let encoding = rest.split(|byte| byte == separator).next().unwrap_or_default();
        Ok(Delimiters::from_encoding_characters(*separator, encoding))
    }

    /// Whether an answer can be written with them: the four of old, printable, none that stands in a date.
    pub(crate) fn can_answer(&self) -> bool {
        let is_plain = |byte: u8| byte.is_ascii_punctuation() && !matches!(byte, b'.' | b'+' | b'-' | b'"');
        let four = [self.component, self.repetition, self.escape, self.subcomponent];
        is_plain(self.field)
            && four.iter().all(|byte| byte.is_some_and(is_plain))
            && self.truncation.is_none_or(is_plain)
    }

    fn from_encoding_characters(field: u8, encoding: &[u8]) -> (Delimiters, Reading) {
        let standard = Delimiters { field, ..Delimiters::STANDARD }.without(field);
        let mut seen = vec![field];
        let mut reading = Reading::Clean;
        let mut next = |position: usize| {
            let byte = *encoding.get(position)?;
            if !is_usable(byte) || seen.contains(&byte) {
                reading = Reading::Repaired;
                return None;
            }
            seen.push(byte);
            Some(byte)
        };
        let Some(component) = next(0) else { return (standard, Reading::Repaired) };
        let delimiters = Delimiters {
            field,
            component: Some(component),
            repetition: next(1),
            escape: next(2),
            subcomponent: next(3),
            truncation: next(4),
        };
        if encoding.len() > ENCODING_CHARACTERS_MAX {
            reading = Reading::Repaired;
        }
        (delimiters, reading)
    }

    fn without(self, taken: u8) -> Delimiters {
        let free = |byte: Option<u8>| byte.filter(|byte| *byte != taken);
        Delimiters {
            field: self.field,
            component: free(self.component),
            repetition: free(self.repetition),
            escape: free(self.escape),
            subcomponent: free(self.subcomponent),
            truncation: free(self.truncation),
        }
    }
}

impl Default for Delimiters {
    fn default() -> Self {
        Delimiters::STANDARD
    }
}

/// Whether MSH-2 could be taken as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    Clean,
    Repaired,
}

/// CR and LF end segments, VT and FS end frames, NUL and letters are never meant.
fn is_usable(byte: u8) -> bool {
    byte.is_ascii()
        && !byte.is_ascii_alphanumeric()
        && !matches!(byte, 0 | b'\r' | b'\n' | b' ' | 0x0b | 0x1c)
}

const ENCODING_CHARACTERS_MAX: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &[u8], expected: Result<(&[u8], Reading), NoHeader>) {
        let read = Delimiters::of_header(header);
        let read = read.map(|(delimiters, reading)| (delimiters.encoding_characters(), reading));
        assert_eq!(read, expected.map(|(bytes, reading)| (bytes.to_vec(), reading)));
    }

    #[test]
    fn any_sane_set_is_taken_and_any_other_is_repaired_or_refused() {
        check(b"MSH|^~\\&|LAB", Ok((b"^~\\&", Reading::Clean)));
        check(b"MSH|^~\\&#|LAB", Ok((b"^~\\&#", Reading::Clean)));
        check(b"MSH|^", Ok((b"^", Reading::Clean)));
        check(b"MSH|^~", Ok((b"^~", Reading::Clean)));
        check(b"MSH#*:!%#LAB", Ok((b"*:!%", Reading::Clean)));
        check(b"MSH\x1d\x1e~\\&\x1dLAB", Ok((b"\x1e~\\&", Reading::Clean)));
        check(b"MSH|^^\\&|LAB", Ok((b"^\\&", Reading::Repaired)));
        check(b"MSH|^~\\&#!|LAB", Ok((b"^~\\&#", Reading::Repaired)));
        check(b"MSH|abcd|LAB", Ok((b"^~\\&", Reading::Repaired)));
        check(b"MSH|||||", Ok((b"^~\\&", Reading::Repaired)));
        check(b"MSH^^^^", Ok((b"~\\&", Reading::Repaired)));
        check(b"MSH|", Ok((b"^~\\&", Reading::Repaired)));
        check(b"MSH", Err(NoHeader::TooShort));
        check(b"MSHa^~\\&", Err(NoHeader::FieldSeparator));
        check(b"MSH\x00^~\\&", Err(NoHeader::FieldSeparator));
        check(b"MSH\xe4^~\\&", Err(NoHeader::FieldSeparator));
    }
}
