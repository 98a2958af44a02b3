//! All that rules look at, gathered once.

use std::collections::BTreeSet;

use anyhow::Result;

use super::tree::Tree;
use crate::workspace::{self, Metadata, Package};

#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) tree: Tree,
    pub(crate) metadata: Metadata,
    /// Names of all crates that are built for the program.
    pub(crate) built: BTreeSet<String>,
}

impl Facts {
    pub(crate) fn gather() -> Result<Facts> {
        let tree = Tree::read(&workspace::root())?;
        Ok(Facts { tree, metadata: workspace::metadata()?, built: workspace::built()? })
    }

    /// The manifest of one of our crates, and the line in it that names `dependency`.
    pub(crate) fn manifest_line(&self, package: &Package, dependency: &str) -> (String, usize) {
        let path = format!("{}/Cargo.toml", self.metadata.folder(package));
        let names_it = |line: &str| {
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
            name.trim_matches('"') == dependency
        };
        let line = self.tree.file(&path).and_then(|file| file.text.lines().position(names_it));
        (path, line.unwrap_or(0) + 1)
    }

    /// The root manifest's line of a third-party crate; the lock file's where we do not name it ourselves.
    pub(crate) fn third_party_line(&self, name: &str) -> (&'static str, usize) {
        let find = |path: &str, wanted: &dyn Fn(&str) -> bool| {
            self.tree.file(path).and_then(|file| file.text.lines().position(wanted)).map(|line| line + 1)
        };
        if let Some(line) = find("Cargo.toml", &|line| line.split([' ', '=']).next() == Some(name)) {
            return ("Cargo.toml", line);
        }
        let in_lock = find("Cargo.lock", &|line| line == format!("name = \"{name}\""));
        ("Cargo.lock", in_lock.unwrap_or(1))
    }
}

#[cfg(test)]
pub(crate) mod plant {
    //! Facts with a planted fault.

    use serde_json::{Value, json};

    use super::Facts;
    use crate::tidy::tree::{File, Tree};

    /// A tree of these files, and no packages.
    pub(crate) fn files(files: &[(&str, &str)]) -> Facts {
        let file = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: (*text).to_owned() };
        Facts { tree: Tree { files: files.iter().map(file).collect() }, ..Facts::default() }
    }

    /// Packages as `cargo metadata` has them. `id` is the name; members are those without a source.
    pub(crate) fn packages(packages: &[Value]) -> Facts {
        let members: Vec<&Value> = packages.iter().filter(|package| package["source"].is_null()).collect();
        let members: Vec<&Value> = members.iter().map(|package| &package["id"]).collect();
        let nodes: Vec<Value> = packages
            .iter()
            .map(|package| {
                let needs = package["dependencies"].as_array().unwrap().iter();
                let deps: Vec<Value> = needs
                    .map(|need| json!({ "pkg": need["name"], "dep_kinds": [{ "kind": need["kind"] }] }))
                    .collect();
                json!({ "id": package["id"], "deps": deps })
            })
            .collect();
        let metadata = serde_json::from_value(json!({
            "packages": packages, "workspace_members": members, "resolve": { "nodes": nodes },
            "target_directory": "/t", "workspace_root": "/r",
        }))
        .unwrap();
        let built = packages.iter().map(|package| package["name"].as_str().unwrap().to_owned()).collect();
        Facts { metadata, built, ..Facts::default() }
    }

    /// One of our crates; `needs` are `name` or `dev:name`.
    pub(crate) fn ours(folder: &str, needs: &[&str]) -> Value {
        let name = folder.rsplit('/').next().unwrap();
        package(name, &format!("/r/{folder}/Cargo.toml"), needs, (Value::Null, json!("Apache-2.0")))
    }

    /// Somebody else's crate.
    pub(crate) fn theirs(name: &str, licence: &str, source: &str) -> Value {
        package(name, &format!("/cargo/{name}/Cargo.toml"), &[], (json!(source), json!(licence)))
    }

    fn package(name: &str, manifest: &str, needs: &[&str], (source, licence): (Value, Value)) -> Value {
        let needs: Vec<Value> = needs
            .iter()
            .map(|need| match need.strip_prefix("dev:") {
                Some(name) => json!({ "name": name, "kind": "dev" }),
                None => json!({ "name": need, "kind": null }),
            })
            .collect();
        json!({ "name": name, "version": "0.1.0", "id": name, "license": licence, "source": source,
            "manifest_path": manifest, "dependencies": needs })
    }
}
