//! Dependencies come from one registry, never from a git address or a path outside.

use super::facts::Facts;
use super::fault::Fault;

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    let packages = &facts.metadata.packages;
    let registry = packages.iter().find_map(|package| package.source.as_deref().filter(|it| is_registry(it)));
    let mut faults = Vec::new();
    for package in packages.iter().filter(|package| !facts.metadata.workspace_members.contains(&package.id)) {
        let source = package.source.as_deref();
        if source.is_some_and(is_registry) && source == registry {
            continue;
        }
        let (path, line) = facts.third_party_line(&package.name);
        let what =
            format!("`{}` comes from {}", package.name, source.unwrap_or("a path outside the workspace"));
        faults.push(Fault::stop(path, line, what, "take a released version from the default registry"));
    }
    faults
}

fn is_registry(source: &str) -> bool {
    source.starts_with("registry+")
}

#[cfg(test)]
mod tests {
    use super::faults;
    use crate::tidy::facts::plant;

    #[track_caller]
    fn check(sources: &[&str], expected: &[&str]) {
        let crates: Vec<_> =
            ["one", "two"].iter().zip(sources).map(|(name, it)| plant::theirs(name, "MIT", it)).collect();
        let found: Vec<String> =
            faults(&plant::packages(&crates)).into_iter().map(|fault| fault.what).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn another_source_is_a_fault() {
        check(&["registry+a", "registry+a"], &[]);
        check(&["registry+a", "registry+b"], &["`two` comes from registry+b"]);
        check(&["registry+a", "git+ssh://x/y"], &["`two` comes from git+ssh://x/y"]);
    }
}
