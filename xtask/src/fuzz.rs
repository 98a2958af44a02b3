//! Coverage-guided fuzzing by libFuzzer, with the pinned toolchain: each target grows its corpus for a while.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::command::Run;
use crate::steps::Steps;
use crate::workspace::root;

/// What libFuzzer needs to see where an input leads; no sanitizer, since nothing here is `unsafe`.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
     -Ccodegen-units=1";
const SECONDS: &str = "-max_total_time=600";
const BYTES: &str = "-max_len=16384";

/// Builds the targets, then runs each; one step a target.
pub(crate) fn add(steps: &mut Steps) {
    let Some((host, targets)) = steps.step("build of the targets", "cargo xtask nightly fuzz", build) else {
        return;
    };
    for target in targets {
        let run = Target { name: target, host: host.clone() };
        steps.plain(&run.name, "cargo xtask nightly fuzz", || run.grow());
    }
}

fn build() -> Result<((String, Vec<String>), String)> {
    let version = Run::new("rustc", &["-vV"]).read()?;
    let host =
        version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names its host")?;
    // With a target named, build scripts are compiled without the instruments.
    let words = ["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--target", host];
    let built = Run::cargo(&words).within(&root()).env("RUSTFLAGS", COVERAGE);
    built.env("CARGO_TARGET_DIR", folder()).show()?;
    let targets = names()?;
    let note = format!("{} targets", targets.len());
    Ok(((host.to_owned(), targets), note))
}

/// The targets, by the files that hold them.
fn names() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root().join("fuzz/targets"))? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|name| name.to_str()).context("a target has a name")?;
        names.push(name.to_owned());
    }
    names.sort();
    Ok(names)
}

/// One target: the crate, `_`, and the entry point in its `fuzz` module.
struct Target {
    name: String,
    host: String,
}

impl Target {
    /// Runs it for a while; what it finds is kept and named.
    fn grow(&self) -> Result<String> {
        let found = folder().join("corpus").join(&self.name);
        std::fs::create_dir_all(&found)?;
        let binary = folder().join(&self.host).join("release").join(&self.name);
        let corpus = self.corpus();
        let artifacts = format!("-artifact_prefix={}/", found.display());
        let binary = text(&binary)?;
        let mut words = vec![SECONDS, BYTES, &artifacts, text(&found)?];
        words.extend(corpus.as_deref().map(text).transpose()?);
        if Run::new(binary, &words).show().is_err() {
            bail!("{} broke a promise; the input is in {}", self.name, found.display());
        }
        Ok(String::new())
    }

    /// The inputs that the tests replay, if there are any.
    fn corpus(&self) -> Option<PathBuf> {
        let (owner, entry) = self.name.split_once('_')?;
        let places = ["libs", "crates"].map(|kind| root().join(kind).join(owner).join("corpus").join(entry));
        places.into_iter().find(|place| place.is_dir())
    }
}

fn folder() -> PathBuf {
    root().join("target/fuzz")
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{Target, names};
    use crate::workspace::root;

    #[test]
    fn each_target_is_built_and_most_have_a_corpus() {
        let manifest = std::fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
        let names = names().unwrap();
        for name in &names {
            assert!(manifest.contains(&format!("path = \"targets/{name}.rs\"")), "{name} is not built");
        }
        let target = |name: &String| Target { name: name.clone(), host: String::new() };
        assert!(names.iter().filter(|name| target(name).corpus().is_some()).count() >= names.len() - 1);
    }
}
