//! `nightly fhir-server`: the stories of a FHIR server that is not ours, told with the server itself.

use anyhow::Result;

use crate::command::{Run, cargo_test};
use crate::steps::Steps;
use crate::workspace::{metadata, root};

const VERSION: &str = "0.2.7";
const REPEAT: &str = "cargo xtask nightly fhir-server";

/// Builds the server from its registry, half an hour the first time, and asks it what the recordings answer
/// every day. With `CAREHOOK_FHIR_RECORD` set, the recordings are made anew.
pub(crate) fn add(steps: &mut Steps) {
    let binary = steps.step("a FHIR server", REPEAT, || {
        let home = metadata()?.target_directory.join("fhir-server");
        let home = home.display().to_string();
        install(&home)?;
        Ok((format!("{home}/bin/hfs"), format!("helios-hfs {VERSION}")))
    });
    let Some(binary) = binary else { return };
    steps.plain("stories of a FHIR server", REPEAT, || {
        let words = ["test", "--package", "server", "--test", "it", "--", "fhir_server::"];
        cargo_test(Run::cargo(&words).within(&root()).env("CAREHOOK_FHIR_SERVER", binary))
    });
}

fn install(home: &str) -> Result<()> {
    let words = [
        "install",
        "--locked",
        "--debug",
        "--root",
        home,
        "--version",
        VERSION,
        "--no-default-features",
        "--features",
        "R4,sqlite,subscriptions",
        "helios-hfs",
    ];
    Run::cargo(&words).within(&root()).show()
}
