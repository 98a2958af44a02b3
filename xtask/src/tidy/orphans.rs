//! No Rust file that nothing includes.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Facts;
use super::fault::Fault;
use super::scan::code_only;
use super::tree::File;

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    let modules: BTreeMap<&str, BTreeSet<String>> =
        facts.tree.rust().map(|file| (file.path.as_str(), modules(&file.text))).collect();
    let mut faults = Vec::new();
    for file in facts.tree.rust() {
        let (name, parents) = place(file);
        let declared =
            parents.iter().any(|parent| modules.get(parent.as_str()).is_some_and(|it| it.contains(name)));
        if !is_root(&file.path) && !declared && !is_named(facts, file) {
            let fix = "declare it with `mod`, or delete it";
            faults.push(Fault::stop(&file.path, 1, "nothing includes this file", fix));
        }
    }
    faults
}

/// What a file declares with `mod name;`.
fn modules(text: &str) -> BTreeSet<String> {
    let code = code_only(text);
    let declared = code.lines().filter_map(|line| {
        let line = line.trim();
        let (before, after) = line.split_once("mod ")?;
        let starts = before.is_empty() || before.ends_with(' ');
        let name = after.strip_suffix(';').or_else(|| after.split_once(';').map(|(name, _)| name))?;
        starts.then(|| name.trim().trim_start_matches("r#").to_owned())
    });
    declared.collect()
}

/// The module a file is, and the files that may declare it.
fn place(file: &File) -> (&str, Vec<String>) {
    let (name, above) = if file.stem() == "mod" {
        let (above, name) = file.folder().rsplit_once('/').unwrap_or(("", file.folder()));
        (name, above)
    } else {
        (file.stem(), file.folder())
    };
    let heads = ["mod.rs", "lib.rs", "main.rs"].map(|head| format!("{above}/{head}"));
    (name, [heads.as_slice(), &[format!("{above}.rs")]].concat())
}

/// Where cargo looks by itself.
fn is_root(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    matches!(
        parts.as_slice(),
        [.., "src", "lib.rs" | "main.rs"]
            | [.., "build.rs"]
            | [.., "bin" | "tests" | "examples" | "benches", _]
            | [.., "bin" | "tests" | "examples" | "benches", _, "main.rs"]
    )
}

/// Whether a manifest, a `#[path]` or an `include!` names the file.
fn is_named(facts: &Facts, file: &File) -> bool {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    facts.tree.files.iter().any(|other| {
        let place = other.path.ends_with(".rs") || other.path.ends_with("Cargo.toml");
        let near = other.folder().is_empty() || file.path.starts_with(crate_folder(other));
        place
            && near
            && other.text.lines().any(|line| {
                let names = line.contains(&format!("/{name}\"")) || line.contains(&format!("\"{name}\""));
                names && (line.contains("path = ") || line.contains("include!("))
            })
    })
}

fn crate_folder(file: &File) -> &str {
    file.path.split_once("/src/").map_or(file.folder(), |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::faults;
    use crate::tidy::facts::plant;

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let found: Vec<String> = faults(&plant::files(files)).into_iter().map(|fault| fault.path).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_file_that_nothing_includes_is_a_fault() {
        check(&[("crates/a/src/lib.rs", "mod b; // The b.\n"), ("crates/a/src/b.rs", "")], &[]);
        check(&[("crates/a/src/lib.rs", "// mod b;\n"), ("crates/a/src/b.rs", "")], &["crates/a/src/b.rs"]);
        check(
            &[
                ("crates/a/src/lib.rs", "pub(crate) mod b;\n"),
                ("crates/a/src/b/mod.rs", "mod c;\n"),
                ("crates/a/src/b/c.rs", ""),
                ("crates/a/src/b/d.rs", ""),
            ],
            &["crates/a/src/b/d.rs"],
        );
        check(
            &[
                ("crates/a/src/b.rs", "mod c;"),
                ("crates/a/src/b/c.rs", ""),
                ("crates/a/src/lib.rs", "mod b;"),
            ],
            &[],
        );
    }

    #[test]
    fn cargo_finds_roots_by_itself() {
        check(
            &[
                ("crates/a/tests/it/main.rs", "mod b;"),
                ("crates/a/tests/it/b.rs", ""),
                ("crates/a/build.rs", ""),
            ],
            &[],
        );
        let manifest = "[[bin]]\npath = \"fuzz_targets/parse.rs\"\n";
        check(&[("libs/a/fuzz/Cargo.toml", manifest), ("libs/a/fuzz/fuzz_targets/parse.rs", "")], &[]);
        check(&[("libs/a/fuzz/fuzz_targets/parse.rs", "")], &["libs/a/fuzz/fuzz_targets/parse.rs"]);
    }
}
