//! `ui`: the console, built from `ui/` into `crates/ui-assets/dist/`.
//!
//! Vite writes `ui/dist` with `index.html` and `assets/*`; every file is gzip-ed
//! without a time in it, so that the same sources give the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use flate2::{Compression, GzBuilder};

use crate::command::{Run, plural};
use crate::first_load;
use crate::steps::Steps;
use crate::workspace::root;

const SOURCES: &str = "ui";
const BUILT: &str = "ui/dist";
const COMMITTED: &str = "crates/ui-assets/dist";

/// File names, relative and with `/`, and their gzip-ed bytes.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn run(check: bool) -> Result<()> {
    if check {
        eprintln!("{}", compare()?);
        return Ok(());
    }
    let files = build()?;
    let note = first_load::check(&files)?;
    write(&root().join(COMMITTED), &files)?;
    eprintln!("{COMMITTED} holds {}, {note}", plural(files.len() as u64, "file"));
    Ok(())
}

/// Types, the rules of the tree, unit tests. The build before has installed what they need.
pub(crate) fn add_checks(steps: &mut Steps) {
    for (name, script) in [("types", "types"), ("rules of the tree", "layout"), ("unit tests", "test")] {
        let run = || Run::new("npm", &["run", "--silent", script]).within(&root().join(SOURCES));
        let repeat = format!("cd {SOURCES} && npm run {script}");
        steps.plain(&format!("console: {name}"), &repeat, || run().show().map(|()| String::new()));
    }
}

/// Builds anew and fails with the first file that differs from what is committed.
pub(crate) fn compare() -> Result<String> {
    let fresh = build()?;
    let note = first_load::check(&fresh)?;
    let mut committed = Files::new();
    let folder = root().join(COMMITTED);
    gather(&folder, &folder, &mut committed)?;
    match difference(&committed, &fresh) {
        None => Ok(note),
        Some(what) => bail!("{what} — run `cargo xtask ui` and commit {COMMITTED}"),
    }
}

fn build() -> Result<Files> {
    let sources = root().join(SOURCES);
    Run::new("npm", &["ci", "--no-audit", "--no-fund"]).within(&sources).show()?;
    Run::new("npm", &["run", "build"]).within(&sources).show()?;
    let built = root().join(BUILT);
    let mut plain = Files::new();
    gather(&built, &built, &mut plain).with_context(|| format!("the build left no {BUILT}"))?;
    ensure!(plain.contains_key("index.html"), "{BUILT} has no index.html");
    plain.into_iter().map(|(name, bytes)| Ok((format!("{name}.gz"), gzip(&bytes)?))).collect()
}

fn gather(base: &Path, folder: &Path, files: &mut Files) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            gather(base, &path, files)?;
        } else {
            let name = path.strip_prefix(base)?.to_string_lossy().replace('\\', "/");
            files.insert(name, fs::read(&path)?);
        }
    }
    Ok(())
}

fn write(folder: &Path, files: &Files) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut writer = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

fn difference(committed: &Files, fresh: &Files) -> Option<String> {
    let names: BTreeSet<&String> = committed.keys().chain(fresh.keys()).collect();
    names.into_iter().find_map(|name| match (committed.get(name), fresh.get(name)) {
        (Some(one), Some(other)) if one == other => None,
        (Some(_), Some(_)) => Some(format!("{COMMITTED}/{name} differs from what ui/ builds")),
        (Some(_), None) => Some(format!("{COMMITTED}/{name} is left over")),
        (None, _) => Some(format!("{COMMITTED}/{name} is missing")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(all: &[(&str, &[u8])]) -> Files {
        all.iter().map(|(name, bytes)| (format!("{name}.gz"), gzip(bytes).unwrap())).collect()
    }

    #[test]
    fn the_same_bytes_are_gzipped_to_the_same_bytes() {
        let once = gzip(b"let x;").unwrap();
        assert_eq!((&once, &once[4..8]), (&gzip(b"let x;").unwrap(), &[0; 4][..]));
    }

    #[test]
    fn what_differs_is_named() {
        let one = files(&[("index.html", b"a"), ("assets/a.js", b"1")]);
        assert_eq!(difference(&one, &one), None);
        for (other, expected) in [
            (
                files(&[("index.html", b"a"), ("assets/a.js", b"2")]),
                "assets/a.js.gz differs from what ui/ builds",
            ),
            (files(&[("index.html", b"a")]), "assets/a.js.gz is left over"),
            (files(&[("index.html", b"a"), ("assets/a.js", b"1"), ("b", b"")]), "b.gz is missing"),
        ] {
            assert_eq!(difference(&one, &other).as_deref(), Some(format!("{COMMITTED}/{expected}").as_str()));
        }
    }
}
