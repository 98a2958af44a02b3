//! Tells Rust code from comments and literals, so that a word in a text is no fault.

/// The code alone: comments and the inside of literals become spaces, lines stay where they are.
pub(crate) fn code_only(text: &str) -> String {
    let mut scanner =
        Scanner { rest: text.chars().collect(), at: 0, code: String::with_capacity(text.len()) };
    while scanner.at < scanner.rest.len() {
        scanner.step();
    }
    scanner.code
}

struct Scanner {
    rest: Vec<char>,
    at: usize,
    code: String,
}

impl Scanner {
    fn step(&mut self) {
        match (self.peek(0), self.peek(1)) {
            (Some('/'), Some('/')) => self.blank_while(|scanner| scanner.peek(0) != Some('\n')),
            (Some('/'), Some('*')) => self.block_comment(),
            (Some('"'), _) => self.string(),
            (Some('\''), _) => self.quote(),
            (Some('r'), Some('"' | '#')) if !self.inside_word() => self.raw_string(),
            _ => self.keep(),
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest.get(self.at + ahead).copied()
    }

    fn keep(&mut self) {
        self.code.extend(self.peek(0));
        self.at += 1;
    }

    fn blank(&mut self) {
        self.code.push(if self.peek(0) == Some('\n') { '\n' } else { ' ' });
        self.at += 1;
    }

    fn blank_while(&mut self, more: impl Fn(&Scanner) -> bool) {
        while self.at < self.rest.len() && more(self) {
            self.blank();
        }
    }

    fn inside_word(&self) -> bool {
        // `br"…"` is a raw string too; a word that ends in `r` is none.
        let before = self.at.checked_sub(1).and_then(|at| self.rest.get(at)).copied();
        before.is_some_and(|before| (before.is_alphanumeric() && before != 'b') || before == '_')
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                (None, _) => return,
                _ => {
                    self.blank();
                    continue;
                }
            }
            self.blank();
            self.blank();
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        self.keep();
        loop {
            match self.peek(0) {
                None => return,
                Some('"') => return self.keep(),
                Some('\\') => {
                    self.blank();
                    self.blank();
                }
                Some(_) => self.blank(),
            }
        }
    }

    /// A character, or a lifetime.
    fn quote(&mut self) {
        let escaped = self.peek(1) == Some('\\');
        if !escaped && self.peek(2) != Some('\'') {
            return self.keep();
        }
        self.keep();
        self.blank();
        if escaped {
            self.blank();
            self.blank_while(|scanner| !matches!(scanner.peek(0), Some('\'' | '\n')));
        }
        self.keep();
    }

    fn raw_string(&mut self) {
        let hashes = (1..).take_while(|ahead| self.peek(*ahead) == Some('#')).count();
        // `r#type` is a name.
        if self.peek(1 + hashes) != Some('"') {
            return self.keep();
        }
        for _ in 0..hashes + 2 {
            self.keep();
        }
        let closes = |scanner: &Scanner| {
            scanner.peek(0) == Some('"') && (1..=hashes).all(|ahead| scanner.peek(ahead) == Some('#'))
        };
        self.blank_while(|scanner| !closes(scanner));
        for _ in 0..=hashes {
            self.keep();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::code_only;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(code_only(text), expected);
    }

    #[test]
    fn comments_and_literals_are_blank() {
        check("a // b\nc", "a     \nc");
        check("a /* b /* c */ d */ e", "a                   e");
        check(r#"f("mod x;") + g"#, r#"f("      ") + g"#);
        check(r#""a\"b" c"#, r#""    " c"#);
        check("r#\"a\"b\"# c", "r#\"   \"# c");
        check("'\"' x", "' ' x");
        check(r"'\'' x", "'  ' x");
        check("<'a> \"b\"", "<'a> \" \"");
        check("r#type x", "r#type x");
    }
}
