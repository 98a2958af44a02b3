//! Who may import whom: the table in `xtask/edges.toml` against the manifests.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::facts::Facts;
use super::fault::Fault;
use crate::workspace::{Dependency, Package};

pub(crate) const TABLE: &str = "xtask/edges.toml";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edges {
    nobody_imports: BTreeSet<String>,
    pub(crate) no_tokio: BTreeSet<String>,
    anything_but: BTreeMap<String, BTreeSet<String>>,
    may: BTreeMap<String, BTreeSet<String>>,
}

impl Edges {
    /// The table of these facts, or the fault in it.
    pub(crate) fn of(facts: &Facts) -> Result<Edges, Fault> {
        let Some(file) = facts.tree.file(TABLE) else {
            return Err(Fault::stop(
                TABLE,
                1,
                "the table of edges is missing",
                "write it after ARCHITECTURE.md",
            ));
        };
        toml::from_str(&file.text).map_err(|error| {
            let before = error.span().and_then(|span| file.text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            Fault::stop(TABLE, line, error.message().to_owned(), "mend the table")
        })
    }

    /// The name under which a crate stands in the table.
    pub(crate) fn row<'n>(folder: &str, name: &'n str) -> &'n str {
        if folder.starts_with("libs/") { "libs/*" } else { name }
    }

    fn allows(&self, folder: &str, from: &str, dependency: &Dependency) -> Option<bool> {
        if self.nobody_imports.contains(&dependency.name) {
            return Some(false);
        }
        if dependency.kind.as_deref() == Some("dev") {
            return Some(true);
        }
        let row = Edges::row(folder, from);
        if let Some(never) = self.anything_but.get(row) {
            return Some(!never.contains(&dependency.name));
        }
        Some(self.may.get(row)?.contains(&dependency.name))
    }
}

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    let edges = match Edges::of(facts) {
        Ok(edges) => edges,
        Err(fault) => return vec![fault],
    };
    facts.metadata.members().flat_map(|package| of_crate(facts, &edges, package)).collect()
}

fn of_crate(facts: &Facts, edges: &Edges, package: &Package) -> Vec<Fault> {
    let folder = facts.metadata.folder(package);
    let row = Edges::row(&folder, &package.name);
    if !edges.may.contains_key(row) && !edges.anything_but.contains_key(row) {
        let what = format!("crate `{}` has no row", package.name);
        return vec![Fault::stop(TABLE, 1, what, "say what it may import")];
    }
    let ours: BTreeSet<&str> = facts.metadata.members().map(|package| package.name.as_str()).collect();
    let mut faults = Vec::new();
    for dependency in package.dependencies.iter().filter(|dependency| ours.contains(dependency.name.as_str()))
    {
        if edges.allows(&folder, &package.name, dependency) == Some(false) {
            let (path, line) = facts.manifest_line(package, &dependency.name);
            let what = format!("`{}` may not import `{}`", package.name, dependency.name);
            faults.push(Fault::stop(
                &path,
                line,
                what,
                "meet in the store or in a port of `model`, or argue in an ADR",
            ));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::{TABLE, faults};
    use crate::tidy::facts::plant;
    use crate::tidy::tree::File;

    const EDGES: &str = r#"
        nobody_imports = ["sim"]
        no_tokio = []
        [anything_but]
        server = ["sim"]
        [may]
        "libs/*" = []
        model = []
        store = ["model"]
        sim = ["store"]
    "#;

    #[track_caller]
    fn check(crates: &[(&str, &[&str])], expected: &[&str]) {
        let crates: Vec<_> = crates.iter().map(|(folder, needs)| plant::ours(folder, needs)).collect();
        let mut facts = plant::packages(&crates);
        facts.tree.files.push(File { path: TABLE.to_owned(), text: EDGES.to_owned() });
        let found: Vec<String> = faults(&facts).into_iter().map(|fault| fault.what).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_arrow_upwards_is_a_fault() {
        let model: (&str, &[&str]) = ("crates/model", &[]);
        check(&[model, ("crates/store", &["model", "serde"])], &[]);
        check(&[("crates/model", &["store"]), ("crates/store", &[])], &["`model` may not import `store`"]);
        check(&[model, ("libs/hl7v2", &["model"])], &["`hl7v2` may not import `model`"]);
        check(&[("crates/store", &[]), ("crates/model", &["dev:store"])], &[]);
        check(&[("crates/sim", &[]), ("crates/model", &["dev:sim"])], &["`model` may not import `sim`"]);
        check(&[("crates/sim", &[]), ("crates/server", &["sim"])], &["`server` may not import `sim`"]);
        check(&[("crates/novel", &[])], &["crate `novel` has no row"]);
    }
}
