//! A Rust file can be read in one sitting, unless it is a register.

use super::facts::Facts;
use super::fault::Fault;

const STOP: usize = 500;
const WARN: usize = 350;

/// Read line by line where one looks something up, never in one go: all bounds stand in one file.
const REGISTERS: [&str; 1] = ["crates/model/src/limits.rs"];

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in facts.tree.rust().filter(|file| !REGISTERS.contains(&file.path.as_str())) {
        let lines = file.text.lines().count();
        let what = format!("{lines} lines");
        if lines > STOP {
            faults.push(Fault::stop(&file.path, STOP, what, "split it at a noun: 500 is the limit"));
        } else if lines > WARN {
            faults.push(Fault::warning(&file.path, WARN, what, "think of splitting it: 350 is the wish"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::faults;
    use crate::tidy::facts::plant;
    use crate::tidy::fault::Weight;

    #[track_caller]
    fn check(lines: usize, expected: &[Weight]) {
        check_at("crates/a/src/a.rs", lines, expected);
    }

    #[track_caller]
    fn check_at(path: &str, lines: usize, expected: &[Weight]) {
        let found = faults(&plant::files(&[(path, &"//\n".repeat(lines))]));
        let found: Vec<Weight> = found.iter().map(|fault| fault.weight).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_long_file_warns_and_a_very_long_one_stops() {
        check(350, &[]);
        check(351, &[Weight::Warning]);
        check(500, &[Weight::Warning]);
        check(501, &[Weight::Stop]);
    }

    #[test]
    fn a_register_may_be_as_long_as_it_is() {
        check_at(super::REGISTERS[0], 501, &[]);
        check_at("crates/a/src/limits.rs", 501, &[Weight::Stop]);
    }
}
