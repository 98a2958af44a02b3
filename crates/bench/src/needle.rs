/// Finds a fixed string in bytes, in steps of its own length (Horspool).
pub(crate) struct Needle {
    pattern: &'static [u8],
    steps: [u8; 256],
}

impl Needle {
    /// `pattern` has 1 to 255 bytes.
    pub(crate) const fn new(pattern: &'static [u8]) -> Self {
        assert!(!pattern.is_empty() && pattern.len() <= u8::MAX as usize);
        let mut steps = [pattern.len() as u8; 256];
        let mut place = 0;
        while place + 1 < pattern.len() {
            steps[pattern[place] as usize] = (pattern.len() - 1 - place) as u8;
            place += 1;
        }
        Self { pattern, steps }
    }

    /// The bytes behind the first occurrence.
    pub(crate) fn after<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let mut end = self.pattern.len();
        while end <= bytes.len() {
            if bytes[..end].ends_with(self.pattern) {
                return Some(&bytes[end..]);
            }
            end += usize::from(self.steps[usize::from(bytes[end - 1])]);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Needle;

    #[track_caller]
    fn check(text: &[u8], expected: Option<&[u8]>) {
        static END: Needle = Needle::new(b"\r\n\r\n");
        assert_eq!(END.after(text), expected);
    }

    #[test]
    fn finds_the_first_occurrence_wherever_it_lies() {
        check(b"", None);
        check(b"\r\n\r", None);
        check(b"\r\n\r\n", Some(b""));
        check(b"a: b\r\n\r\nbody\r\n\r\n", Some(b"body\r\n\r\n"));
        check(b"\r\r\n\r\r\n\r\n.", Some(b"."));
    }
}
