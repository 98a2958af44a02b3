//! Other programs, run with no stdin and with the command line in every error.

use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

/// What cargo sets for a program it runs. A nested cargo must not see it, or build scripts that watch these
/// run again at each change between `cargo xtask` and plain `cargo`.
const CARGO_LEAKS: &[&str] =
    &["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE"];

/// One program with its arguments, ready to run.
pub(crate) struct Run {
    command: Command,
    line: String,
}

impl Run {
    pub(crate) fn new(program: &str, arguments: &[&str]) -> Run {
        Run {
            command: command(program.as_ref(), arguments),
            line: [&[program], arguments].concat().join(" "),
        }
    }

    /// The cargo that runs us.
    pub(crate) fn cargo(arguments: &[&str]) -> Run {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Run { command: command(&cargo, arguments), line: [&["cargo"], arguments].concat().join(" ") }
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Run {
        self.line = format!("{name}={} {}", value.as_ref().display(), self.line);
        self.command.env(name, value);
        self
    }

    pub(crate) fn envs(self, pairs: &[(&'static str, OsString)]) -> Run {
        pairs.iter().fold(self, |run, (name, value)| run.env(name, value))
    }

    pub(crate) fn within(mut self, folder: &Path) -> Run {
        self.command.current_dir(folder);
        self
    }

    /// The command as a person would type it.
    pub(crate) fn line(&self) -> &str {
        &self.line
    }

    /// Runs it with its output on ours.
    pub(crate) fn show(mut self) -> Result<()> {
        eprintln!("$ {}", self.line);
        let status = self.command.status().with_context(|| format!("cannot run `{}`", self.line))?;
        if !status.success() {
            bail!("`{}` ended with {status}", self.line);
        }
        Ok(())
    }

    /// Runs it, shows each line of its stdout and hands the line to `look`.
    pub(crate) fn watch(mut self, mut look: impl FnMut(&str)) -> Result<()> {
        eprintln!("$ {}", self.line);
        self.command.stdout(Stdio::piped());
        let mut child = self.command.spawn().with_context(|| format!("cannot run `{}`", self.line))?;
        let stdout = child.stdout.take().context("a piped stdout is there")?;
        for line in BufReader::new(stdout).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            println!("{line}");
            look(&line);
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("`{}` ended with {status}", self.line);
        }
        Ok(())
    }

    /// Runs it and returns its stdout; its stderr stands in the error.
    pub(crate) fn read(mut self) -> Result<String> {
        let output = self.command.output().with_context(|| format!("cannot run `{}`", self.line))?;
        finished(&self.line, output)
    }

    /// Runs it with `input` on stdin and returns its stdout.
    pub(crate) fn feed(mut self, input: &str) -> Result<String> {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().with_context(|| format!("cannot run `{}`", self.line))?;
        let mut stdin = child.stdin.take().context("a piped stdin is there")?;
        stdin.write_all(input.as_bytes())?;
        drop(stdin);
        finished(&self.line, child.wait_with_output()?)
    }

    /// Whether it runs and succeeds.
    pub(crate) fn works(mut self) -> bool {
        self.command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    /// The command itself, for a program that stays.
    pub(crate) fn into_command(self) -> Command {
        self.command
    }
}

/// What `cargo test` said; see [`cargo_test`].
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
    /// The tests that failed.
    pub(crate) names: Vec<String>,
}

impl Counted {
    /// Adds a line such as `test result: ok. 5 passed; 0 failed; 0 ignored; …` or `test a_name ... FAILED`;
    /// other lines count nothing.
    pub(crate) fn add(&mut self, line: &str) {
        let name = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED"));
        self.names.extend(name.map(str::to_owned));
        let Some(result) = line.trim_start().strip_prefix("test result:") else { return };
        for part in result.split([';', '.']) {
            let mut words = part.split_whitespace();
            let (Some(number), Some(word)) = (words.next(), words.next()) else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

/// Runs a `cargo test` and says how many tests passed. A run without a test, or with one that is ignored, fails:
/// nothing is skipped in silence.
pub(crate) fn cargo_test(run: Run) -> Result<String> {
    let mut counted = Counted::default();
    let line = run.line().to_owned();
    let end = run.watch(|line| counted.add(line));
    if !counted.names.is_empty() {
        bail!("{} failed:\n    {}", plural(counted.names.len() as u64, "test"), counted.names.join("\n    "));
    }
    end?;
    if counted.passed == 0 {
        bail!("`{line}` ran no test: the test it names does not exist");
    }
    if counted.ignored > 0 {
        bail!("`{line}` ignored {} tests: a test runs or does not exist", counted.ignored);
    }
    Ok(plural(counted.passed, "test"))
}

pub(crate) fn plural(number: impl Display + PartialEq<u64>, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn finished(line: &str, output: Output) -> Result<String> {
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!("`{line}` ended with {}: {}", output.status, stderr.trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn command(program: &OsStr, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).env("PATH", path_with_sbin());
    for (name, _) in std::env::vars_os() {
        if CARGO_LEAKS.iter().any(|leak| name.as_encoded_bytes().starts_with(leak.as_bytes())) {
            command.env_remove(&name);
        }
    }
    command
}

/// `ip` lives in sbin, which is not on the path of everybody.
fn path_with_sbin() -> OsString {
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    path.push(":/usr/sbin:/sbin");
    path
}

#[cfg(test)]
mod tests {
    use super::{Counted, Run, cargo_test};

    #[test]
    fn results_of_several_binaries_add_up() {
        let mut counted = Counted::default();
        for line in [
            "running 5 tests",
            "test a_promise_is_kept ... FAILED",
            "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
        ] {
            counted.add(line);
        }
        assert_eq!(
            counted,
            Counted { passed: 7, failed: 3, ignored: 1, names: vec!["a_promise_is_kept".to_owned()] }
        );
    }

    #[test]
    fn a_run_without_a_test_fails() {
        let nothing = "test result: ok. 0 passed; 0 failed; 0 ignored";
        assert!(cargo_test(Run::new("echo", &[nothing])).is_err());
        assert!(cargo_test(Run::new("echo", &["test result: ok. 2 passed; 0 failed; 1 ignored"])).is_err());
        assert_eq!(
            cargo_test(Run::new("echo", &["test result: ok. 2 passed; 0 failed"])).unwrap(),
            "2 tests"
        );
    }

    #[test]
    fn an_error_holds_the_command_and_what_it_said() {
        let error = Run::new("sh", &["-c", "echo gone >&2; exit 3"]).read().unwrap_err().to_string();
        assert!(error.contains("exit 3") && error.contains("gone"), "{error}");
    }
}
