//! Every crate head and every folder head opens with `//!`.

use std::collections::BTreeSet;

use super::facts::Facts;
use super::fault::Fault;
use super::tree::File;

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    let folders: BTreeSet<&str> = facts.tree.rust().map(File::folder).collect();
    let mut faults = Vec::new();
    for file in facts.tree.rust() {
        let beside_its_folder = folders.contains(file.path.trim_end_matches(".rs"));
        let head = matches!(file.stem(), "lib" | "mod" | "main") || beside_its_folder;
        let first = file.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        if head && !first.starts_with("//!") {
            faults.push(Fault::stop(
                &file.path,
                1,
                "a head without `//!`",
                "open with one sentence of purpose",
            ));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::faults;
    use crate::tidy::facts::plant;

    #[test]
    fn a_head_that_does_not_say_what_it_is_is_a_fault() {
        let facts = plant::files(&[
            ("crates/a/src/lib.rs", "//! Says what it is.\n"),
            ("crates/b/src/lib.rs", "mod x;\n"),
            ("crates/b/src/leaf.rs", "pub struct Leaf;\n"),
            ("crates/b/src/branch.rs", "mod twig;\n"),
            ("crates/b/src/branch/twig.rs", "pub struct Twig;\n"),
        ]);
        let found: Vec<String> = faults(&facts).into_iter().map(|fault| fault.path).collect();
        assert_eq!(found, ["crates/b/src/lib.rs", "crates/b/src/branch.rs"]);
    }
}
