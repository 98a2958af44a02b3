//! A run as a list of steps: each with its time, and one closing line that counts them.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::Result;

/// Steps of one run, in the order they ran.
pub(crate) struct Steps {
    done: Vec<Done>,
}

/// Some step failed, and the report has said which.
#[derive(Debug)]
pub(crate) struct Failed;

struct Done {
    name: String,
    repeat: String,
    took: Duration,
    end: Result<String>,
}

impl Steps {
    pub(crate) fn new() -> Steps {
        Steps { done: Vec::new() }
    }

    /// Runs a step; `repeat` is the command that runs it again alone. A failure does not end the run.
    pub(crate) fn step<T>(
        &mut self,
        name: &str,
        repeat: &str,
        run: impl FnOnce() -> Result<(T, String)>,
    ) -> Option<T> {
        eprintln!("\n==> {name}");
        let start = Instant::now();
        let (found, end) = match run() {
            Ok((found, note)) => (Some(found), Ok(note)),
            Err(error) => {
                eprintln!("error: {error:#}");
                (None, Err(error))
            }
        };
        self.done.push(Done { name: name.to_owned(), repeat: repeat.to_owned(), took: start.elapsed(), end });
        found
    }

    /// A step that brings nothing but its success and a note.
    pub(crate) fn plain(&mut self, name: &str, repeat: &str, run: impl FnOnce() -> Result<String>) -> bool {
        self.step(name, repeat, || Ok(((), run()?))).is_some()
    }

    /// Prints what happened; the last line of stdout is `N passed, N failed`.
    pub(crate) fn finish(self) -> Result<()> {
        print!("\n{}", self.report());
        if self.done.iter().any(|done| done.end.is_err()) { Err(Failed.into()) } else { Ok(()) }
    }

    fn report(&self) -> String {
        let mut report = String::new();
        for done in &self.done {
            let seconds = done.took.as_secs_f64();
            let (mark, note) = match &done.end {
                Ok(note) => ("ok    ", note.clone()),
                Err(error) => ("FAILED", first_line(&format!("{error:#}"))),
            };
            let line = format!("{mark} {seconds:>7.1} s  {}  {note}", done.name);
            report.push_str(line.trim_end());
            report.push('\n');
        }
        for done in &self.done {
            let Err(error) = &done.end else { continue };
            writeln!(report, "\n{} failed; to repeat it: {}\n{error:#}", done.name, done.repeat)
                .expect("a string takes all");
        }
        let failed = self.done.iter().filter(|done| done.end.is_err()).count();
        writeln!(report, "\n{} passed, {failed} failed", self.done.len() - failed)
            .expect("a string takes all");
        report
    }
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a step failed")
    }
}

impl std::error::Error for Failed {}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(160).collect()
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::Steps;

    #[test]
    fn a_failed_step_is_named_with_its_command_and_the_rest_still_runs() {
        let mut steps = Steps::new();
        steps.plain("fmt", "cargo fmt --check", || Ok(String::new()));
        steps.plain("clippy", "cargo clippy", || bail!("two warnings"));
        steps.plain("tests", "cargo test", || Ok("12 tests".to_owned()));
        let report = steps.report();
        assert!(report.contains("clippy failed; to repeat it: cargo clippy"), "{report}");
        assert!(report.contains("tests  12 tests"), "{report}");
        assert_eq!(report.lines().last(), Some("2 passed, 1 failed"));
        assert!(steps.finish().is_err());
    }

    #[test]
    fn a_run_where_all_passed_ends_well() {
        let mut steps = Steps::new();
        steps.plain("fmt", "cargo fmt --check", || Ok(String::new()));
        assert_eq!(steps.report().lines().last(), Some("1 passed, 0 failed"));
        assert!(steps.finish().is_ok());
    }
}
