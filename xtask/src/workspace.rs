//! What cargo knows of us: `cargo metadata`, as far as we read it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::command::Run;

/// The workspace and the graph below it.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) workspace_members: Vec<String>,
    pub(crate) resolve: Resolve,
    pub(crate) target_directory: PathBuf,
    pub(crate) workspace_root: PathBuf,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Resolve {
    pub(crate) nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) deps: Vec<NodeDependency>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct NodeDependency {
    pub(crate) pkg: String,
    pub(crate) dep_kinds: Vec<DependencyKind>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct DependencyKind {
    /// `None` is a normal dependency.
    pub(crate) kind: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) id: String,
    pub(crate) license: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
}

/// A line of a manifest.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `None` is a normal dependency.
    pub(crate) kind: Option<String>,
}

/// The root of the repository: the folder above this crate.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask lies in the root").to_owned()
}

pub(crate) fn metadata() -> Result<Metadata> {
    let text = Run::cargo(&["metadata", "--format-version", "1"]).within(&root()).read()?;
    serde_json::from_str(&text).context("cargo metadata has another shape than expected")
}

/// Names of all that is really built for the program, on any platform.
///
/// `cargo metadata` lists more: optional dependencies that a feature only mentions.
pub(crate) fn built() -> Result<BTreeSet<String>> {
    let arguments = [
        "tree",
        "--workspace",
        "--edges",
        "normal,build",
        "--target",
        "all",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ];
    let text = Run::cargo(&arguments).within(&root()).read()?;
    Ok(text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect())
}

impl Metadata {
    pub(crate) fn package(&self, id: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.id == id)
    }

    /// Our own crates.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }

    /// The folder of one of our crates, relative to the root, with `/`.
    pub(crate) fn folder(&self, package: &Package) -> String {
        let folder = package.manifest_path.parent().unwrap_or(Path::new(""));
        folder.strip_prefix(&self.workspace_root).unwrap_or(folder).to_string_lossy().into_owned()
    }

    /// The shortest way from a package to one called `name` along normal dependencies.
    pub(crate) fn way_to(&self, from: &Package, name: &str) -> Option<Vec<String>> {
        let nodes: BTreeMap<&str, &Node> =
            self.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let mut seen = BTreeSet::from([from.id.as_str()]);
        let mut ways = VecDeque::from([vec![from]]);
        while let Some(way) = ways.pop_front() {
            if way.last().is_some_and(|last| last.name == name) {
                return Some(way.iter().map(|package| package.name.clone()).collect());
            }
            let node = way.last().and_then(|last| nodes.get(last.id.as_str()));
            let next = node.into_iter().flat_map(|node| normal(node)).filter(|id| seen.insert(id));
            let next: Vec<&Package> = next.filter_map(|id| self.package(id)).collect();
            ways.extend(next.into_iter().map(|package| [way.as_slice(), &[package]].concat()));
        }
        None
    }

    /// These crates of ours and all of ours that use them, tests included.
    pub(crate) fn with_dependants(&self, changed: &BTreeSet<String>) -> BTreeSet<String> {
        let mut all = changed.clone();
        loop {
            let uses_one = |package: &&Package| {
                package.dependencies.iter().any(|dependency| all.contains(&dependency.name))
            };
            let more: Vec<String> =
                self.members().filter(uses_one).map(|package| package.name.clone()).collect();
            let before = all.len();
            all.extend(more);
            if all.len() == before {
                return all;
            }
        }
    }
}

fn normal(node: &Node) -> impl Iterator<Item = &str> {
    let normal = |dependency: &&NodeDependency| dependency.dep_kinds.iter().any(|kind| kind.kind.is_none());
    node.deps.iter().filter(normal).map(|dependency| dependency.pkg.as_str())
}
