//! What is meant where other languages write otherwise.

use super::Parser;
use crate::lex::Word;

impl Parser<'_> {
    /// What to do where the expression should have ended.
    pub(super) fn remedy(&self) -> &'static str {
        let is_number = matches!(self.word_before(), Some(Word::Number(_)));
        match self.peek() {
            Word::Name(_) if is_number => "quote the unit: 6.0 'mmol/L'",
            Word::Symbol(",") if is_number => "decimals have a point: 6.5",
            Word::Symbol("{" | "(" | ",") => "write several texts as ('a' | 'b')",
            _ => "join the parts with an operator such as `and`",
        }
    }

    /// What to do where a value is missing.
    pub(super) fn value_remedy(&self) -> &'static str {
        // A sign of two letters was read as two signs, and the second is none of a value.
        let from = (self.before().start as usize).saturating_sub(1);
        let written = self.text.get(from..).unwrap_or_default();
        let meant = MEANT.iter().find(|(sign, _)| written.starts_with(sign));
        meant.map_or("write a path, a literal or (…) here", |(_, fix)| fix)
    }

    fn word_before(&self) -> Option<&Word> {
        self.words.get(self.at.checked_sub(1)?).map(|(word, _)| word)
    }
}

/// Signs of other languages, each with what it is here.
const MEANT: [(&str, &str); 6] = [
    ("==", "write = once"),
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("<>", "write !="),
    ("=>", "write >="),
    ("=<", "write <="),
];

/// The function that is meant by a name of another language.
pub(super) fn function(name: &str) -> Option<&'static str> {
    Some(match name {
        "if" => "iif",
        "in" => "in",
        "size" | "len" => "length",
        "isNull" | "isEmpty" => "empty",
        "isNotNull" | "notEmpty" | "any" | "some" => "exists",
        "filter" => "where",
        "map" => "select",
        _ => return None,
    })
}

/// A function as it is written; `in` is an operator.
pub(super) fn called(name: &str) -> String {
    if name == "in" { "status in ('a' | 'b')".to_owned() } else { format!("{name}()") }
}
