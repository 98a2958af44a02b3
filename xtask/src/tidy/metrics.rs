//! Every metric says what it counts: one doc line at its name.

use super::facts::Facts;
use super::fault::Fault;
use super::scan::code_only;
use super::tree::{File, numbered};

const METRICS: &str = "crates/observe/src/metrics.rs";
/// Where the others get their names.
const PARTS: &str = "crates/observe/src/";
/// How a metric gets its name there: `to` is the registry.
const REGISTERED: &str = "(to, \"";
const FIX: &str = "say in one line what it counts, in which unit";

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    let Some(file) = facts.tree.file(METRICS) else { return Vec::new() };
    let mut faults = unexplained(file);
    let parts = facts.tree.rust().filter(|part| part.path.starts_with(PARTS) && part.path != METRICS);
    faults.extend(parts.flat_map(unexplained));
    let code = code_only(&file.text);
    let raw: Vec<&str> = file.text.lines().collect();
    let mut depth_of_list = None;
    let mut depth = 0_i32;
    for (number, line) in numbered(&code) {
        let lists =
            line.trim_start().starts_with("pub enum ") || line.trim_start().starts_with("pub struct ");
        if depth_of_list == Some(depth) && names_an_item(line) && !documented(&raw, number) {
            faults.push(Fault::stop(METRICS, number, "an item without a doc line", FIX));
        }
        depth += line
            .chars()
            .map(|character| i32::from(character == '{') - i32::from(character == '}'))
            .sum::<i32>();
        if lists && line.contains('{') {
            depth_of_list = Some(depth);
        }
        if depth_of_list.is_some_and(|of_list| depth < of_list) {
            depth_of_list = None;
        }
    }
    faults
}

/// Registrations, `…(to, "name", "what it counts")`, whose second text says nothing.
fn unexplained(file: &File) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut line = 1;
    let mut parts = file.text.split(REGISTERED);
    line += parts.next().unwrap_or_default().matches('\n').count();
    for part in parts {
        let mut texts = part.split('"');
        let name = texts.next().unwrap_or_default();
        let comma = texts.next().is_some_and(|between| between.trim() == ",");
        let says = comma && texts.next().is_some_and(|doc| doc.trim().contains(' '));
        if !says {
            faults.push(Fault::stop(
                &file.path,
                line,
                format!("metric `{name}` does not say what it counts"),
                FIX,
            ));
        }
        line += part.matches('\n').count();
    }
    faults
}

/// A variant, or a public field.
fn names_an_item(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("pub ") || line.starts_with(|character: char| character.is_ascii_uppercase())
}

/// Whether the lines above, past attributes, end in a doc line.
fn documented(raw: &[&str], number: usize) -> bool {
    let mut above = raw.iter().take(number - 1).rev().map(|line| line.trim_start());
    above.find(|line| !line.starts_with("#[")).is_some_and(|line| line.starts_with("///"))
}

#[cfg(test)]
mod tests {
    use super::{METRICS, faults};
    use crate::tidy::facts::plant;

    #[track_caller]
    fn check(text: &str, expected: &[usize]) {
        let lines: Vec<usize> =
            faults(&plant::files(&[(METRICS, text)])).into_iter().map(|fault| fault.line).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_registration_that_says_nothing_is_a_fault() {
        check("a: listed(to, \"attempts\", \"Attempts under way\"),\n", &[]);
        check("\na: listed(to, \"attempts\", \"\"),\nb: listed(to, \"lost\", \"lost\"),\n", &[2, 3]);
        check("a: listed(to, \"attempts\", DOC),\n", &[1]);
    }

    #[test]
    fn an_item_that_says_nothing_is_a_fault() {
        check("/// Names.\npub enum Metric {\n    /// Accepted events.\n    Accepted,\n    Lost,\n}\n", &[5]);
        check(
            "pub struct Metrics {\n    /// Attempts.\n    #[serde]\n    pub attempts: Counter,\n    hidden: u8,\n}\n",
            &[],
        );
        check(
            "pub struct Metrics {\n    pub attempts: Counter,\n}\nimpl Metrics {\n    pub fn new() {}\n}\n",
            &[2],
        );
    }
}
