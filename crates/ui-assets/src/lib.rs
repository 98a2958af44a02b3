//! The built console, inside the binary, or in a folder while it is worked on.
//!
//! `cargo xtask ui` fills `dist/` from `ui/`; every file there is gzip-ed, and
//! `build.rs` lists them. `cargo run` needs no Node.

mod kind; // What a file is, by its name.

use std::borrow::Cow;
use std::io::Read as _;
use std::path::PathBuf;

use flate2::read::GzDecoder;

/// Where the console's files come from. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Console {
    folder: Option<PathBuf>,
}

/// A file of the console.
#[derive(Debug, Clone)]
pub struct File {
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
    /// Whether they are gzip-ed.
    pub coding: Coding,
    /// Its content type.
    pub kind: &'static str,
}

/// How the bytes of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// gzip-ed (RFC 1952).
    Gzip,
    /// As they are.
    Identity,
}

impl Console {
    /// The console that this binary was built with.
    #[must_use]
    pub fn embedded() -> Self {
        Console::default()
    }

    /// A console in a folder, read anew at each call: for working on it.
    #[must_use]
    pub fn in_folder(folder: PathBuf) -> Self {
        Console { folder: Some(folder) }
    }

    /// The page that every address of the console begins with.
    #[must_use]
    pub fn index(&self) -> Option<File> {
        self.find(kind::INDEX)
    }

    /// The file of this name, such as `assets/app-1a2b3c.js`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<File> {
        // What is no name of a file of ours leads nowhere, out of the folder least of all.
        if !kind::is_name(name) {
            return None;
        }
        let kind = kind::of(name);
        let Some(folder) = &self.folder else {
            let place = FILES.binary_search_by(|(known, _)| known.cmp(&name)).ok()?;
            let (_, bytes) = FILES.get(place)?;
            return Some(File { bytes: Cow::Borrowed(bytes), coding: Coding::Gzip, kind });
        };
        let bytes = std::fs::read(folder.join(name)).ok()?;
        Some(File { bytes: Cow::Owned(bytes), coding: Coding::Identity, kind })
    }
}

impl File {
    /// The same for a client that does not take gzip.
    #[must_use]
    pub fn plain(self) -> File {
        if self.coding == Coding::Identity {
            return self;
        }
        let mut bytes = Vec::new();
        GzDecoder::new(self.bytes.as_ref()).read_to_end(&mut bytes).expect("`cargo xtask ui` wrote it");
        File { bytes: Cow::Owned(bytes), coding: Coding::Identity, ..self }
    }
}

/// What `build.rs` found in `dist/`, sorted by name.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_file_is_found_by_its_name_and_can_be_inflated() {
        let console = Console::embedded();
        for (name, _) in FILES {
            let file = console.find(name).unwrap_or_else(|| panic!("{name} is not found"));
            assert_eq!(file.coding, Coding::Gzip);
            let gzipped = file.bytes.len();
            let plain = file.plain();
            assert!(!plain.bytes.is_empty() && gzipped > 0 && plain.coding == Coding::Identity, "{name}");
        }
        let index = console.index().unwrap().plain();
        assert_eq!(index.kind, "text/html; charset=utf-8");
        assert!(String::from_utf8_lossy(&index.bytes).to_lowercase().starts_with("<!doctype html>"));
    }

    #[test]
    fn the_index_holds_nothing_that_the_policy_of_the_console_forbids() {
        let index = Console::embedded().index().unwrap().plain();
        let page = String::from_utf8_lossy(&index.bytes).to_lowercase();
        for forbidden in ["<style", " style=", " onload=", "javascript:", "http://", "https://"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        for script in page.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap_or_default();
            assert!(tag.contains(" src=\"/"), "an inline script: {tag}");
        }
    }

    #[test]
    fn a_folder_shows_its_files_and_nothing_around_them() {
        let folder = std::env::temp_dir().join(format!("carehook-ui-assets-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("dist/assets")).unwrap();
        std::fs::write(folder.join("secret.js"), "x").unwrap();
        std::fs::write(folder.join("dist/assets/app.js"), "let x;").unwrap();
        let console = Console::in_folder(folder.join("dist"));
        let file = console.find("assets/app.js").unwrap();
        assert_eq!(
            (file.bytes.as_ref(), file.kind),
            (b"let x;".as_slice(), "text/javascript; charset=utf-8")
        );
        for name in ["../secret.js", "assets/../../secret.js", "/secret.js", "assets", ".", "", "assets/x.js"]
        {
            assert!(console.find(name).is_none(), "{name}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
