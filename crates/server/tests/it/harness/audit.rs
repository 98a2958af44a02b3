//! `carehook audit verify`.

use std::process::Command;

use serde_json::Value;

use super::Home;

/// What the command says of a home where no server runs: its exit code and its JSON.
pub(crate) fn verify_audit(home: &Home) -> (i32, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_carehook"))
        .args(["audit", "verify", "--output", "json", "--data"])
        .arg(home.data())
        .arg("--key-file")
        .arg(home.key_file())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("not JSON: {told}{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().unwrap_or(-1), json)
}
