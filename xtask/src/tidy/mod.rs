//! The style as a test: fast, pure, one rule per file.
//!
//! A rule looks at the [`Facts`] and names its faults; `tree` reads the files, `scan` tells Rust code from its
//! comments. Each rule shows in its tests that it catches a planted fault.

mod facts;
mod fault;
mod scan;
mod tree;

mod edges; // Who may import whom.
mod purity; // Where tokio may not be.
mod bans; // What may not be depended on.
mod sources; // Where dependencies come from.
mod licences; // Under which terms.
mod why; // For which reason.
mod fuzz_lock; // The same ones for the fuzz targets.

mod heads; // A crate and a folder say what they are.
mod length; // A file can be read in one sitting.
mod orphans; // Each file is used.
mod names; // Words that say nothing.
mod todo; // Promises have an issue.
mod ignored; // A test runs or does not exist.

mod error_codes; // Each has its page.
mod metrics; // Each says what it counts.
mod adr; // Each has a status.
mod markdown; // Each page has one title.
mod machine; // Nothing names the machine it was made on.

use anyhow::{Result, bail};

use crate::command::plural;
use facts::Facts;
use fault::{Fault, Weight};

type Rule = fn(&Facts) -> Vec<Fault>;

const RULES: &[Rule] = &[
    edges::faults,
    purity::faults,
    bans::faults,
    sources::faults,
    licences::faults,
    why::faults,
    fuzz_lock::faults,
    heads::faults,
    length::faults,
    orphans::faults,
    names::faults,
    todo::faults,
    ignored::faults,
    error_codes::faults,
    metrics::faults,
    adr::faults,
    markdown::faults,
    machine::faults,
];

pub(crate) fn run() -> Result<()> {
    eprintln!("{}", report()?);
    Ok(())
}

/// Prints each fault as `path:line: what — how to fix`; fails if one is more than a warning.
pub(crate) fn report() -> Result<String> {
    let facts = Facts::gather()?;
    let mut faults: Vec<Fault> = RULES.iter().flat_map(|rule| rule(&facts)).collect();
    faults.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
    for fault in &faults {
        println!("{fault}");
    }
    let stops = faults.iter().filter(|fault| fault.weight == Weight::Stop).count();
    if stops > 0 {
        bail!("{}", plural(stops as u64, "fault"));
    }
    let warnings = plural(faults.len() as u64, "warning");
    Ok(format!("{} rules, {}, {warnings}", RULES.len(), plural(facts.tree.files.len() as u64, "file")))
}
