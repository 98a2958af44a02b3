//! Each Markdown page has exactly one title.

use super::facts::Facts;
use super::fault::Fault;
use super::tree::File;

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    // Fragments of a changelog are lines of one page, not pages.
    let pages = facts.tree.ending(".md").filter(|file| !file.path.starts_with("changelog.d/"));
    pages.filter_map(of_page).collect()
}

fn of_page(page: &File) -> Option<Fault> {
    let titles = titles(page);
    match titles.as_slice() {
        [] => Some(Fault::stop(&page.path, 1, "a page without a title", "open with one `# ` line")),
        [_] => None,
        [_, second, ..] => {
            Some(Fault::stop(&page.path, *second, "a second title", "make it `## `, or another page"))
        }
    }
}

/// Lines of the titles; what stands in a code fence is no title.
fn titles(page: &File) -> Vec<usize> {
    let mut fence: Option<&str> = None;
    let mut titles = Vec::new();
    for (number, line) in page.lines() {
        let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, None) if line.starts_with("# ") => titles.push(number),
            (Some(_) | None, _) => {}
        }
    }
    titles
}

#[cfg(test)]
mod tests {
    use super::faults;
    use crate::tidy::facts::plant;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> =
            faults(&plant::files(&[("docs/a.md", text)])).into_iter().map(|fault| fault.what).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_page_has_one_title() {
        check("# One\n\n## Part\n", &[]);
        check("# One\n\n```sh\n# a comment\n```\n", &[]);
        check("## Part\n", &["a page without a title"]);
        check("# One\n# Two\n", &["a second title"]);
        check("# One\n```\n~~~\n```\n# Two\n", &["a second title"]);
    }
}
