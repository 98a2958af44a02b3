//! What a first visit to the console loads: the index, what it names, what that imports, a language,
//! and the page that is shown. A page is loaded with what it needs and with its styles.

use std::collections::BTreeSet;
use std::io::Read as _;

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;

use crate::ui::Files;

/// What a browser loads before it shows a page, gzip-ed.
const BYTES_MAX: usize = 180 << 10;

/// The pages that people arrive at, and the pieces that each loads by itself.
const PAGES: [&[&str]; 4] =
    [&["Now", "uPlot.esm"], &["Start", "hints"], &["Events"], &["Integrations", "integrations"]];
const LANGUAGES: [&str; 2] = ["en", "de"];

/// The largest first visit; refuses one that people on a slow line wait too long for.
pub(crate) fn check(files: &Files) -> Result<String> {
    let index = text(files, "index.html")?;
    let mut entry = BTreeSet::from(["index.html".to_owned()]);
    for name in named(&index) {
        follow(files, name.to_owned(), &mut entry)?;
    }
    let mut largest = 0;
    for page in PAGES {
        for language in LANGUAGES {
            let mut all = entry.clone();
            for piece in page.iter().copied().chain([language]) {
                follow(files, largest_of(files, piece)?, &mut all)?;
            }
            largest = largest.max(size(files, &all)?);
        }
    }
    ensure!(largest <= BYTES_MAX, "a first visit loads {largest} bytes, {BYTES_MAX} are allowed");
    Ok(format!("{} KiB for a first visit", largest.div_ceil(1 << 10)))
}

fn text(files: &Files, name: &str) -> Result<String> {
    let file = files.get(&format!("{name}.gz")).with_context(|| format!("{name} is not there"))?;
    let mut text = String::new();
    GzDecoder::new(file.as_slice()).read_to_string(&mut text)?;
    Ok(text)
}

fn size(files: &Files, names: &BTreeSet<String>) -> Result<usize> {
    let size = |name: &String| {
        let found = files.get(&format!("{name}.gz")).map(Vec::len);
        found.with_context(|| format!("{name} is named and not there"))
    };
    names.iter().map(size).sum()
}

/// The files of `assets/` that a page names.
fn named(page: &str) -> BTreeSet<&str> {
    let quoted = page.split('"').skip(1).step_by(2);
    quoted.map(|text| text.trim_start_matches('/')).filter(|text| text.starts_with("assets/")).collect()
}

/// A file, what it imports at once, and the styles of each.
fn follow(files: &Files, name: String, into: &mut BTreeSet<String>) -> Result<()> {
    if !into.insert(name.clone()) {
        return Ok(());
    }
    let Some(stem) = stem(&name, ".js") else { return Ok(()) };
    into.extend(of_stem(files, stem, ".css").map(str::to_owned));
    for import in imports(&text(files, &name)?) {
        follow(files, format!("assets/{import}"), into)?;
    }
    Ok(())
}

/// What a script imports before it runs, beside it in the folder.
fn imports(script: &str) -> Vec<&str> {
    let mut parts = script.split(['"', '\'']).peekable();
    let mut found = Vec::new();
    while let Some(before) = parts.next() {
        let is_import = ["from", "import"].iter().any(|word| before.trim_end().ends_with(word));
        let beside = parts.peek().and_then(|next| next.strip_prefix("./"));
        found.extend(beside.filter(|_| is_import));
    }
    found
}

/// The largest script that is called so: languages share the names of their texts.
fn largest_of(files: &Files, stem: &str) -> Result<String> {
    let stem = format!("assets/{stem}");
    let named = of_stem(files, &stem, ".js");
    let largest = named.max_by_key(|name| files.get(&format!("{name}.gz")).map_or(0, Vec::len));
    largest.map(str::to_owned).with_context(|| format!("nothing is called {stem}"))
}

fn of_stem<'a>(files: &'a Files, wanted: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    let names = files.keys().filter_map(|name| name.strip_suffix(".gz"));
    names.filter(move |name| stem(name, end) == Some(wanted))
}

/// A name without the hash that ends it.
fn stem<'a>(name: &'a str, end: &str) -> Option<&'a str> {
    let name = name.strip_suffix(end)?;
    name.get(..name.len().checked_sub("-12345678".len())?)
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    use super::*;

    fn packed(text: &str) -> Vec<u8> {
        let mut to = GzEncoder::new(Vec::new(), Compression::best());
        to.write_all(text.as_bytes()).unwrap();
        to.finish().unwrap()
    }

    fn console() -> Files {
        let index = r#"<script src="/assets/index-AAAAAAAA.js"></script>"#;
        let all = [
            ("index.html", index),
            (
                "assets/index-AAAAAAAA.js",
                r#"import{a}from"./shared-AAAAAAAA.js";import("./Now-AAAAAAAA.js")"#,
            ),
            ("assets/shared-AAAAAAAA.js", ""),
            ("assets/shared-BBBBBBBB.css", "a{}"),
            ("assets/Now-AAAAAAAA.js", ""),
            ("assets/uPlot.esm-AAAAAAAA.js", ""),
            ("assets/Start-AAAAAAAA.js", ""),
            ("assets/hints-AAAAAAAA.js", ""),
            ("assets/Events-AAAAAAAA.js", ""),
            ("assets/Integrations-AAAAAAAA.js", ""),
            ("assets/integrations-AAAAAAAA.js", ""),
            ("assets/en-AAAAAAAA.js", ""),
            ("assets/de-AAAAAAAA.js", ""),
        ];
        all.iter().map(|(name, text)| (format!("{name}.gz"), packed(text))).collect()
    }

    /// A text that stays too large however it is packed.
    fn noise() -> String {
        let mut state: u64 = 7;
        let mut digit = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from_digit((state >> 60) as u32, 16).unwrap()
        };
        (0..3 * BYTES_MAX).map(|_| digit()).collect()
    }

    #[test]
    fn a_first_visit_takes_in_what_is_imported_and_its_styles() {
        let files = console();
        let mut found = BTreeSet::new();
        follow(&files, "assets/index-AAAAAAAA.js".to_owned(), &mut found).unwrap();
        let expected =
            ["assets/index-AAAAAAAA.js", "assets/shared-AAAAAAAA.js", "assets/shared-BBBBBBBB.css"];
        assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_first_visit_that_is_too_large_is_refused_wherever_its_bytes_lie() {
        assert!(check(&console()).is_ok());
        for name in ["assets/shared-AAAAAAAA.js", "assets/Events-AAAAAAAA.js", "assets/de-AAAAAAAA.js"] {
            let mut files = console();
            files.insert(format!("{name}.gz"), packed(&noise()));
            let refused = check(&files).unwrap_err().to_string();
            assert!(refused.starts_with("a first visit loads"), "{name}: {refused}");
        }
        let mut files = console();
        files.remove("assets/shared-AAAAAAAA.js.gz");
        assert!(check(&files).is_err(), "what is imported must be there");
    }
}
