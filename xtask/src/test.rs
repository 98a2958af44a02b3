//! `test`: everything, cheap steps first, one summary last.

use std::path::PathBuf;

use anyhow::Result;

use crate::command::{Run, cargo_test};
use crate::conformance::{self, Libraries};
use crate::steps::Steps;
use crate::workspace::{self, root};
use crate::{catalogue, check, needs, openapi, smoke, stories, ui};

const BUILD: &[&str] = &["test", "--workspace", "--no-run"];
const TESTS: &[&str] = &["test", "--workspace", "--no-fail-fast"];

/// Every step after the build uses the binary that it left: compiling everything once more, optimised, would
/// take longer than all tests together. `nightly release` tells the same stories of the release binary.
pub(crate) fn run() -> Result<()> {
    let mut steps = Steps::new();
    steps.plain("what the tests need", "cargo xtask test", needs::meet);
    let libraries = steps.step("libraries for signatures", "cargo xtask test", conformance::install);
    check::add(&mut steps);
    steps.plain("pages of event types", "cargo xtask catalogue", catalogue::compare);
    let binary = steps.step("build", &format!("cargo {}", BUILD.join(" ")), build);
    tests(&mut steps, libraries.as_ref());
    steps.plain("openapi.json", "cargo xtask openapi", || openapi::compare(binary.as_deref()));
    steps.plain("console: build", "cargo xtask ui --check", ui::compare);
    ui::add_checks(&mut steps);
    smoke::add(&mut steps, binary.as_deref(), libraries.as_ref());
    stories::add(&mut steps, binary.as_deref());
    steps.finish()
}

/// Builds all tests, and with them the binary that the stories start.
fn build() -> Result<(PathBuf, String)> {
    Run::cargo(BUILD).within(&root()).show()?;
    Ok((workspace::metadata()?.target_directory.join("debug/carehook"), String::new()))
}

fn tests(steps: &mut Steps, libraries: Option<&Libraries>) {
    let run = Run::cargo(TESTS).within(&root()).env("INSTA_UPDATE", "no");
    let run = match libraries {
        Some(libraries) => run.envs(&libraries.variables()),
        None => run,
    };
    let repeat = run.line().to_owned();
    steps.plain("tests", &repeat, || cargo_test(run));
}
