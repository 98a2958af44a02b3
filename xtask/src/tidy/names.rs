//! Words that say nothing, in names of files and functions.

use super::facts::Facts;
use super::fault::Fault;
use super::scan::code_only;
use super::tree::{File, numbered};

const EMPTY: &[&str] =
    &["util", "utils", "helper", "helpers", "manager", "managers", "common", "misc", "miscellaneous"];
const EMPTY_STARTS: &[&str] = &["process_", "handle_"];
const SOURCE: &[&str] = &[".rs", ".ts", ".vue", ".js", ".py", ".php", ".sql"];
const FIX: &str = "use a noun or a verb of the trade (docs/style: names)";

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    let sources = facts.tree.files.iter().filter(|file| SOURCE.iter().any(|end| file.path.ends_with(end)));
    sources.flat_map(|file| of_path(file).into_iter().chain(of_functions(file))).collect()
}

fn of_path(file: &File) -> Option<Fault> {
    let word = file.path.split('/').find_map(|part| empty_word(part.split('.').next().unwrap_or(part)))?;
    Some(Fault::stop(&file.path, 1, format!("`{word}` in a file name"), FIX))
}

fn of_functions(file: &File) -> Vec<Fault> {
    if !file.path.ends_with(".rs") {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for (number, line) in numbered(&code_only(&file.text)) {
        let name = line.split("fn ").nth(1).map(|rest| {
            rest.chars()
                .take_while(|character| character.is_alphanumeric() || *character == '_')
                .collect::<String>()
        });
        if let Some(word) = name.as_deref().and_then(empty_word) {
            faults.push(Fault::stop(&file.path, number, format!("`{word}` in a function name"), FIX));
        }
    }
    faults
}

fn empty_word(name: &str) -> Option<&'static str> {
    let start = EMPTY_STARTS.iter().find(|start| name.starts_with(*start));
    start.or_else(|| EMPTY.iter().find(|word| name.split(['_', '-']).any(|part| part == **word))).copied()
}

#[cfg(test)]
mod tests {
    use super::faults;
    use crate::tidy::facts::plant;

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        let found: Vec<String> =
            faults(&plant::files(&[(path, text)])).into_iter().map(|fault| fault.what).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn empty_words_are_faults() {
        check("crates/a/src/utils.rs", "", &["`utils` in a file name"]);
        check("crates/a/src/common/x.rs", "", &["`common` in a file name"]);
        check("crates/a/src/url_helper.rs", "", &["`helper` in a file name"]);
        check("crates/a/src/a.rs", "pub fn handle_event() {}", &["`handle_` in a function name"]);
        check("crates/a/src/a.rs", "async fn process_all() {}", &["`process_` in a function name"]);
        check("crates/a/src/a.rs", "fn time_util() {}", &["`util` in a function name"]);
    }

    #[test]
    fn words_that_only_look_like_them_are_none() {
        check("crates/a/src/commonwell.rs", "", &[]);
        check("crates/a/src/a.rs", "// fn handle_event\nfn manhandle() {}\nlet util = 1;", &[]);
        check("docs/common.md", "", &[]);
    }
}
