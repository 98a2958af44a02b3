//! `check`: what needs no test to run.

use anyhow::Result;

use crate::command::Run;
use crate::steps::Steps;
use crate::tidy;
use crate::workspace::root;

const FORMAT: &[&str] = &["fmt", "--all", "--check"];
const LINTS: &[&str] = &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];

pub(crate) fn run() -> Result<()> {
    let mut steps = Steps::new();
    add(&mut steps);
    steps.finish()
}

pub(crate) fn add(steps: &mut Steps) {
    steps.plain("format", "cargo fmt --all", || {
        Run::cargo(FORMAT).within(&root()).show().map(|()| String::new())
    });
    steps.plain("tidy", "cargo xtask tidy", tidy::report);
    let repeat = format!("cargo {}", LINTS.join(" "));
    steps.plain("lints", &repeat, || Run::cargo(LINTS).within(&root()).show().map(|()| String::new()));
}
