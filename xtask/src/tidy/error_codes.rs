//! Every error code has its page, and every page a code.

use std::collections::BTreeSet;

use super::facts::Facts;
use super::fault::Fault;
use super::tree::File;

const CODES: &str = "crates/model/src/codes.rs";
const PAGES: &str = "docs/errors/";

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    let Some(codes) = facts.tree.file(CODES) else { return Vec::new() };
    let pages: Vec<&File> = facts.tree.ending(".md").filter(|file| file.path.starts_with(PAGES)).collect();
    let mut faults = Vec::new();
    for (line, code) in http_codes(codes) {
        if !pages.iter().any(|page| page.stem() == code) {
            let what = format!("error code `{code}` has no page");
            faults.push(Fault::stop(CODES, line, what, "write docs/errors/<code>.md"));
        }
    }
    let known = literals_of_crates(facts);
    for page in pages {
        if page.text.lines().next() != Some(&format!("# `{}`", page.stem())) {
            faults.push(Fault::stop(&page.path, 1, "the title is not the code", "open with `# `code``"));
        }
        if !known.contains(page.stem()) {
            faults.push(Fault::stop(&page.path, 1, "no code has this page", "delete it, or add the code"));
        }
    }
    faults
}

/// Codes with their lines: each literal that stands right after an HTTP status and a comma.
fn http_codes(file: &File) -> Vec<(usize, &str)> {
    let mut codes = Vec::new();
    for (number, line) in file.lines() {
        let parts: Vec<&str> = line.split('"').collect();
        for pair in parts.windows(2).step_by(2) {
            let [before, literal] = pair else { continue };
            if follows_status(before) {
                codes.push((number, *literal));
            }
        }
    }
    codes
}

fn follows_status(before: &str) -> bool {
    let status =
        before.trim_end().strip_suffix(',').and_then(|before| before.trim_end().rsplit(['(', ' ']).next());
    status.and_then(|status| status.parse::<u16>().ok()).is_some_and(|status| (100..600).contains(&status))
}

/// All short literals of our crates: codes of deliveries stand beside what they name, not in one list.
fn literals_of_crates(facts: &Facts) -> BTreeSet<&str> {
    let sources = facts.tree.rust().filter(|file| file.path.starts_with("crates/"));
    sources.flat_map(|file| file.text.lines()).flat_map(|line| line.split('"').skip(1).step_by(2)).collect()
}

#[cfg(test)]
mod tests {
    use super::{CODES, faults};
    use crate::tidy::facts::plant;

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let codes = (
            CODES,
            "codes! {\n    NotFound => (404, \"not_found\", \"There is no \\\"such\\\" thing.\"),\n}",
        );
        let found = faults(&plant::files(&[&[codes], files].concat()));
        let found: Vec<String> = found.into_iter().map(|fault| fault.what).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn code_and_page_go_together() {
        let page = ("docs/errors/not_found.md", "# `not_found`\n");
        check(&[page], &[]);
        check(&[], &["error code `not_found` has no page"]);
        check(&[page, ("docs/errors/gone.md", "# `gone`\n")], &["no code has this page"]);
        check(&[("docs/errors/not_found.md", "# Not found\n")], &["the title is not the code"]);
        let dns = ("crates/delivery/src/outcome.rs", "Dns => \"dns\",");
        check(&[page, dns, ("docs/errors/dns.md", "# `dns`\n")], &[]);
    }
}
