//! One place where the style does not hold.

use std::fmt;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) what: String,
    pub(crate) fix: &'static str,
    pub(crate) weight: Weight,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Stop,
    Warning,
}

impl Fault {
    pub(crate) fn stop(path: &str, line: usize, what: impl Into<String>, fix: &'static str) -> Fault {
        Fault { path: path.to_owned(), line, what: what.into(), fix, weight: Weight::Stop }
    }

    pub(crate) fn warning(path: &str, line: usize, what: impl Into<String>, fix: &'static str) -> Fault {
        Fault { weight: Weight::Warning, ..Fault::stop(path, line, what, fix) }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = match self.weight {
            Weight::Stop => "",
            Weight::Warning => "warning: ",
        };
        write!(f, "{}:{}: {weight}{} — {}", self.path, self.line, self.what, self.fix)
    }
}

#[cfg(test)]
mod tests {
    use super::Fault;

    #[test]
    fn a_fault_is_one_line_with_its_mend() {
        let fault = Fault::stop("a.rs", 7, "too long", "split it");
        assert_eq!(fault.to_string(), "a.rs:7: too long — split it");
        let fault = Fault::warning("a.rs", 7, "long", "split it");
        assert_eq!(fault.to_string(), "a.rs:7: warning: long — split it");
    }
}
