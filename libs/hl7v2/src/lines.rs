/// Parts bytes into segments at CR, LF and CRLF, keeping every byte.
///
/// Where segments end with CR, a lone LF ends one only before the end or what
/// looks like a segment; anywhere else it belongs to a value, as text pasted
/// into a note brings it.
#[derive(Debug, Clone)]
pub(crate) struct Lines<'a> {
    rest: &'a [u8],
    field_separator: u8,
    ends_with_return: bool,
}

/// One segment or blank line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) body: &'a [u8],
    /// CR, LF, CRLF, or nothing at the end of the input.
    pub(crate) end: &'a [u8],
}

impl<'a> Lines<'a> {
    pub(crate) fn new(bytes: &'a [u8], field_separator: u8) -> Lines<'a> {
        let first = bytes.iter().position(|byte| is_end(*byte)).and_then(|at| bytes.get(at..));
        let ends_with_return = first.is_some_and(|end| end.starts_with(b"\r") && !end.starts_with(b"\r\n"));
        Lines { rest: bytes, field_separator, ends_with_return }
    }

    fn end_of_line(&self) -> usize {
        let ends = self.rest.iter().enumerate().filter(|(_, byte)| is_end(**byte));
        let mut real = ends.filter(|(at, byte)| **byte == b'\r' || self.is_end_at(*at));
        real.next().map_or(self.rest.len(), |(at, _)| at)
    }

    fn is_end_at(&self, line_feed: usize) -> bool {
        if !self.ends_with_return {
            return true;
        }
        let after = self.rest.get(line_feed + 1..).unwrap_or_default();
        if after.first().is_none_or(|next| is_end(*next)) {
            return true;
        }
        let is_segment =
            after.get(..3).is_some_and(|name| is_name(name) || name.eq_ignore_ascii_case(b"MSH"));
        is_segment && after.get(3) == Some(&self.field_separator)
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let (body, tail) = self.rest.split_at_checked(self.end_of_line())?;
        let end_length = match tail {
            [b'\r', b'\n', ..] => 2,
            [] => 0,
            _ => 1,
        };
        let (end, rest) = tail.split_at_checked(end_length)?;
        self.rest = rest;
        Some(Line { body, end })
    }
}

/// Whether it is a name HL7 would give a segment: `PID`, `PV1`, `ZZZ`.
pub(crate) fn is_name(name: &[u8]) -> bool {
    let [first, second, third] = name else { return false };
    let is_rest = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    first.is_ascii_uppercase() && is_rest(second) && is_rest(third)
}

fn is_end(byte: u8) -> bool {
    byte == b'\r' || byte == b'\n'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &[&[u8]]) {
        let lines: Vec<_> = Lines::new(bytes, b'|').collect();
        assert_eq!(lines.iter().map(|line| line.body).collect::<Vec<_>>(), expected);
        assert_eq!(lines.iter().flat_map(|line| [line.body, line.end].concat()).collect::<Vec<_>>(), bytes);
    }

    #[test]
    fn segments_end_with_whatever_the_sender_uses() {
        check(b"MSH|\rPID|\r", &[b"MSH|", b"PID|"]);
        check(b"MSH|\nPID|\nx\n", &[b"MSH|", b"PID|", b"x"]);
        check(b"MSH|\r\nPID|", &[b"MSH|", b"PID|"]);
        check(b"MSH|\rPID|\r\nPV1|\nOBX|\n", &[b"MSH|", b"PID|", b"PV1|", b"OBX|"]);
        check(b"MSH|\r\rPID|\r", &[b"MSH|", b"", b"PID|"]);
        check(b"MSH|\rNTE|1||two\nlines\rPID|", &[b"MSH|", b"NTE|1||two\nlines", b"PID|"]);
        check(b"MSH|\rNTE|\n\r", &[b"MSH|", b"NTE|", b""]);
    }
}
