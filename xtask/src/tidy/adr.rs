//! Every decision record has a status, and answers the question that is easy to forget.

use super::facts::Facts;
use super::fault::Fault;

const QUESTION: &str = "How about not doing this at all?";

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in
        facts.tree.ending(".md").filter(|file| file.path.starts_with("docs/adr/") && file.stem() != "README")
    {
        if !file.text.lines().any(|line| line.starts_with("Status: ")) {
            faults.push(Fault::stop(&file.path, 1, "a decision without a status", "add a line `Status: …`"));
        }
        if !file.text.contains(QUESTION) {
            faults.push(Fault::stop(
                &file.path,
                1,
                format!("it does not answer “{QUESTION}”"),
                "add the section",
            ));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::{QUESTION, faults};
    use crate::tidy::facts::plant;

    #[test]
    fn a_decision_without_a_status_is_a_fault() {
        let good = format!("# A\n\nStatus: accepted\n\n## {QUESTION}\n");
        assert_eq!(
            faults(&plant::files(&[("docs/adr/0001-a.md", &good), ("docs/adr/README.md", "# All\n")])),
            []
        );
        let found = faults(&plant::files(&[("docs/adr/0001-a.md", "# A\n")]));
        assert_eq!(found[0].what, "a decision without a status");
        assert_eq!(found.len(), 2);
    }
}
