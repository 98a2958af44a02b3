//! Host names that are written to look like others.
//!
//! A label of several scripts is one (UTS 39 §5.2, "highly restrictive"), and so is a label that
//! has nothing but letters of another script that look Latin, unless the whole name ends in that script.

use std::collections::BTreeSet;

use icu_properties::CodePointMapData;
use icu_properties::props::Script;

/// Whether a host, as its ASCII form, is written to look like another.
pub(crate) fn is_homograph(host: &str) -> bool {
    if !host.split('.').any(|label| label.starts_with("xn--")) {
        return false;
    }
    let (name, _) = idna::domain_to_unicode(host);
    let name = name.trim_end_matches('.');
    let ends_latin = name.rsplit('.').next().is_some_and(str::is_ascii);
    name.split('.').any(|label| !is_of_one_writing(label) || (ends_latin && looks_latin(label)))
}

/// Whether a label is of one script, or of those that one language is written in.
fn is_of_one_writing(label: &str) -> bool {
    let scripts = CodePointMapData::<Script>::new();
    let shared = [Script::Common, Script::Inherited];
    let own = |letter| Some(scripts.get(letter)).filter(|script| !shared.contains(script));
    let found: BTreeSet<Script> = label.chars().filter_map(own).collect();
    found.len() < 2 || TOGETHER.iter().any(|writing| found.iter().all(|script| writing.contains(script)))
}

fn looks_latin(label: &str) -> bool {
    !label.is_ascii() && label.chars().all(|letter| letter.is_ascii() || LOOK_LATIN.contains(letter))
}

// UTS 39 §5.2: Japanese, Chinese and Korean are written with several scripts.
const TOGETHER: [&[Script]; 3] = [
    &[Script::Latin, Script::Han, Script::Hiragana, Script::Katakana],
    &[Script::Latin, Script::Han, Script::Bopomofo],
    &[Script::Latin, Script::Han, Script::Hangul],
];

// Cyrillic, then Greek: lower case, since a host has no capitals.
const LOOK_LATIN: &str = "асԁеһіјӏорԛѕԝхуъьҽпгѵѡкмт\u{3b1}\u{3b3}\u{3b7}\u{3b9}\u{3ba}\u{3bd}\u{3bf}\u{3c1}\u{3c4}\u{3c5}\u{3c7}\u{3c9}";

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    #[track_caller]
    fn check(host: &str, expected: bool) {
        let url = Url::parse(&format!("https://{host}/")).unwrap();
        assert_eq!(is_homograph(url.host_str().unwrap()), expected, "{host}");
    }

    #[test]
    fn names_that_look_like_others_are_told_from_names_of_other_languages() {
        // The first letter of each is Cyrillic, the last two have no Latin letter at all, one is Greek.
        for host in ["аpple.com", "www.сlinic.example", "аррӏе.com", "ρο.com"] {
            check(host, true);
        }
        for host in [
            "apple.com",
            "bücher.example",
            "клиника.com",
            "сор.рф",
            "例え.jp",
            "병원.kr",
            "ελλάδα.gr",
            "a-ü.de",
        ] {
            check(host, false);
        }
    }
}
