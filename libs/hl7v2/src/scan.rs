use crate::Charset;
use crate::charset::Reach;

/// Where `wanted` first stands as a character of its own.
///
/// In GB 18030, Big5 and Shift JIS the second byte of a character may look like
/// `|` or `\`, in ISO-2022-JP both may; such bytes are passed over. A part
/// starts outside of kanji: HL7 asks senders to switch back before a delimiter.
pub(crate) fn find(bytes: &[u8], wanted: u8, charset: Charset) -> Option<usize> {
    match charset.reach() {
        Reach::Bytes => bytes.iter().position(|byte| *byte == wanted),
        Reach::Pairs => find_wide(bytes, wanted, |byte| byte >= 0x81),
        Reach::ShiftJis => find_wide(bytes, wanted, |byte| matches!(byte, 0x81..=0x9f | 0xe0..=0xfc)),
        Reach::Switched => find_switched(bytes, wanted),
    }
}

/// The parts of `bytes` between delimiters; one part when there is no delimiter.
#[derive(Clone)]
pub(crate) struct Split<'a> {
    rest: Option<&'a [u8]>,
    delimiter: Option<u8>,
    charset: Charset,
}

impl<'a> Split<'a> {
    pub(crate) fn new(bytes: &'a [u8], delimiter: Option<u8>, charset: Charset) -> Split<'a> {
        Split { rest: Some(bytes), delimiter, charset }
    }

    pub(crate) fn none(charset: Charset) -> Split<'a> {
        Split { rest: None, delimiter: None, charset }
    }
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest.take()?;
        let end = self.delimiter.and_then(|delimiter| find(rest, delimiter, self.charset));
        let Some((part, tail)) = end.and_then(|end| rest.split_at_checked(end)) else { return Some(rest) };
        self.rest = tail.get(1..);
        Some(part)
    }
}

fn find_wide(bytes: &[u8], wanted: u8, is_lead: impl Fn(u8) -> bool) -> Option<usize> {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == wanted {
            return Some(at);
        }
        // Second bytes start at 0x30; a lead byte before anything lower is damage, not a character.
        let is_pair = is_lead(*byte) && bytes.get(at + 1).is_some_and(|next| *next >= 0x30);
        at += if is_pair { 2 } else { 1 };
    }
    None
}

fn find_switched(bytes: &[u8], wanted: u8) -> Option<usize> {
    let mut at = 0;
    let mut is_kanji = false;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        at += match rest {
            [0x1b, b'$', ..] => {
                is_kanji = true;
                if rest.get(2) == Some(&b'(') { 4 } else { 3 }
            }
            [0x1b, b'(', ..] => {
                is_kanji = false;
                3
            }
            _ if is_kanji => 2,
            [byte, ..] if *byte == wanted => return Some(at),
            _ => 1,
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(charset: &str, bytes: &[u8], expected: &[&[u8]]) {
        let charset = Charset::named(charset).unwrap();
        assert_eq!(Split::new(bytes, Some(b'|'), charset).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_delimiter_inside_a_character_is_not_a_delimiter() {
        check("8859/1", b"a|\xfc|", &[b"a", b"\xfc", b""]);
        check("BIG-5", b"\xa4|b|c", &[b"\xa4|b", b"c"]);
        check("GB 18030-2000", b"\x81|\x81\x30\x81\x30|c", &[b"\x81|\x81\x30\x81\x30", b"c"]);
        check("SHIFTJIS", b"\x83|\xb1|c", &[b"\x83|\xb1", b"c"]);
        check("ISO IR87", b"\x1b$B%|\x1b(B|c", &[b"\x1b$B%|\x1b(B", b"c"]);
        check("BIG-5", b"\xa4\r|c", &[b"\xa4\r", b"c"]);
    }
}
