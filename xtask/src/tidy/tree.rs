//! The text files of the repository: tracked, or new and not ignored.

use std::path::Path;

use anyhow::Result;

use crate::command::Run;

/// Larger files are data, not pages.
const FILE_BYTES_MAX: u64 = 2 * 1024 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
}

#[derive(Debug)]
pub(crate) struct File {
    /// Relative to the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Tree {
    pub(crate) fn read(root: &Path) -> Result<Tree> {
        let paths = match git_files(root) {
            Ok(paths) => paths,
            // An unpacked archive has no git; what git would ignore is known by name.
            Err(_) => walk(root, root)?,
        };
        let mut files = Vec::new();
        for path in paths {
            let full = root.join(&path);
            let small = full.metadata().is_ok_and(|found| found.is_file() && found.len() <= FILE_BYTES_MAX);
            if let (true, Ok(text)) = (small, std::fs::read_to_string(&full)) {
                files.push(File { path, text });
            }
        }
        Ok(Tree { files })
    }

    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    pub(crate) fn ending<'t>(&'t self, end: &'t str) -> impl Iterator<Item = &'t File> {
        self.files.iter().filter(move |file| file.path.ends_with(end))
    }

    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        self.ending(".rs")
    }
}

impl File {
    /// Lines with their numbers, from one.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        numbered(&self.text)
    }

    /// The file name without folders and ending.
    pub(crate) fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.split('.').next().unwrap_or_default()
    }

    /// The folder, or nothing at the root.
    pub(crate) fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

pub(crate) fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

fn git_files(root: &Path) -> Result<Vec<String>> {
    // A container often checks out as another user; git would refuse to look without this.
    let list = ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let text = Run::new("git", &list).within(root).read()?;
    let mut paths: Vec<String> =
        text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

fn walk(root: &Path, folder: &Path) -> Result<Vec<String>> {
    const IGNORED: &[&str] = &["target", "node_modules", ".git", ".venv", "carehook-data"];
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let ignored = entry.file_name().to_str().is_none_or(|name| IGNORED.contains(&name));
        if ignored {
            continue;
        }
        if entry.file_type()?.is_dir() {
            paths.extend(walk(root, &entry.path())?);
        } else if let Ok(path) = entry.path().strip_prefix(root) {
            paths.push(path.to_string_lossy().into_owned());
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::{Tree, walk};
    use crate::workspace::root;

    #[test]
    fn the_tree_holds_this_file_and_nothing_that_was_built() {
        let tree = Tree::read(&root()).unwrap();
        let here = tree.file("xtask/src/tidy/tree.rs").unwrap();
        assert_eq!((here.stem(), here.folder()), ("tree", "xtask/src/tidy"));
        assert!(!tree.files.iter().any(|file| file.path.starts_with("target/")));
    }

    #[test]
    fn without_git_the_same_files_are_found() {
        let paths = walk(&root(), &root()).unwrap();
        assert!(paths.contains(&"xtask/src/tidy/tree.rs".to_owned()));
        assert!(!paths.iter().any(|path| path.starts_with(".git/") || path.starts_with("target/")));
    }
}
