//! `quick`: the crates changed since main and those that use them.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use crate::command::{Run, cargo_test};
use crate::conformance;
use crate::steps::Steps;
use crate::tidy;
use crate::workspace::{self, Metadata, root};

/// What every crate is built from: a change here changes them all.
const SHARED: &[&str] =
    &["Cargo.toml", "Cargo.lock", "clippy.toml", "rust-toolchain.toml", ".cargo/config.toml"];

pub(crate) fn run() -> Result<()> {
    let metadata = workspace::metadata()?;
    let crates = touched(&metadata, &changed_files()?);
    let mut steps = Steps::new();
    steps.plain("format", "cargo fmt --all", || {
        Run::cargo(&["fmt", "--all", "--check"]).within(&root()).show().map(|()| String::new())
    });
    steps.plain("tidy", "cargo xtask tidy", tidy::report);
    if crates.is_empty() {
        eprintln!("\nno crate changed since main");
        return steps.finish();
    }
    let packages: Vec<&str> = crates.iter().flat_map(|name| ["--package", name]).collect();
    let lints = [&["clippy", "--all-targets"], packages.as_slice(), &["--", "-D", "warnings"]].concat();
    let repeat = format!("cargo {}", lints.join(" "));
    steps.plain("lints", &repeat, || Run::cargo(&lints).within(&root()).show().map(|()| String::new()));
    let tests = [&["test", "--no-fail-fast"], packages.as_slice()].concat();
    let repeat = format!("cargo {}", tests.join(" "));
    steps.plain("tests", &repeat, || {
        let (libraries, _) = conformance::install()?;
        cargo_test(Run::cargo(&tests).within(&root()).env("INSTA_UPDATE", "no").envs(&libraries.variables()))
    });
    steps.finish()
}

/// Paths that differ from where this branch left main, committed or not.
fn changed_files() -> Result<Vec<String>> {
    let git = |arguments: &[&str]| Run::new("git", arguments).within(&root()).read();
    let base = git(&["merge-base", "HEAD", "main"])
        .or_else(|_| git(&["merge-base", "HEAD", "origin/main"]))
        .context("there is no branch main to compare with; run `cargo xtask test`")?;
    let known = git(&["diff", "--name-only", base.trim()])?;
    let new = git(&["ls-files", "--others", "--exclude-standard"])?;
    Ok(known.lines().chain(new.lines()).map(str::to_owned).collect())
}

fn touched(metadata: &Metadata, files: &[String]) -> BTreeSet<String> {
    if files.iter().any(|file| SHARED.contains(&file.as_str())) {
        return metadata.members().map(|package| package.name.clone()).collect();
    }
    let mut changed = BTreeSet::new();
    for package in metadata.members() {
        let folder = format!("{}/", metadata.folder(package));
        if files.iter().any(|file| file.starts_with(&folder)) {
            changed.insert(package.name.clone());
        }
    }
    metadata.with_dependants(&changed)
}

#[cfg(test)]
mod tests {
    use super::touched;
    use crate::workspace::Metadata;

    fn metadata() -> Metadata {
        let package = |name: &str, needs: &[&str]| {
            let needs: Vec<_> =
                needs.iter().map(|name| serde_json::json!({ "name": name, "kind": null })).collect();
            serde_json::json!({ "name": name, "version": "0.1.0", "id": name, "license": null, "source": null,
                "manifest_path": format!("/r/crates/{name}/Cargo.toml"), "dependencies": needs })
        };
        let packages = [package("model", &[]), package("store", &["model"]), package("bench", &[])];
        serde_json::from_value(serde_json::json!({ "packages": packages, "resolve": { "nodes": [] },
            "workspace_members": ["model", "store", "bench"], "target_directory": "/t", "workspace_root": "/r" }))
        .unwrap()
    }

    #[track_caller]
    fn check(files: &[&str], expected: &[&str]) {
        let files: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
        let crates: Vec<String> = touched(&metadata(), &files).into_iter().collect();
        assert_eq!(crates, expected);
    }

    #[test]
    fn a_change_reaches_whoever_uses_the_crate() {
        check(&["crates/model/src/lib.rs"], &["model", "store"]);
        check(&["crates/store/src/lib.rs"], &["store"]);
        check(&["docs/README.md"], &[]);
        check(&["Cargo.lock"], &["bench", "model", "store"]);
    }
}
