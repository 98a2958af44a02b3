//! Texts and addresses of things: how they begin, what they hold, what they are exactly.

use serde_json::Value;

use super::matched::Verdict;

/// A text that is sought; without a modifier neither case nor accents matter.
#[derive(Debug)]
pub(super) enum Wanted {
    Begins(String),
    Contains(String),
    Exactly(String),
}

impl Wanted {
    /// A text, or the parts of a name or an address.
    pub(super) fn test(&self, value: &Value) -> Verdict {
        Verdict::of(match value {
            Value::String(text) => self.is(text),
            Value::Object(_) => PARTS.iter().filter_map(|name| value.get(name)).any(|part| match part {
                Value::Array(texts) => texts.iter().filter_map(Value::as_str).any(|text| self.is(text)),
                Value::String(text) => self.is(text),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => false,
        })
    }

    fn is(&self, text: &str) -> bool {
        match self {
            Wanted::Begins(wanted) => folded(text).starts_with(wanted),
            Wanted::Contains(wanted) => folded(text).contains(wanted),
            Wanted::Exactly(wanted) => text == wanted,
        }
    }
}

/// The parts of `HumanName`, Address and Annotation that are searched.
#[rustfmt::skip]
const PARTS: [&str; 11] = [
    "text", "family", "given", "prefix", "suffix",
    "line", "city", "district", "state", "postalCode", "country",
];

/// A text without case and without the accents of Latin letters.
pub(super) fn folded(text: &str) -> String {
    let letters = text.chars().flat_map(char::to_lowercase);
    letters.filter(|c| !('\u{300}'..='\u{36f}').contains(c)).map(unaccented).collect()
}

fn unaccented(letter: char) -> char {
    match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => 'i',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}

/// An address of a thing that is sought.
#[derive(Debug)]
pub(super) enum Uri {
    Exactly(String),
    /// It, or what lies beneath it.
    Below(String),
    /// It, or what it lies beneath.
    Above(String),
}

impl Uri {
    pub(super) fn test(&self, value: &Value) -> Verdict {
        let Some(stored) = value.as_str() else { return Verdict::No };
        Verdict::of(match self {
            // `url|version` of a canonical is found by its url, and by itself.
            Uri::Exactly(wanted) => {
                stored == wanted || stored.rsplit_once('|').is_some_and(|(url, _)| url == wanted)
            }
            Uri::Below(wanted) => is_beneath(stored, wanted),
            Uri::Above(wanted) => is_beneath(wanted, stored),
        })
    }
}

fn is_beneath(uri: &str, root: &str) -> bool {
    let rest = uri.strip_prefix(root);
    rest.is_some_and(|rest| rest.is_empty() || root.ends_with('/') || rest.starts_with(['/', '#', '|']))
}
