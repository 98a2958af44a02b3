//! Entry points for fuzzers: any bytes, no panic. `corpus/` is replayed by the tests.

use model::json;

use crate::events::{Sent, cloud, native};

/// A body of the events door, read in each of its notations.
///
/// # Panics
/// If the data of an event is not the very text that was sent: decimals keep their text.
pub fn events(bytes: &[u8]) {
    let Ok(text) = json::check(bytes) else { return };
    for sent in [native::one(text), cloud::structured(text)].into_iter().flatten() {
        is_as_sent(text, &sent);
    }
    for sent in [native::array(text), cloud::batch(text)].into_iter().flatten().flatten() {
        is_as_sent(text, &sent);
    }
}

fn is_as_sent(text: &str, sent: &Sent<'_>) {
    assert!(text.contains(sent.data.get()), "the data is a part of the body");
    assert!(sent.place.is_empty() || sent.place.starts_with('/'), "a place is a JSON pointer");
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn no_body_of_the_corpus_makes_a_panic_however_it_is_cut() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/events");
        let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!files.is_empty());
        for file in files {
            println!("{}", file.display());
            let bytes = fs::read(&file).unwrap();
            (0..=bytes.len()).for_each(|end| super::events(&bytes[..end]));
        }
    }
}
