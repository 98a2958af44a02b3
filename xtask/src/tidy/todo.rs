//! A promise in the code has an issue.

use super::facts::Facts;
use super::fault::Fault;

/// In two parts, so that this file keeps its own rule.
const WORD: &str = concat!("TO", "DO");

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    let mut faults = Vec::new();
    // Prose may speak about the word.
    for file in facts.tree.files.iter().filter(|file| !file.path.ends_with(".md")) {
        for (number, line) in file.lines() {
            if line.split(WORD).skip(1).zip(line.split(WORD)).any(|(after, before)| !kept(before, after)) {
                faults.push(Fault::stop(
                    &file.path,
                    number,
                    format!("a {WORD} without an issue"),
                    "write it as `(#n)`",
                ));
            }
        }
    }
    faults
}

fn kept(before: &str, after: &str) -> bool {
    let part_of_a_word = before.ends_with(|character: char| character.is_alphanumeric() || character == '_')
        || after.starts_with(|character: char| character.is_alphanumeric() || character == '_');
    let issue = after.strip_prefix("(#").and_then(|rest| rest.split_once(')')).map(|(number, _)| number);
    part_of_a_word || issue.is_some_and(|number| number.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::{WORD, faults};
    use crate::tidy::facts::plant;

    #[track_caller]
    fn check(path: &str, text: &str, expected: usize) {
        assert_eq!(faults(&plant::files(&[(path, &text.replace("XX", WORD))])).len(), expected, "{text}");
    }

    #[test]
    fn a_promise_without_an_issue_is_a_fault() {
        check("a.rs", "// XX: later", 1);
        check("a.rs", "// XX(#12): later", 0);
        check("a.rs", "// XX(#): later", 1);
        check("a.rs", "// XX(me): later", 1);
        check("a.toml", "# XX", 1);
        check("a.rs", "let MASTXXR = 1;", 0);
        check("a.md", "A XX needs an issue.", 0);
    }
}
