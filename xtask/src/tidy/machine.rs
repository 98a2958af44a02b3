//! Nothing names the machine it was made on, or the registry its parts came from.

use super::facts::Facts;
use super::fault::Fault;

/// In two parts each, so that this file keeps its own rule.
const PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
const HOSTS: &[&str] = &[
    concat!("crates", ".io"),
    concat!("npmjs", ".org"),
    concat!("npmjs", ".com"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("proxy.golang", ".org"),
    concat!("rubygems", ".org"),
    concat!("packagist", ".org"),
];

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in facts.tree.files.iter().filter(|file| !file.path.ends_with("Cargo.lock")) {
        for (number, line) in file.lines() {
            if let Some(path) = PATHS.iter().find(|path| names_path(line, path)) {
                let what = format!("the path {path} of a machine");
                faults.push(Fault::stop(
                    &file.path,
                    number,
                    what,
                    "make it relative, or take it from the environment",
                ));
            }
            if let Some(host) = HOSTS.iter().find(|host| line.contains(*host)) {
                let fix = "name the package, not the place (npm: omit-lockfile-registry-resolved=true)";
                faults.push(Fault::stop(&file.path, number, format!("the registry host {host}"), fix));
            }
        }
    }
    faults
}

/// Whether the path stands at the start of a word: a URL may well have such a segment.
fn names_path(line: &str, path: &str) -> bool {
    let before = line.split(path).collect::<Vec<_>>();
    let (_, before) = before.split_last().unwrap_or((&"", &[]));
    before.iter().any(|text| {
        !text.ends_with(|character: char| character.is_alphanumeric() || ".-_~}/".contains(character))
    })
}

#[cfg(test)]
mod tests {
    use super::{HOSTS, PATHS, faults};
    use crate::tidy::facts::plant;

    #[track_caller]
    fn check(path: &str, text: &str, expected: usize) {
        assert_eq!(faults(&plant::files(&[(path, text)])).len(), expected, "{text}");
    }

    #[test]
    fn a_path_of_the_machine_is_a_fault() {
        for path in PATHS {
            check("a.sh", &format!("cd {path}main"), 1);
            check("a.json", &format!("\"{path}x\""), 1);
            check("a.md", &format!("see https://clinic.example{path}x"), 0);
            check("a.md", &format!("a relative dir{path}x"), 0);
        }
    }

    #[test]
    fn a_registry_host_is_a_fault_outside_the_lock_file() {
        for host in HOSTS {
            check("a.json", &format!("https://{host}/x"), 1);
            check("Cargo.lock", &format!("https://{host}/x"), 0);
        }
    }
}
