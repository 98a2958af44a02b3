//! The fuzz targets are a workspace of their own: they are to be built of what the server is built of.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::facts::Facts;
use super::fault::Fault;

const LOCK: &str = "fuzz/Cargo.lock";
const MEND: &str =
    "cp Cargo.lock fuzz/Cargo.lock && cargo metadata --format-version 1 --manifest-path fuzz/Cargo.toml";

/// A lock file, as far as it is read here.
#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    /// Names, with a version where there are several.
    #[serde(default)]
    dependencies: Vec<String>,
}

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    let (Some(ours), Some(theirs)) = (read(facts, "Cargo.lock"), read(facts, LOCK)) else {
        return Vec::new();
    };
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for locked in &ours.package {
        versions.entry(&locked.name).or_default().insert(&locked.version);
    }
    let mut faults = Vec::new();
    for locked in &theirs.package {
        let Locked { name, version, dependencies } = locked;
        if versions.get(name.as_str()).is_some_and(|known| !known.contains(version.as_str())) {
            faults.push(fault(facts, name, format!("`{name}` {version} is not what the server is built of")));
        }
        for lacking in lacking(facts, name, dependencies) {
            faults.push(fault(facts, name, format!("`{name}` is locked without its `{lacking}`")));
        }
    }
    faults
}

/// What the manifest of one of our crates asks for and the lock does not have.
fn lacking<'f>(facts: &'f Facts, name: &str, locked: &[String]) -> Vec<&'f str> {
    let locked: BTreeSet<&str> = locked.iter().filter_map(|entry| entry.split(' ').next()).collect();
    let ours = facts.metadata.members().find(|package| package.name == name);
    let asked = ours.into_iter().flat_map(|package| &package.dependencies);
    let built = asked.filter(|dependency| dependency.kind.as_deref() != Some("dev"));
    built.map(|dependency| dependency.name.as_str()).filter(|name| !locked.contains(name)).collect()
}

fn read(facts: &Facts, path: &str) -> Option<Lock> {
    toml::from_str(&facts.tree.file(path)?.text).ok()
}

fn fault(facts: &Facts, name: &str, what: String) -> Fault {
    let names_it = |line: &str| line == format!("name = \"{name}\"");
    let place = facts.tree.file(LOCK).and_then(|file| file.text.lines().position(names_it));
    Fault::stop(LOCK, place.unwrap_or(0) + 1, what, MEND)
}

#[cfg(test)]
mod tests {
    use super::{LOCK, faults};
    use crate::tidy::facts::plant;
    use crate::tidy::tree::File;

    #[track_caller]
    fn check(locked: &str, expected: &[(usize, &str)]) {
        let bytes = "[[package]]\nname = \"bytes\"\nversion = \"1.2.0\"\n";
        let mut facts = plant::packages(&[plant::ours("crates/model", &["bytes", "dev:proptest"])]);
        let file = |path: &str, text: String| File { path: path.to_owned(), text };
        facts.tree.files.push(file("Cargo.lock", bytes.to_owned()));
        facts.tree.files.push(file(LOCK, locked.to_owned()));
        let found = faults(&facts);
        let found: Vec<_> = found.iter().map(|fault| (fault.line, fault.what.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_lock_that_is_behind_the_workspace_is_a_fault() {
        let model = |needs: &str| {
            format!("[[package]]\nname = \"model\"\nversion = \"0.1.0\"\ndependencies = [{needs}]\n")
        };
        let bytes = |version: &str| format!("[[package]]\nname = \"bytes\"\nversion = \"{version}\"\n");
        let fuzzer = "[[package]]\nname = \"libfuzzer-sys\"\nversion = \"0.4.0\"\n";
        check(&(model("\"bytes 1.2.0\"") + &bytes("1.2.0") + fuzzer), &[]);
        check(&bytes("1.2.1"), &[(2, "`bytes` 1.2.1 is not what the server is built of")]);
        check(&model(""), &[(2, "`model` is locked without its `bytes`")]);
    }
}
