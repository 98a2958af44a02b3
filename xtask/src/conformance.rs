//! Programs of others that judge ours, installed below `target/` at the pinned versions of `xtask/conformance/`:
//! the official signature libraries and another engine of FHIRPath.
//!
//! We do not know how to sign here: a test gets the paths and lets those libraries judge.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::command::Run;
use crate::workspace::{metadata, root};

/// Where the interpreters and their libraries are.
pub(crate) struct Libraries {
    pub(crate) python: PathBuf,
    pub(crate) node: PathBuf,
    pub(crate) node_modules: PathBuf,
}

impl Libraries {
    /// What a test reads.
    pub(crate) fn variables(&self) -> [(&'static str, OsString); 3] {
        [
            ("CAREHOOK_TEST_PYTHON", self.python.clone().into()),
            ("CAREHOOK_TEST_NODE", self.node.clone().into()),
            ("CAREHOOK_TEST_NODE_MODULES", self.node_modules.clone().into()),
        ]
    }
}

pub(crate) fn install() -> Result<(Libraries, String)> {
    let target = metadata()?.target_directory;
    let pinned = root().join("xtask/conformance");
    let python = python(&pinned, &target.join("venv"))?;
    let node_modules = node_modules(&pinned, &target.join("npm"))?;
    let node = Run::new("node", &["-p", "process.execPath"]).read()?;
    let libraries = Libraries { python, node: node.trim().into(), node_modules };
    Ok((libraries, "Python and JavaScript".to_owned()))
}

/// The virtual environment. It is kept while its list is the pinned one.
fn python(pinned: &Path, venv: &Path) -> Result<PathBuf> {
    let python = venv.join("bin/python");
    let list = pinned.join("requirements.txt");
    let stamp = venv.join("requirements.txt");
    if python.exists() && same(&list, &stamp) {
        return Ok(python);
    }
    Run::new("python3", &["-m", "venv", "--clear", text(venv)?]).show()?;
    let options =
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"];
    let arguments = [options.as_slice(), &["--only-binary", ":all:", "--requirement", text(&list)?]].concat();
    Run::new(text(&python)?, &arguments).show()?;
    std::fs::copy(&list, &stamp)?;
    Ok(python)
}

fn node_modules(pinned: &Path, folder: &Path) -> Result<PathBuf> {
    let modules = folder.join("node_modules");
    // npm writes this file last, so it tells a finished installation from a broken one.
    let done = modules.join(".package-lock.json").exists();
    if done && same(&pinned.join("package-lock.json"), &folder.join("package-lock.json")) {
        return Ok(modules);
    }
    std::fs::create_dir_all(folder)?;
    for name in ["package.json", "package-lock.json"] {
        std::fs::copy(pinned.join(name), folder.join(name))?;
    }
    Run::new("npm", &["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).within(folder).show()?;
    Ok(modules)
}

fn same(one: &Path, other: &Path) -> bool {
    match (std::fs::read(one), std::fs::read(other)) {
        (Ok(one), Ok(other)) => one == other,
        (Err(_), _) | (_, Err(_)) => false,
    }
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))
}
