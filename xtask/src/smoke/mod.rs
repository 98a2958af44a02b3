//! The binary, from its first start to its last: a story in steps, over nothing but its command line and its HTTP
//! surface.
//!
//! `story` is the list; `node` starts and ends the server; `http` asks it; `receiver` stands where a customer's
//! system would. What the story leaves behind stays in `target/smoke`.

mod story;

mod http;
mod node;
mod receiver;

use std::path::Path;

use anyhow::bail;

use crate::command::Run;
use crate::conformance::Libraries;
use crate::steps::Steps;
use crate::workspace;
use story::{STORY, Story};

const REPEAT: &str = "cargo xtask test";

/// Adds each step of the story. After a failure the rest counts as failed too: it was not reached.
pub(crate) fn add(steps: &mut Steps, binary: Option<&Path>, libraries: Option<&Libraries>) {
    let mut story = None;
    if let Some(binary) = binary {
        story = steps.step("smoke: a folder for the store", REPEAT, || {
            let target = workspace::metadata()?.target_directory;
            Ok((Story::new(binary, &target.join("smoke"))?, String::new()))
        });
    }
    for (name, act) in STORY {
        let went_well = steps.plain(&format!("smoke: {name}"), REPEAT, || match &mut story {
            Some(story) => act(story),
            None => bail!("not reached"),
        });
        if !went_well {
            story = None;
        }
    }
    steps.plain("smoke: the official libraries accept the signature", REPEAT, || {
        let (Some(story), Some(libraries)) = (&story, libraries) else { bail!("not reached") };
        let delivery = story.signed_delivery()?;
        let scripts = workspace::root().join("xtask/conformance");
        let python = libraries.python.to_string_lossy();
        Run::new(&python, &[&scripts.join("verify.py").to_string_lossy()]).feed(&delivery)?;
        let node = libraries.node.to_string_lossy();
        Run::new(&node, &[&scripts.join("verify.cjs").to_string_lossy()])
            .env("NODE_PATH", &libraries.node_modules)
            .feed(&delivery)?;
        Ok("Python and JavaScript".to_owned())
    });
}
