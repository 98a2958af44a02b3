//! `test`: everything, cheap steps first, one summary last.

use anyhow::Result;

use crate::command::{Run, cargo_test};
use crate::conformance::{self, Libraries};
use crate::steps::Steps;
use crate::workspace::root;
use crate::{check, needs, openapi, smoke, ui};

const TESTS: &[&str] = &["test", "--workspace", "--no-fail-fast"];
const RELEASE: &[&str] = &["build", "--release", "--package", "server"];

pub(crate) fn run() -> Result<()> {
    let mut steps = Steps::new();
    steps.plain("what the tests need", "cargo xtask test", needs::meet);
    let libraries = steps.step("libraries for signatures", "cargo xtask test", conformance::install);
    check::add(&mut steps);
    tests(&mut steps, libraries.as_ref());
    if root().join(openapi::FILE).exists() {
        steps.plain("openapi.json", "cargo xtask openapi", openapi::compare);
    } else {
        eprintln!("\n{} is not there yet: nothing to compare", openapi::FILE);
    }
    steps.plain("console: build", "cargo xtask ui --check", ui::compare);
    ui::add_checks(&mut steps);
    let repeat = format!("cargo {}", RELEASE.join(" "));
    let built = steps.plain("release build", &repeat, || {
        Run::cargo(RELEASE).within(&root()).show().map(|()| String::new())
    });
    smoke::add(&mut steps, built, libraries.as_ref());
    ui::add_stories(&mut steps, built);
    steps.finish()
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
