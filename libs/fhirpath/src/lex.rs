//! A text becomes words.

use crate::fault::{CompileError, Span};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Word {
    /// A name, also a keyword.
    Name(String),
    /// A name between backticks, which is never a keyword.
    Quoted(String),
    Text(String),
    Number(String),
    /// What stands after `@`.
    Moment(String),
    /// What stands after `%`.
    Variable(String),
    /// `$this` and its kin, without `$`.
    Special(String),
    Symbol(&'static str),
    End,
}

/// Longer ones first.
const SYMBOLS: [&str; 23] = [
    "!=", "!~", "<=", ">=", "=", "~", "<", ">", "|", "+", "-", "&", "*", "/", "(", ")", "[", "]", "{", "}",
    ".", ",", "!",
];

pub(crate) fn words(text: &str) -> Result<Vec<(Word, Span)>, CompileError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut words = Vec::new();
    loop {
        lexer.skip()?;
        let start = lexer.at;
        let word = lexer.word()?;
        let is_end = word == Word::End;
        words.push((word, span(start, lexer.at)));
        if is_end {
            return Ok(words);
        }
    }
}

pub(crate) fn span(start: usize, end: usize) -> Span {
    // A text is shorter than `Expression::TEXT_BYTES_MAX`.
    Span { start: start as u32, end: end as u32 }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn error(&self, position: usize, what: &str, fix: &str) -> CompileError {
        CompileError::new(self.text, position, what, fix)
    }

    /// White space and comments.
    fn skip(&mut self) -> Result<(), CompileError> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            let start = self.at + rest.len() - trimmed.len();
            let length = if trimmed.starts_with("//") {
                trimmed.find('\n').unwrap_or(trimmed.len())
            } else if trimmed.starts_with("/*") {
                let end = trimmed.find("*/");
                end.ok_or_else(|| self.error(start, "a comment has no end", "close it with */"))? + 2
            } else {
                self.at = start;
                return Ok(());
            };
            self.at = start + length;
        }
    }

    fn word(&mut self) -> Result<Word, CompileError> {
        let start = self.at;
        let Some(first) = self.peek() else { return Ok(Word::End) };
        match first {
            'a'..='z' | 'A'..='Z' | '_' => Ok(Word::Name(self.take(is_name).to_owned())),
            '0'..='9' => Ok(Word::Number(self.number())),
            '\'' => Ok(Word::Text(self.quoted('\'')?)),
            '`' => Ok(Word::Quoted(self.quoted('`')?)),
            '@' => {
                self.at += 1;
                let length = moment_length(self.rest());
                let text = self.rest().get(..length).unwrap_or_default().to_owned();
                self.at += length;
                if text.is_empty() {
                    return Err(self.error(
                        start,
                        "@ has no date or time",
                        "write it as @2024-03-01 or @T10:30",
                    ));
                }
                Ok(Word::Moment(text))
            }
            '%' => {
                self.at += 1;
                let name = match self.peek() {
                    Some(quote @ ('`' | '\'')) => self.quoted(quote)?,
                    // FHIR writes %vs-name and %ext-name with hyphens and without backticks.
                    _ if ["vs-", "ext-"].iter().any(|start| self.rest().starts_with(start)) => {
                        self.take(|one| is_name(one) || one == '-').to_owned()
                    }
                    _ => self.take(is_name).to_owned(),
                };
                if name.is_empty() {
                    return Err(self.error(start, "% has no name", "write it as %resource"));
                }
                Ok(Word::Variable(name))
            }
            '$' => {
                self.at += 1;
                Ok(Word::Special(self.take(is_name).to_owned()))
            }
            _ => self.symbol(start),
        }
    }

    fn symbol(&mut self, start: usize) -> Result<Word, CompileError> {
        let rest = self.rest();
        let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) else {
            return Err(self.error(start, "this character has no meaning here", "quote text as 'text'"));
        };
        self.at += symbol.len();
        Ok(Word::Symbol(symbol))
    }

    fn take(&mut self, belongs: impl Fn(char) -> bool) -> &str {
        let start = self.at;
        let length = self.rest().find(|one| !belongs(one)).unwrap_or(self.rest().len());
        self.at += length;
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Digits, and a fraction if a digit follows the point: `1.toString()` is an integer.
    fn number(&mut self) -> String {
        let mut number = self.take(|one| one.is_ascii_digit()).to_owned();
        let mut after = self.rest().chars();
        if after.next() == Some('.') && after.next().is_some_and(|one| one.is_ascii_digit()) {
            self.at += 1;
            number.push('.');
            number.push_str(self.take(|one| one.is_ascii_digit()));
        }
        number
    }

    fn quoted(&mut self, quote: char) -> Result<String, CompileError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(one) = self.peek() {
            self.at += one.len_utf8();
            if one == quote {
                return Ok(text);
            }
            if one == '\\' {
                text.push(self.escape()?);
            } else {
                text.push(one);
            }
        }
        Err(self.error(start, "a quoted text has no end", &format!("close it with {quote}")))
    }

    fn escape(&mut self) -> Result<char, CompileError> {
        let start = self.at - 1;
        let escaped = self.peek();
        self.at += escaped.map_or(0, char::len_utf8);
        let plain = match escaped {
            Some(one @ ('\\' | '/' | '"' | '`' | '\'')) => Some(one),
            Some('f') => Some('\u{c}'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('u') => self.code_point(),
            _ => None,
        };
        plain.ok_or_else(|| {
            self.error(
                start,
                "this escape is unknown",
                "use one of \\\\ \\/ \\' \\\" \\` \\f \\n \\r \\t \\u0041",
            )
        })
    }

    /// Four hexadecimal digits, or two times four for what is beyond the first plane.
    fn code_point(&mut self) -> Option<char> {
        let first = self.unit()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        self.at += self.rest().strip_prefix("\\u").map(|_| 2)?;
        let second = self.unit()?.checked_sub(0xdc00)?;
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + second)
    }

    fn unit(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4)?;
        let unit = u32::from_str_radix(digits, 16).ok()?;
        self.at += 4;
        Some(unit)
    }
}

fn is_name(one: char) -> bool {
    one.is_ascii_alphanumeric() || one == '_'
}

/// How much of `text` is a date or time: `2024-03-01T10:30:00.5+01:00`, `2024`, `T10`.
fn moment_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize, count: usize| {
        (from..from + count).all(|at| bytes.get(at).is_some_and(u8::is_ascii_digit))
    };
    let part = |at: usize, mark: u8| bytes.get(at) == Some(&mark) && digits(at + 1, 2);
    let mut at = 0;
    if digits(0, 4) {
        at = 4;
        if part(at, b'-') {
            at += 3;
            at += if part(at, b'-') { 3 } else { 0 };
        }
    }
    if bytes.get(at) != Some(&b'T') {
        return at;
    }
    let is_time = at == 0;
    at += 1;
    if !digits(at, 2) {
        return if is_time { 0 } else { at };
    }
    at += 2;
    if part(at, b':') {
        at += 3;
        if part(at, b':') {
            at += 3;
            if bytes.get(at) == Some(&b'.') && digits(at + 1, 1) {
                at += 1;
                at += bytes.iter().skip(at).take_while(|byte| byte.is_ascii_digit()).count();
            }
        }
    }
    let has_offset = !is_time && (part(at, b'+') || part(at, b'-')) && part(at + 3, b':');
    let is_utc = !is_time && bytes.get(at) == Some(&b'Z');
    at + if has_offset { 6 } else { usize::from(is_utc) }
}
