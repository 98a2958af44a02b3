//! The pure crates reach no tokio, at any depth.

use super::edges::Edges;
use super::facts::Facts;
use super::fault::Fault;

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    // A table that cannot be read is named by the rule it belongs to.
    let Ok(edges) = Edges::of(facts) else { return Vec::new() };
    let mut faults = Vec::new();
    for package in facts.metadata.members() {
        let pure = edges.no_tokio.contains(Edges::row(&facts.metadata.folder(package), &package.name));
        let Some(way) = pure.then(|| facts.metadata.way_to(package, "tokio")).flatten() else { continue };
        let next = way.get(1).map_or("tokio", String::as_str);
        let (path, line) = facts.manifest_line(package, next);
        let what = format!("a pure crate reaches tokio: {}", way.join(" → "));
        faults.push(Fault::stop(&path, line, what, "move the I/O up, keep the decision here"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::faults;
    use crate::tidy::edges::TABLE;
    use crate::tidy::facts::plant;
    use crate::tidy::tree::File;

    #[track_caller]
    fn check(model: &[&str], expected: &[&str]) {
        let registry = "registry+x";
        let mut hyper = plant::theirs("hyper", "MIT", registry);
        hyper["dependencies"] = serde_json::json!([{ "name": "tokio", "kind": null }]);
        let crates = [plant::ours("crates/model", model), hyper, plant::theirs("tokio", "MIT", registry)];
        let mut facts = plant::packages(&crates);
        let table = "nobody_imports = []\nno_tokio = [\"model\"]\n[anything_but]\n[may]\nmodel = []\n";
        facts.tree.files.push(File { path: TABLE.to_owned(), text: table.to_owned() });
        let found: Vec<String> = faults(&facts).into_iter().map(|fault| fault.what).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn tokio_below_a_pure_crate_is_a_fault() {
        check(&[], &[]);
        check(&["dev:tokio"], &[]);
        check(&["tokio"], &["a pure crate reaches tokio: model → tokio"]);
        check(&["hyper"], &["a pure crate reaches tokio: model → hyper → tokio"]);
    }
}
