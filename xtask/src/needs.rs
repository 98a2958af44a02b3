//! What the tests need of the machine: looked for, installed where that is allowed, and named where it is missing.

use anyhow::{Result, bail};

use crate::command::{Run, plural};

/// A capability, how to see that it is there, and the Debian packages that bring it.
struct Need {
    name: &'static str,
    probe: &'static [&'static str],
    packages: &'static [&'static str],
}

const TOOLS: &[Need] = &[
    Need { name: "git", probe: &["git", "--version"], packages: &["git"] },
    Need { name: "a C compiler (cc)", probe: &["cc", "--version"], packages: &["gcc", "libc6-dev"] },
    Need { name: "strace", probe: &["strace", "-V"], packages: &["strace"] },
    Need { name: "ip", probe: &["ip", "-V"], packages: &["iproute2"] },
    Need { name: "unshare", probe: &["unshare", "--version"], packages: &["util-linux"] },
    Need {
        name: "python3 with venv",
        probe: &["python3", "-c", "import ensurepip, venv"],
        packages: &["python3", "python3-venv"],
    },
    Need { name: "node 20", probe: &["node", "-e", NODE_IS_NEW], packages: &["nodejs"] },
    Need { name: "npm", probe: &["npm", "--version"], packages: &["npm"] },
    Need { name: "chromium", probe: &["chromium", "--version"], packages: &["chromium"] },
];

/// What builds the console runs on Node 20.19 and later; Debian has it since release 13.
const NODE_IS_NEW: &str = "const [major, minor] = process.versions.node.split('.').map(Number); \
                           process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)";

/// Rights that no package brings. Each may be had in one of several ways.
const RIGHTS: &[(&str, &[&[&str]], &str)] = &[
    (
        "ptrace",
        &[&["strace", "-qq", "-o", "/dev/null", "-e", "trace=none", "true"]],
        "let this user trace its own processes (in a container: --cap-add SYS_PTRACE)",
    ),
    (
        "network namespaces",
        &[
            &["unshare", "--net", "ip", "link", "set", "lo", "up"],
            &["unshare", "--map-root-user", "--net", "ip", "link", "set", "lo", "up"],
        ],
        "run as root or allow user namespaces (in a container: --cap-add SYS_ADMIN)",
    ),
];

/// Makes sure that everything is there, or names all that is not.
pub(crate) fn meet() -> Result<String> {
    let missing: Vec<&Need> = TOOLS.iter().filter(|need| !works(need.probe)).collect();
    if !missing.is_empty() {
        install(&missing)?;
    }
    let mut lacking = Vec::new();
    for need in TOOLS.iter().filter(|need| !works(need.probe)) {
        lacking.push(format!("{}: install the Debian packages {}", need.name, need.packages.join(" ")));
    }
    for (name, ways, how) in RIGHTS {
        if !ways.iter().any(|way| works(way)) {
            lacking.push(format!("{name}: {how}"));
        }
    }
    if lacking.is_empty() {
        return Ok(format!("{} found", plural((TOOLS.len() + RIGHTS.len()) as u64, "thing")));
    }
    bail!("{} missing\n  {}", lacking.len(), lacking.join("\n  "))
}

fn works(command: &[&str]) -> bool {
    let Some((program, arguments)) = command.split_first() else { return false };
    Run::new(program, arguments).works()
}

/// Installs with apt-get, if there is one and we are root or sudo asks for nothing.
fn install(missing: &[&Need]) -> Result<()> {
    let names: Vec<&str> = missing.iter().map(|need| need.name).collect();
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    let by_hand = format!("missing: {}; install: {}", names.join(", "), packages.join(" "));
    if !works(&["apt-get", "--version"]) {
        bail!("{by_hand} (there is no apt-get here)");
    }
    let root = Run::new("id", &["-u"]).read()?.trim() == "0";
    if !root && !works(&["sudo", "-n", "true"]) {
        bail!("{by_hand} (neither root nor sudo without a password)");
    }
    let apt = |arguments: &[&str]| {
        let sudo: &[&str] = if root { &[] } else { &["sudo", "-n"] };
        let command = [sudo, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
        let (program, arguments) = command.split_first().expect("env is always there");
        Run::new(program, arguments).show()
    };
    apt(&["update", "--quiet"])?;
    apt(&[&["install", "--yes", "--quiet", "--no-install-recommends"], packages.as_slice()].concat())
}

#[cfg(test)]
mod tests {
    use super::works;

    #[test]
    fn a_missing_program_and_a_failing_one_do_not_work() {
        assert!(works(&["true"]));
        assert!(!works(&["false"]));
        assert!(!works(&["no-such-program-here"]));
        assert!(!works(&[]));
    }
}
