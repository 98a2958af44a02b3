//! Entry points for fuzzers: any bytes, no panic. `corpus/` is replayed by the tests.

use http::{HeaderMap, HeaderName, HeaderValue};
use model::{PresetSettings, Secret, Timestamp};

use crate::{Call, Library, Preset};

/// A call at the door of every preset: lines of headers, an empty line, a body.
///
/// # Panics
/// If a call without a key is taken for a vendor's.
pub fn hook(bytes: &[u8]) {
    let (headers, body) = split(bytes);
    let call = Call {
        method: "POST",
        path: "/ingest/int_0/hook",
        query: "a=b&hub.challenge=c",
        secret_path: None,
        headers: &headers,
        body,
        now: Timestamp::from_millis(1_767_225_600_000),
    };
    for preset in library().all() {
        let empty = PresetSettings::default();
        assert!(preset.prove(&call, &empty).is_err(), "{} takes a call without a key", preset.name);
        let given = given(preset);
        drop((preset.welcome(&call, &given), preset.prove(&call, &given), preset.read_items(&call, &given)));
    }
}

fn library() -> &'static Library {
    static LIBRARY: std::sync::LazyLock<Library> = std::sync::LazyLock::new(Library::embedded);
    &LIBRARY
}

/// Something for everything that a preset asks for.
fn given(preset: &Preset) -> PresetSettings {
    let mut given = PresetSettings::default();
    for field in &preset.fields {
        if field.secret {
            given.secrets.insert(field.name.clone(), vec![Secret::new("d2hraXQ".to_owned())]);
        } else {
            given.fields.insert(field.name.clone(), "https://hooks.example.org/in".to_owned());
        }
    }
    given.secrets.remove("secretPath");
    given
}

fn split(bytes: &[u8]) -> (HeaderMap, &[u8]) {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = match end.and_then(|end| Some((bytes.get(..end)?, bytes.get(end + 2..)?))) {
        Some(parts) => parts,
        None => (&[][..], bytes),
    };
    let mut headers = HeaderMap::new();
    for line in head.split(|byte| *byte == b'\n').take(32) {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else { continue };
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value.trim_ascii()))
        {
            headers.append(name, value);
        }
    }
    (headers, body)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn no_call_of_the_corpus_makes_a_panic_however_it_is_cut() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/hook");
        let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!files.is_empty());
        for file in files {
            let bytes = fs::read(&file).unwrap();
            (0..=bytes.len()).for_each(|end| super::hook(&bytes[..end]));
        }
    }
}
