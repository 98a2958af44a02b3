//! What JSON may look like here: UTF-8, bounded depth, no key twice.
//!
//! This is the check that runs before `serde_json` reads a document. Parsers
//! disagree about duplicate keys, so a document that has one is refused.

use std::borrow::Cow;
use std::collections::HashSet;

use memchr::memchr2;

use crate::{Code, limits};

/// What is wrong with a document, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The bytes are not UTF-8.
    #[error("not UTF-8 from byte {0} on")]
    NotUtf8(usize),
    /// Brackets or strings do not end where they should.
    #[error("malformed at byte {0}")]
    Malformed(usize),
    /// Nested deeper than [`limits::JSON_DEPTH`].
    #[error("nested deeper than 64 at byte {0}")]
    TooDeep(usize),
    /// The same key twice in one object.
    #[error("the key that ends at byte {0} stands twice in its object")]
    DuplicateKey(usize),
    /// More than [`limits::JSON_MEMBERS`] keys in one object.
    #[error("an object has too many members at byte {0}")]
    TooManyMembers(usize),
}

impl Flaw {
    /// The problem code of the flaw.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Flaw::NotUtf8(_) | Flaw::Malformed(_) | Flaw::TooManyMembers(_) => Code::MalformedJson,
            Flaw::TooDeep(_) => Code::TooDeep,
            Flaw::DuplicateKey(_) => Code::DuplicateKey,
        }
    }
}

/// Checks nesting and keys, and gives the document as text.
///
/// Numbers, literals and commas are left to the parser that follows.
///
/// # Errors
/// The first flaw.
pub fn check(bytes: &[u8]) -> Result<&str, Flaw> {
    let text = str::from_utf8(bytes).map_err(|fault| Flaw::NotUtf8(fault.valid_up_to()))?;
    let mut nesting = Nesting::default();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => nesting.open(byte, at)?,
            b'}' | b']' => nesting.close(byte, at)?,
            b',' => nesting.next_member(),
            b'"' => {
                let end = string_end(bytes, at)?;
                nesting.take_string(text, at, end)?;
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    if nesting.levels.is_empty() { Ok(text) } else { Err(Flaw::Malformed(bytes.len())) }
}

/// The arrays and objects that are open, and the keys of the objects.
struct Nesting<'a> {
    levels: Vec<Level<'a>>,
    /// Keys of all open objects, those of the outer ones first.
    keys: Vec<Cow<'a, str>>,
}

enum Level<'a> {
    Array,
    Object {
        /// Where its keys begin.
        first: usize,
        next_is_key: bool,
        /// Its keys, once they are many: few are compared one by one.
        many: Option<HashSet<Cow<'a, str>>>,
    },
}

impl Default for Nesting<'_> {
    fn default() -> Self {
        Nesting { levels: Vec::with_capacity(16), keys: Vec::with_capacity(64) }
    }
}

impl<'a> Nesting<'a> {
    fn open(&mut self, byte: u8, at: usize) -> Result<(), Flaw> {
        if self.levels.len() == limits::JSON_DEPTH {
            return Err(Flaw::TooDeep(at));
        }
        self.levels.push(match byte {
            b'{' => Level::Object { first: self.keys.len(), next_is_key: true, many: None },
            _ => Level::Array,
        });
        Ok(())
    }

    fn close(&mut self, byte: u8, at: usize) -> Result<(), Flaw> {
        match (self.levels.pop(), byte) {
            (Some(Level::Array), b']') => Ok(()),
            (Some(Level::Object { first, .. }), b'}') => {
                self.keys.truncate(first);
                Ok(())
            }
            _ => Err(Flaw::Malformed(at)),
        }
    }

    fn next_member(&mut self) {
        if let Some(Level::Object { next_is_key, .. }) = self.levels.last_mut() {
            *next_is_key = true;
        }
    }

    fn take_string(&mut self, text: &'a str, at: usize, end: usize) -> Result<(), Flaw> {
        let Some(Level::Object { first, next_is_key, many }) = self.levels.last_mut() else { return Ok(()) };
        if !std::mem::take(next_is_key) {
            return Ok(());
        }
        let quoted = text.get(at..end).ok_or(Flaw::Malformed(at))?;
        let key = unescaped(quoted).ok_or(Flaw::Malformed(at))?;
        if let Some(many) = many {
            return add_to_many(many, key, end);
        }
        if self.keys[*first..].contains(&key) {
            return Err(Flaw::DuplicateKey(end));
        }
        self.keys.push(key);
        if self.keys.len() - *first > FEW {
            *many = Some(self.keys.drain(*first..).collect());
        }
        Ok(())
    }
}

fn add_to_many<'a>(keys: &mut HashSet<Cow<'a, str>>, key: Cow<'a, str>, end: usize) -> Result<(), Flaw> {
    if !keys.insert(key) {
        return Err(Flaw::DuplicateKey(end));
    }
    if keys.len() > limits::JSON_MEMBERS {
        return Err(Flaw::TooManyMembers(end));
    }
    Ok(())
}

/// A set costs more than it saves up to so many keys.
const FEW: usize = 24;

/// The position after the closing quote of the string that opens at `start`.
fn string_end(bytes: &[u8], start: usize) -> Result<usize, Flaw> {
    let mut at = start + 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes[at] == b'"' {
            return Ok(at + 1);
        }
        at += 2;
    }
    Err(Flaw::Malformed(start))
}

fn unescaped(quoted: &str) -> Option<Cow<'_, str>> {
    if quoted.contains('\\') {
        return serde_json::from_str::<String>(quoted).ok().map(Cow::Owned);
    }
    quoted.strip_prefix('"')?.strip_suffix('"').map(Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, flaw: Flaw) {
        assert_eq!(check(text.as_bytes()), Err(flaw), "{text}");
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_however_it_is_written() {
        refused(r#"{"id":1,"id":2}"#, Flaw::DuplicateKey(12));
        refused(r#"{"id":1,"\u0069d":2}"#, Flaw::DuplicateKey(17));
        refused(r#"[{"a":{"b":1,"c":{},"b":[]}}]"#, Flaw::DuplicateKey(23));
        assert!(check(br#"[{"a":"a"},{"a":["a","a"]}]"#).is_ok());
        let many: Vec<String> = (0..40).map(|n| format!("\"k{n}\":0")).collect();
        assert!(check(format!("{{{}}}", many.join(",")).as_bytes()).is_ok());
        assert!(check(format!("{{{},\"k39\":1}}", many.join(",")).as_bytes()).is_err());
    }

    #[test]
    fn depth_is_bounded_and_brackets_must_match() {
        assert!(check(format!("{}{}", "[".repeat(64), "]".repeat(64)).as_bytes()).is_ok());
        refused(&format!("{}{}", "[".repeat(65), "]".repeat(65)), Flaw::TooDeep(64));
        refused(&"[".repeat(1_000_000), Flaw::TooDeep(64));
        refused(r#"{"a":[1}"#, Flaw::Malformed(7));
        refused(r#"{"a":"b"#, Flaw::Malformed(5));
        assert_eq!(check(b"\"\xC0\x80\""), Err(Flaw::NotUtf8(1)));
    }
}
