//! Every dependency is under a permissive licence: its SPDX expression against a list.

use super::facts::Facts;
use super::fault::Fault;

const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OpenSSL",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    let mut faults = Vec::new();
    for package in &facts.metadata.packages {
        let licence = package.license.as_deref().unwrap_or("no licence expression");
        if !permits(licence) {
            let (path, line) = facts.third_party_line(&package.name);
            let what = format!("`{}` {} is under {licence}", package.name, package.version);
            faults.push(Fault::stop(
                path,
                line,
                what,
                "use another crate, or argue for the licence in an ADR",
            ));
        }
    }
    faults
}

/// Whether an SPDX expression can be met with allowed licences alone. What cannot be read is not met.
fn permits(expression: &str) -> bool {
    // Before SPDX expressions, a slash meant OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut words = words.as_slice();
    any(&mut words) == Some(true) && words.is_empty()
}

/// `a OR b`: one is enough.
fn any(words: &mut &[&str]) -> Option<bool> {
    let mut met = all(words)?;
    while take(words, "OR") {
        met |= all(words)?;
    }
    Some(met)
}

/// `a AND b`: both bind.
fn all(words: &mut &[&str]) -> Option<bool> {
    let mut met = one(words)?;
    while take(words, "AND") {
        met &= one(words)?;
    }
    Some(met)
}

fn one(words: &mut &[&str]) -> Option<bool> {
    if take(words, "(") {
        let met = any(words)?;
        return take(words, ")").then_some(met);
    }
    let (name, rest) = words.split_first()?;
    *words = rest;
    if !take(words, "WITH") {
        return Some(ALLOWED.contains(name));
    }
    let (exception, rest) = words.split_first()?;
    *words = rest;
    Some(ALLOWED.contains(&format!("{name} WITH {exception}").as_str()))
}

fn take(words: &mut &[&str], word: &str) -> bool {
    match words.split_first() {
        Some((first, rest)) if *first == word => {
            *words = rest;
            true
        }
        Some(_) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{faults, permits};
    use crate::tidy::facts::plant;

    #[track_caller]
    fn check(expression: &str, expected: bool) {
        assert_eq!(permits(expression), expected, "{expression}");
    }

    #[test]
    fn expressions_are_evaluated() {
        check("MIT", true);
        check("GPL-3.0-only", false);
        check("MIT OR GPL-3.0-only", true);
        check("MIT AND GPL-3.0-only", false);
        check("MIT/Apache-2.0", true);
        check("GPL-2.0-only OR MIT AND ISC", true);
        check("(GPL-2.0-only OR MIT) AND AGPL-3.0-only", false);
        check("Apache-2.0 WITH LLVM-exception", true);
        check("GPL-2.0-only WITH Classpath-exception-2.0", false);
        check("ISC AND (Apache-2.0 OR ISC) AND OpenSSL", true);
        check("no licence expression", false);
        check("(MIT", false);
        check("", false);
    }

    #[test]
    fn a_copyleft_dependency_is_a_fault() {
        let facts = plant::packages(&[plant::theirs("nice", "MIT", "registry+x")]);
        assert_eq!(faults(&facts), []);
        let facts = plant::packages(&[plant::theirs("viral", "AGPL-3.0-only", "registry+x")]);
        assert_eq!(faults(&facts)[0].what, "`viral` 0.1.0 is under AGPL-3.0-only");
    }
}
