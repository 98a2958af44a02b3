//! `nightly PART`: the same tests as every day, with the sizes that a working day has no time for.

use anyhow::{Result, bail};

use crate::command::{Run, cargo_test};
use crate::steps::Steps;
use crate::workspace::{self, root};
use crate::{conformance, fhir_server, fuzz, smoke, stories, ui};

/// A proof that takes hours.
struct Part {
    name: &'static str,
    about: &'static str,
    /// Sizes the named tests read.
    sizes: &'static [(&'static str, &'static str)],
    /// What cargo runs; nothing for parts that are more than one command.
    cargo: &'static [&'static str],
}

/// Stories live in one binary; the last word is the test or the module to run.
macro_rules! story {
    ($name:literal) => {
        &["test", "--release", "--package", "server", "--test", "it", "--", "--nocapture", $name]
    };
}

const PARTS: &[Part] = &[
    Part {
        name: "kills",
        about: "1,000 kills at random moments under load: no acknowledged event is lost",
        sizes: &[("CAREHOOK_KILLS", "1000")],
        cargo: story!("kill::no_acknowledged_event_is_lost"),
    },
    Part {
        name: "syscalls",
        about: "every point where a system call can fail: the store opens and has what it acknowledged",
        sizes: &[("CAREHOOK_SYSCALL_STEP", "1")],
        cargo: story!("syscalls::every_failing_call_leaves_a_store_that_opens"),
    },
    Part {
        name: "backlog",
        about: "a million queued deliveries survive a kill, and all of them arrive",
        sizes: &[("CAREHOOK_QUEUED", "1000000")],
        cargo: story!("backlog::"),
    },
    Part {
        name: "soak",
        about: "24 hours with 500,000 events, a surge and a receiver that comes and goes",
        sizes: &[("CAREHOOK_SOAK_EVENTS", "500000"), ("CAREHOOK_SOAK_HOURS", "24")],
        cargo: story!("soak::"),
    },
    Part {
        name: FUZZ,
        about: "ten minutes of libFuzzer for everything that reads what strangers send",
        sizes: &[],
        cargo: &[],
    },
    Part {
        name: "properties",
        about: "a million generated inputs for each property of the parsers, of seals and of the guard on what goes out",
        sizes: &[("PROPTEST_CASES", "1000000")],
        cargo: &["test", "--release", "--package", "hl7v2", "--package", "privacy", "--package", "delivery"],
    },
    Part {
        name: RELEASE,
        about: "the stories of the binary and of the console, of the release build",
        sizes: &[],
        cargo: &["build", "--release", "--package", "server"],
    },
    Part {
        name: FHIR_SERVER,
        about: "a FHIR server that is not ours, built from its registry, read and followed",
        sizes: &[],
        cargo: &[],
    },
    Part {
        name: "advisories",
        about: "known faults of dependencies; needs the network and cargo-audit",
        sizes: &[],
        cargo: &["audit"],
    },
];

/// The parts that are more than a test of cargo's.
const FUZZ: &str = "fuzz";
const RELEASE: &str = "release";
const FHIR_SERVER: &str = "fhir-server";

pub(crate) fn run(part: Option<&str>) -> Result<()> {
    let Some(name) = part else {
        for part in PARTS {
            println!("{:<11} {}", part.name, part.about);
        }
        return Ok(());
    };
    let Some(part) = PARTS.iter().find(|part| part.name == name) else {
        let names: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
        bail!("there is no part {name}\nhint: the parts are {}", names.join(", "));
    };
    let mut steps = Steps::new();
    match part.name {
        FUZZ => {
            fuzz::add(&mut steps);
            return steps.finish();
        }
        FHIR_SERVER => {
            fhir_server::add(&mut steps);
            return steps.finish();
        }
        _ => {}
    }
    let run = command(part);
    let repeat = run.line().to_owned();
    steps.plain(part.name, &repeat, || {
        if part.cargo.starts_with(&["test"]) { cargo_test(run) } else { run.show().map(|()| String::new()) }
    });
    if part.name == RELEASE {
        stories_of_the_release(&mut steps)?;
    }
    eprintln!("\nto repeat it: {repeat}");
    steps.finish()
}

fn stories_of_the_release(steps: &mut Steps) -> Result<()> {
    const REPEAT: &str = "cargo xtask nightly release";
    let binary = workspace::metadata()?.target_directory.join("release/carehook");
    let libraries = steps.step("libraries for signatures", REPEAT, conformance::install);
    steps.plain("console: build", REPEAT, ui::compare);
    smoke::add(steps, Some(&binary), libraries.as_ref());
    stories::add(steps, Some(&binary));
    Ok(())
}

fn command(part: &Part) -> Run {
    let mut run = Run::cargo(part.cargo).within(&root()).env("CAREHOOK_NIGHTLY", part.name);
    for (name, value) in part.sizes {
        run = run.env(name, value);
    }
    run
}

#[cfg(test)]
mod tests {
    use super::{PARTS, command};
    use crate::workspace::root;

    #[test]
    fn what_is_asked_for_properties_has_some() {
        let part = PARTS.iter().find(|part| part.name == "properties").unwrap();
        let named = part.cargo.windows(2).filter(|words| words[0] == "--package").map(|words| words[1]);
        let manifest = |name: &str| {
            let folders = ["libs", "crates"].map(|kind| root().join(kind).join(name).join("Cargo.toml"));
            folders.iter().find_map(|path| std::fs::read_to_string(path).ok()).unwrap()
        };
        for name in named {
            assert!(manifest(name).contains("proptest"), "{name} has no properties");
        }
    }

    #[test]
    fn a_part_prints_the_line_that_repeats_it() {
        let kills = PARTS.iter().find(|part| part.name == "kills").unwrap();
        let line = command(kills).line().to_owned();
        assert!(line.starts_with("CAREHOOK_KILLS=1000 CAREHOOK_NIGHTLY=kills cargo test"), "{line}");
        assert!(line.ends_with("kill::no_acknowledged_event_is_lost"), "{line}");
    }
}
