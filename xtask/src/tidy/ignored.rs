//! A test runs or does not exist.

use super::facts::Facts;
use super::fault::Fault;
use super::scan::code_only;
use super::tree::numbered;

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in facts.tree.rust() {
        for (number, line) in numbered(&code_only(&file.text)) {
            let attribute = line.trim_start();
            if attribute.starts_with("#[ignore") || attribute.starts_with("#[should_panic") {
                let fix = "make it run, or delete it; assert on an error instead of a panic";
                faults.push(Fault::stop(
                    &file.path,
                    number,
                    "a test that is skipped or waits for a panic",
                    fix,
                ));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::faults;
    use crate::tidy::facts::plant;

    #[track_caller]
    fn check(text: &str, expected: usize) {
        assert_eq!(faults(&plant::files(&[("crates/a/src/a.rs", text)])).len(), expected, "{text}");
    }

    #[test]
    fn a_skipped_test_is_a_fault() {
        check("#[test]\n#[ignore = \"slow\"]\nfn a() {}", 1);
        check("#[test]\n  #[should_panic]\nfn a() {}", 1);
        check("#[test]\nfn a() {}\n// #[ignore]", 0);
    }
}
