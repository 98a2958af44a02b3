use std::borrow::Cow;

use crate::scan::find;
use crate::{Charset, Delimiters, FlawKind};

/// Decodes the escape sequences of a value, then its character set.
///
/// `\F\ \S\ \T\ \R\ \E\ \P\` become the delimiter they name, `\Xhh…\` its bytes;
/// `\.br\`, `\.ce\` and `\.sp\` become line feeds and `\.sk\` spaces, at most five;
/// other layout and highlighting disappears. All else (`\C…\`, `\M…\`, `\Z…\`,
/// malformed, unknown, unterminated) stays as it is written. Decoding never
/// makes more bytes than it reads.
pub fn unescape<'a>(raw: &'a [u8], delimiters: &Delimiters, charset: Charset) -> Cow<'a, str> {
    charset.decode(unescape_bytes(raw, delimiters, charset))
}

/// Writes text so that [`unescape`] gives it back and no delimiter or control character is left.
///
/// Where the message declares no escape character they become spaces.
pub fn escape<'a>(text: &'a str, delimiters: &Delimiters) -> Cow<'a, str> {
    let is_special = |char: char| char.is_ascii_control() || letter_of(char, delimiters).is_some();
    if text == DELETE {
        // Written plainly it would ask to delete what is on file.
        return match delimiters.escape() {
            Some(mark) => Cow::Owned(format!("{mark}X2222{mark}", mark = char::from(mark))),
            None => Cow::Borrowed(" "),
        };
    }
    if !text.contains(is_special) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        match delimiters.escape().map(char::from) {
            _ if !is_special(char) => escaped.push(char),
            None => escaped.push(' '),
            Some(mark) => {
                escaped.push(mark);
                match letter_of(char, delimiters) {
                    Some(letter) => escaped.push(letter),
                    None => escaped.push_str(&format!("X{:02X}", u32::from(char))),
                }
                escaped.push(mark);
            }
        }
    }
    Cow::Owned(escaped)
}

/// The first thing that keeps a value from being text as the sender meant it.
pub(crate) fn flaw(raw: &[u8], delimiters: &Delimiters, charset: Charset) -> Option<FlawKind> {
    let odd = Tokens::new(raw, delimiters, charset).find_map(|token| match token {
        Token::Kept(kind, _) => Some(kind),
        Token::Text(_) | Token::Hex(_) | Token::Repeat(..) => None,
    });
    let is_text = || charset.fits(&unescape_bytes(raw, delimiters, charset));
    odd.or_else(|| (!is_text()).then_some(FlawKind::InvalidBytes))
}

fn unescape_bytes<'a>(raw: &'a [u8], delimiters: &Delimiters, charset: Charset) -> Cow<'a, [u8]> {
    let has_escape = delimiters.escape().is_some_and(|mark| raw.contains(&mark));
    if !has_escape {
        return Cow::Borrowed(raw);
    }
    let mut bytes = Vec::with_capacity(raw.len());
    for token in Tokens::new(raw, delimiters, charset) {
        match token {
            Token::Text(text) | Token::Kept(_, text) => bytes.extend_from_slice(text),
            Token::Hex(digits) => bytes.extend(digits.chunks_exact(2).filter_map(hex_byte)),
            Token::Repeat(byte, times) => bytes.extend(std::iter::repeat_n(byte, times)),
        }
    }
    Cow::Owned(bytes)
}

/// A value in pieces, from left to right, each byte visited once or twice.
struct Tokens<'a, 'd> {
    rest: &'a [u8],
    delimiters: &'d Delimiters,
    charset: Charset,
}

enum Token<'a> {
    Text(&'a [u8]),
    /// An escape sequence that stays as it is written.
    Kept(FlawKind, &'a [u8]),
    Hex(&'a [u8]),
    Repeat(u8, usize),
}

/// How far a sequence reaches that is kept.
enum Sequence<'a> {
    Known(Token<'a>),
    /// Well formed, with no meaning here.
    Foreign(FlawKind),
    /// Perhaps no sequence at all; its last mark may open the next one, as in `C:\dir\F\`.
    Doubtful(FlawKind),
}

impl<'a, 'd> Tokens<'a, 'd> {
    fn new(raw: &'a [u8], delimiters: &'d Delimiters, charset: Charset) -> Tokens<'a, 'd> {
        Tokens { rest: raw, delimiters, charset }
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    fn sequence(&self, body: &'a [u8]) -> Sequence<'a> {
        match body {
            [b'H' | b'N'] => Sequence::Known(Token::Text(b"")),
            [letter @ (b'F' | b'S' | b'T' | b'R' | b'E' | b'P')] => {
                Sequence::Known(Token::Repeat(delimiter_of(*letter, self.delimiters), 1))
            }
            [b'X', digits @ ..] if is_hex(digits) => Sequence::Known(Token::Hex(digits)),
            [b'X', ..] => Sequence::Doubtful(FlawKind::HexEscape),
            [b'C' | b'M', digits @ ..] if is_hex(digits) => Sequence::Foreign(FlawKind::CharsetEscape),
            [b'Z', local @ ..] if local.iter().all(u8::is_ascii_alphanumeric) => {
                Sequence::Foreign(FlawKind::LocalEscape)
            }
            [b'.', layout @ ..] => {
                layout_token(layout).map_or(Sequence::Doubtful(FlawKind::UnknownEscape), Sequence::Known)
            }
            _ => Sequence::Doubtful(FlawKind::UnknownEscape),
        }
    }
}

impl<'a> Iterator for Tokens<'a, '_> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let mark = self.delimiters.escape();
        let start = mark.and_then(|mark| find(self.rest, mark, self.charset)).unwrap_or(self.rest.len());
        if start > 0 {
            return Some(Token::Text(self.take(start)));
        }
        let body = self.rest.get(1..).unwrap_or_default();
        let end = mark.and_then(|mark| find(body, mark, self.charset));
        let Some(body) = end.and_then(|end| body.get(..end)) else {
            return Some(Token::Kept(FlawKind::UnterminatedEscape, self.take(usize::MAX)));
        };
        let sequence = self.sequence(body);
        Some(match sequence {
            Sequence::Known(token) => {
                self.take(body.len() + 2);
                token
            }
            Sequence::Foreign(kind) => Token::Kept(kind, self.take(body.len() + 2)),
            Sequence::Doubtful(kind) => Token::Kept(kind, self.take(body.len() + 1)),
        })
    }
}

fn layout_token<'a>(layout: &[u8]) -> Option<Token<'a>> {
    let (name, number) = layout.split_at_checked(2)?;
    let times = std::str::from_utf8(number).ok()?;
    let times = match times.trim_start_matches(['+', '-']) {
        "" => 1,
        // Too many digits to count is more than enough.
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().unwrap_or(usize::MAX),
        _ => return None,
    };
    let times = times.min(LAYOUT_MAX);
    match name.to_ascii_lowercase().as_slice() {
        b"br" | b"ce" => Some(Token::Repeat(b'\n', 1)),
        b"sp" => Some(Token::Repeat(b'\n', times)),
        b"sk" => Some(Token::Repeat(b' ', times)),
        b"in" | b"ti" | b"fi" | b"nf" => Some(Token::Text(b"")),
        _ => None,
    }
}

/// `\.sp5\` is six bytes: five line feeds are still no more than was read.
const LAYOUT_MAX: usize = 5;

/// The letter that stands for a delimiter.
fn letter_of(char: char, delimiters: &Delimiters) -> Option<char> {
    let byte = Some(u8::try_from(char).ok()?);
    let letters = [
        (Some(delimiters.field()), 'F'),
        (delimiters.component(), 'S'),
        (delimiters.subcomponent(), 'T'),
        (delimiters.repetition(), 'R'),
        (delimiters.escape(), 'E'),
        (delimiters.truncation(), 'P'),
    ];
    letters.into_iter().find(|(delimiter, _)| *delimiter == byte).map(|(_, letter)| letter)
}

/// The delimiter a letter stands for; the standard one where the message declares none.
fn delimiter_of(letter: u8, delimiters: &Delimiters) -> u8 {
    match letter {
        b'S' => delimiters.component().unwrap_or(b'^'),
        b'T' => delimiters.subcomponent().unwrap_or(b'&'),
        b'R' => delimiters.repetition().unwrap_or(b'~'),
        b'E' => delimiters.escape().unwrap_or(b'\\'),
        b'P' => delimiters.truncation().unwrap_or(b'#'),
        _ => delimiters.field(),
    }
}

fn is_hex(digits: &[u8]) -> bool {
    !digits.is_empty() && digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit)
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

const DELETE: &str = "\"\"";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(raw: &str, text: &str, expected: Option<FlawKind>) {
        let (delimiters, charset) = (Delimiters::STANDARD, Charset::default());
        assert_eq!(unescape(raw.as_bytes(), &delimiters, charset), text);
        assert_eq!(flaw(raw.as_bytes(), &delimiters, charset), expected, "{raw}");
    }

    #[test]
    fn sequences_are_decoded_and_what_is_none_stays() {
        check("plain", "plain", None);
        check(r"\F\\S\\T\\R\\E\\P\", r"|^&~\#", None);
        check(r"\X41\\X0D\\XC3A4\", "A\rä", None);
        check(r"a\.br\b\.sp3\c\.ce\d\.sk2\e", "a\nb\n\n\nc\nd  e", None);
        check(r"\H\loud\N\\.in+4\\.ti-2\\.fi\\.nf\", "loud", None);
        check(r"\.sp9999999\", "\n\n\n\n\n", None);
        check(r"\.sp99999999999999999999999\", "\n\n\n\n\n", None);
        check(r"\X4\", r"\X4\", Some(FlawKind::HexEscape));
        check(r"\Xzz\", r"\Xzz\", Some(FlawKind::HexEscape));
        check(r"\X80\", "\u{fffd}", Some(FlawKind::InvalidBytes));
        check(r"\C2842\", r"\C2842\", Some(FlawKind::CharsetEscape));
        check(r"\M284242\x\F\", r"\M284242\x|", Some(FlawKind::CharsetEscape));
        check(r"\Zxx\F\Zyy\", r"\Zxx\F\Zyy\", Some(FlawKind::LocalEscape));
        check(r"cut \", r"cut \", Some(FlawKind::UnterminatedEscape));
        check(r"\\", r"\\", Some(FlawKind::UnknownEscape));
        check(r"C:\dir\F\x", r"C:\dir|x", Some(FlawKind::UnknownEscape));
        check(r"\.xx\", r"\.xx\", Some(FlawKind::UnknownEscape));
    }

    #[test]
    fn a_megabyte_of_sequences_does_not_grow() {
        for sequence in [r"\E\", r"\.sp9\", r"\Q", r"\"] {
            let raw = sequence.repeat(1_000_000 / sequence.len());
            assert!(unescape(raw.as_bytes(), &Delimiters::STANDARD, Charset::UTF_8).len() <= raw.len());
        }
    }

    #[test]
    fn a_backslash_inside_a_character_opens_nothing() {
        let big5 = Charset::named("BIG-5").unwrap();
        assert_eq!(unescape(b"\xb3\\F\\F\\", &Delimiters::STANDARD, big5), "許F|");
        assert_eq!(unescape(b"\xb3\\\\F\\", &Delimiters::STANDARD, big5), "許|");
    }

    #[test]
    fn text_that_would_mean_delete_is_written_as_text() {
        assert_eq!(escape("\"\"", &Delimiters::STANDARD), r"\X2222\");
        let bare = Delimiters::new(b'|', b"^").unwrap();
        assert_eq!(escape("a|b^c\rd~", &bare), "a b c d~");
    }

    fn delimiters() -> impl Strategy<Value = Delimiters> {
        let set = prop::sample::subsequence(b"|^~\\&#!$%*+,-./:;<=>?@[]_`{}'\"\x1d\x1e".to_vec(), 6);
        set.prop_shuffle().prop_filter_map("unusable", |set| Delimiters::new(set[0], &set[1..]))
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in r#"([\|^~\\&#.XFE"\n\r\x00]|.){0,40}"#, delimiters in delimiters()) {
            let written = escape(&text, &delimiters);
            let mark = delimiters.escape().map(char::from);
            prop_assert!(written.chars().all(|char| Some(char) == mark || letter_of(char, &delimiters).is_none()));
            prop_assert_eq!(unescape(written.as_bytes(), &delimiters, Charset::UTF_8), text.as_str());
            prop_assert_eq!(flaw(written.as_bytes(), &delimiters, Charset::UTF_8), None);
        }

        #[test]
        fn any_bytes_decode_without_growth(raw in prop::collection::vec(prop::sample::select(
            b"\\\\\\.spbrXFEZCM0123489aF\x80\xc3\xa4\x1b$B(".to_vec()), 0..60))
        {
            for charset in ["", "BIG-5", "ISO IR87", "SHIFTJIS", "8859/1"] {
                let charset = Charset::named(charset).unwrap();
                prop_assert!(unescape_bytes(&raw, &Delimiters::STANDARD, charset).len() <= raw.len());
                unescape(&raw, &Delimiters::STANDARD, charset);
            }
        }
    }
}
