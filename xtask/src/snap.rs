//! `snap`: accepts what the snapshots became. Read the diff before it is committed.

use anyhow::Result;

use crate::command::Run;
use crate::conformance;
use crate::workspace::root;

pub(crate) fn run() -> Result<()> {
    let (libraries, _) = conformance::install()?;
    Run::cargo(&["test", "--workspace", "--no-fail-fast"])
        .within(&root())
        .env("INSTA_UPDATE", "always")
        .env("INSTA_FORCE_PASS", "1")
        .envs(&libraries.variables())
        .show()?;
    Run::new("git", &["status", "--short", "--", "*.snap"]).within(&root()).show()
}
