//! Every call by which the store writes fails once: the store opens and has what it acknowledged.
//!
//! strace counts the calls on the store's files, thread by thread, and lets
//! the N-th one fail or kills the process in it. The workload is small and
//! always the same, so that each N is a place in it.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::harness::{Api, Hook, Receiver, Server, Setting, Start, critical, number};
use crate::ledger::Ledger;

/// A way to fail.
#[derive(Debug, Clone, Copy)]
struct Failure {
    calls: &'static str,
    how: &'static str,
    /// Whether the server has to end by itself, so that it recovers from disk.
    ends: bool,
}

const WRITES: &str = "write,pwrite64";
const SYNCS: &str = "fsync,fdatasync";
const FAILURES: [Failure; 5] = [
    Failure { calls: WRITES, how: "signal=KILL", ends: true },
    Failure { calls: SYNCS, how: "signal=KILL", ends: true },
    Failure { calls: WRITES, how: "error=EIO", ends: false },
    Failure { calls: SYNCS, how: "error=EIO", ends: true },
    Failure { calls: WRITES, how: "error=ENOSPC", ends: false },
];

/// Events of the workload.
const EVENTS: u32 = 10;
/// How many points there are of each failure, unless the step is given.
const POINTS: u64 = 20;

#[test]
fn every_failing_call_leaves_a_store_that_opens() {
    demand_strace();
    let mut template = Template::new();
    template.server.stop();
    let mut fired = Vec::new();
    for failure in FAILURES {
        let all = template.count(failure.calls);
        assert!(all >= POINTS, "the workload makes {all} calls of {}", failure.calls);
        let step = number("CAREHOOK_SYSCALL_STEP", all.div_ceil(POINTS));
        let points = (1..=all).step_by(usize::try_from(step).expect("a small number"));
        fired.push(points.filter(|nth| template.fail(failure, *nth)).count());
    }
    eprintln!("points at which a call failed: {fired:?}");
    // The negative control: a run in which nothing fails proves nothing.
    assert!(fired.iter().all(|count| *count > 0), "each failure was met: {fired:?}");
}

#[test]
fn a_key_file_that_fails_alone_is_met_as_the_store_is() {
    demand_strace();
    let mut template = Template::new();
    template.server.stop();
    let path = format!("/ingest/{}/events", template.integration);

    let (mut server, trace) = template.start_on("keys.db", SYNCS, Some(("error=EIO", 1)));
    let answer = server.api().try_call("POST", &path, Some(&critical("a", "new")));
    assert!(answer.is_ok_and(|answer| answer.status == 500), "its key could not be kept");
    server.until_ended();
    assert!(std::fs::read_to_string(trace).unwrap().contains("INJECTED"));
    server.restart();
    server.api().post(&path, &critical("a", "new")).is(202);

    let (mut server, _) = template.start_on("keys.db", WRITES, Some(("error=ENOSPC", 1)));
    server.api().post(&path, &critical("b", "newer")).is(507);
    server.api().post(&path, &critical("b", "newer")).is(202);
    assert!(server.ended().is_none(), "a full disk is a state and not an end");
}

/// A small store, and a receiver that outlives all its copies.
struct Template {
    receiver: Receiver,
    server: Server,
    integration: String,
    hook: Hook,
}

impl Template {
    fn new() -> Template {
        let story = Setting::new();
        let integration = story.events();
        let hook = story.hook(&integration, &json!({}));
        let Setting { receiver, server, .. } = story;
        Template { receiver, server, integration, hook }
    }

    /// The most calls that one thread makes on the store's files.
    fn count(&self, calls: &str) -> u64 {
        let (mut server, trace) = self.start(calls, None);
        let ledger = Ledger::default();
        self.work(&mut server, "count", &ledger);
        assert!(!ledger.pages().acknowledged.is_empty(), "nothing failed, so it was acknowledged");
        server.kill();
        let mut by_thread = std::collections::BTreeMap::<String, u64>::new();
        for line in std::fs::read_to_string(trace).unwrap().lines().filter(|line| line.contains('(')) {
            *by_thread.entry(line.split(' ').next().unwrap_or_default().to_owned()).or_default() += 1;
        }
        by_thread.into_values().max().unwrap_or(0)
    }

    /// Lets the N-th call fail; tells whether there was one.
    fn fail(&self, failure: Failure, nth: u64) -> bool {
        let run = format!("{} {} {nth}", failure.calls, failure.how);
        let (mut server, trace) = self.start(failure.calls, Some((failure.how, nth)));
        let ledger = Ledger::default();
        self.work(&mut server, &run, &ledger);
        let told = std::fs::read_to_string(&trace).unwrap();
        // A killed process leaves no line. Whoever is traced dies a moment after its connections.
        let is_whole = ledger.pages().acknowledged.len() == EVENTS as usize;
        let killed = failure.how.contains("KILL") && !is_whole && server.until_ended().signal() == Some(9);
        let has_fired = killed || told.contains("INJECTED");
        // Neither the log nor the key file may be written to after a failed sync (R7).
        if has_fired && failure.ends && !killed {
            server.until_ended();
        }
        server.kill();
        eprintln!("{run}: fired {has_fired}, {} acknowledged", ledger.pages().acknowledged.len());
        server.restart();
        self.verify(&server.api(), &ledger);
        has_fired
    }

    /// A copy of the store with a tracer in front, ready or ended.
    fn start(&self, calls: &str, inject: Option<(&str, u64)>) -> (Server, std::path::PathBuf) {
        self.start_on("", calls, inject)
    }

    /// The same, of those of its files alone whose names begin so.
    fn start_on(
        &self,
        files: &str,
        calls: &str,
        inject: Option<(&str, u64)>,
    ) -> (Server, std::path::PathBuf) {
        let home = self.server.home.copy();
        let trace = home.path().join("trace");
        let mut under: Vec<OsString> =
            ["strace", "-D", "-f", "-qq", "-y", "-e", "signal=none", "-o"].map(OsString::from).to_vec();
        under.push(trace.clone().into());
        under.extend(["-e".into(), format!("trace={calls}").into()]);
        if let Some((how, nth)) = inject {
            under.extend(["-e".into(), format!("inject={calls}:{how}:when={nth}").into()]);
        }
        for file in store_files(&home.data(), files) {
            under.extend(["-P".into(), file]);
        }
        let mut server = Server::at(home, Start { under, ..Start::default() });
        server.spawn();
        server.until_ready_or_ended();
        (server, trace)
    }

    /// The workload: single events, an array, a change of the configuration.
    fn work(&self, server: &mut Server, run: &str, ledger: &Ledger) {
        let api = server.api();
        let path = format!("/ingest/{}/events", self.integration);
        let id = |number: u32| format!("{run} {number}");
        for number in 0..4 {
            let Ok(answer) = api.try_call("POST", &path, Some(&critical(&id(number), &id(number)))) else {
                continue;
            };
            if answer.status == 202 {
                ledger.acknowledge(id(number), answer.json(202)["id"].as_str().map(str::to_owned));
            }
        }
        let integration = json!({ "name": "more", "kind": "events" });
        api.try_call("POST", "/admin/integration", Some(&integration)).ok();
        let many: Vec<_> = (4..EVENTS).map(|number| critical(&id(number), &id(number))).collect();
        let Ok(answer) = api.try_call("POST", &path, Some(&json!(many))) else { return };
        if answer.status == 202 {
            let told = answer.json(202);
            let events = told["accepted"].as_array().expect("in order").iter();
            for (number, event) in (4..).zip(events) {
                ledger.acknowledge(id(number), event["id"].as_str().map(str::to_owned));
            }
        }
    }

    /// Everything acknowledged is delivered, and the store takes more.
    fn verify(&self, api: &Api, ledger: &Ledger) {
        let hook = self.hook.through(api);
        let more = critical("more", "more");
        api.post(&format!("/ingest/{}/events", self.integration), &more).is(202);
        hook.until("everything is settled", |status| status["pending"] == 0);
        ledger.read(&self.receiver);
        self.receiver.forget();
        let mut pages = ledger.pages();
        // What was not acknowledged may have been taken or not; other runs are not ours.
        let acknowledged = pages.acknowledged.clone();
        pages.arrived.retain(|id, _| acknowledged.contains_key(id));
        assert_eq!(pages.faults(), []);
    }
}

/// The files of the store, and those that SQLite makes beside them.
fn store_files(data: &Path, prefix: &str) -> Vec<OsString> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(data).unwrap() {
        let entry = entry.unwrap();
        let is_meant = entry.file_name().to_string_lossy().starts_with(prefix);
        let path = entry.path();
        if is_meant && path.extension().is_some_and(|extension| extension == "db") {
            for end in ["", "-wal", "-journal"] {
                files.push([path.as_os_str(), end.as_ref()].into_iter().collect());
            }
        }
    }
    assert!(!files.is_empty(), "no database in {}", data.display());
    files
}

fn demand_strace() {
    let works = |arguments: &[&str]| {
        Command::new("strace").args(arguments).output().is_ok_and(|out| out.status.success())
    };
    assert!(
        works(&["-V"]),
        "strace is missing: install the Debian package strace, or run `cargo xtask test`"
    );
    let may = works(&["-qq", "-o", "/dev/null", "-e", "trace=none", "true"]);
    assert!(may, "ptrace is not allowed here: in a container, add --cap-add SYS_PTRACE");
}
