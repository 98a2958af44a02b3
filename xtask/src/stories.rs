//! The stories of the console: told in a real browser against the real server, and what they said of themselves.
//!
//! A server, a browser and the machine's other work share two cores. A file with a story that failed is told
//! once more, alone and on a server of its own; the report names it even when it passes then.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::command::Run;
use crate::steps::Steps;
use crate::workspace::{metadata, root};

const SOURCES: &str = "ui";

/// The stories in a real browser, against the real server.
pub(crate) fn add(steps: &mut Steps, binary: Option<&Path>) {
    let name = binary.map_or_else(String::new, |path| path.display().to_string());
    let repeat = format!("cd {SOURCES} && CAREHOOK_BINARY={name} npm run e2e");
    steps.plain("console: stories in a browser", &repeat, || tell(binary.context("not reached")?));
}

fn tell(binary: &Path) -> Result<String> {
    let first = told(binary, &[])?;
    ensure!(first.count > 0, "no story was told");
    if first.failed.is_empty() {
        return Ok(format!("{} stories", first.count));
    }
    let files: Vec<&str> = first.files().into_iter().collect();
    eprintln!("\n{}\ntelling {} once more", first.failures(), files.join(" "));
    let second = told(binary, &files)?;
    ensure!(second.failed.is_empty() && second.count > 0, "{}", second.failures());
    Ok(format!("{} stories, after a second telling of {}", first.count, first.names()))
}

/// What a run of stories left.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    count: u64,
    failed: Vec<Failure>,
}

#[derive(Debug, PartialEq, Eq)]
struct Failure {
    file: String,
    name: String,
    why: String,
}

impl Told {
    fn files(&self) -> BTreeSet<&str> {
        self.failed.iter().map(|failure| failure.file.as_str()).collect()
    }

    fn names(&self) -> String {
        let names: Vec<String> = self.failed.iter().map(|failure| format!("“{}”", failure.name)).collect();
        names.join(", ")
    }

    fn failures(&self) -> String {
        let lines = self.failed.iter().map(|failure| {
            let Failure { file, name, why } = failure;
            format!("{file}: {name}\n    {}", why.replace('\n', "\n    "))
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Tells the stories of `files`, of all where none is named.
fn told(binary: &Path, files: &[&str]) -> Result<Told> {
    let report = report_file()?;
    let output = format!("--outputFile.json={}", report.display());
    let mut words = vec!["run", "--silent", "e2e", "--", "--reporter=verbose", "--reporter=json", &output];
    words.extend(files);
    // A report of an earlier run must not stand for one that never began.
    if report.exists() {
        fs::remove_file(&report)?;
    }
    let run = Run::new("npm", &words).within(&root().join(SOURCES)).env("CAREHOOK_BINARY", binary);
    let end = run.show();
    let told = match fs::read(&report) {
        Ok(text) => read(&text)?,
        Err(_) => return end.and_then(|()| bail!("the stories left no report at {}", report.display())),
    };
    // Something outside a story may fail too: a file that cannot be read, a browser that is not there.
    if told.failed.is_empty() { end.map(|()| told) } else { Ok(told) }
}

fn report_file() -> Result<PathBuf> {
    let folder = metadata()?.target_directory.join("stories");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder.join("told.json"))
}

/// The runner's own report, as far as it is read here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    num_total_tests: u64,
    test_results: Vec<File>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    name: String,
    status: String,
    #[serde(default)]
    message: String,
    assertion_results: Vec<Story>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Story {
    status: String,
    full_name: String,
    #[serde(default)]
    failure_messages: Vec<String>,
}

fn read(text: &[u8]) -> Result<Told> {
    let report: Report = serde_json::from_slice(text).context("the report of the stories")?;
    let failed = report.test_results.iter().flat_map(failures).collect();
    Ok(Told { count: report.num_total_tests, failed })
}

/// The stories of a file that failed; the file itself where it failed around them.
fn failures(file: &File) -> Vec<Failure> {
    let name = Path::new(&file.name).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let failure = |story: String, why: &str| Failure { file: name.clone(), name: story, why: short(why) };
    let stories = file.assertion_results.iter().filter(|story| story.status == "failed");
    let mut failed: Vec<Failure> =
        stories.map(|story| failure(story.full_name.clone(), &story.failure_messages.join("\n"))).collect();
    if failed.is_empty() && file.status == "failed" {
        failed.push(failure("what its stories stand on".to_owned(), &file.message));
    }
    failed
}

/// The message without the stack below it.
fn short(why: &str) -> String {
    const LINES_MAX: usize = 12;
    let lines = why.lines().filter(|line| !line.trim_start().starts_with("at "));
    lines.take(LINES_MAX).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Failure, read};

    fn report(results: &str) -> String {
        format!(r#"{{"numTotalTests": 3, "success": false, "testResults": [{results}]}}"#)
    }

    #[test]
    fn a_story_that_failed_is_named_with_its_file_and_reason() {
        let told = read(
            report(
                r#"{"name": "/any/stories/alerts.test.ts", "status": "failed", "assertionResults": [
                    {"status": "passed", "fullName": "a rule is tried"},
                    {"status": "failed", "fullName": "an alert opens", "failureMessages": ["Error: waited in vain\n    at until.ts:7"]}
                ]}"#,
            )
            .as_bytes(),
        )
        .unwrap();
        let expected = Failure {
            file: "alerts.test.ts".to_owned(),
            name: "an alert opens".to_owned(),
            why: "Error: waited in vain".to_owned(),
        };
        assert_eq!((told.count, told.failed.as_slice()), (3, [expected].as_slice()));
        assert!(told.failures().starts_with("alerts.test.ts: an alert opens\n    Error: waited in vain"));
    }

    #[test]
    fn a_file_that_fails_around_its_stories_is_a_failure() {
        let text = r#"{"name": "/any/stories/tour.test.ts", "status": "failed", "message": "no browser", "assertionResults": []}"#;
        let told = read(report(text).as_bytes()).unwrap();
        assert_eq!(told.failures(), "tour.test.ts: what its stories stand on\n    no browser");
    }
}
