//! Each third-party crate in the root manifest says why it is there.

use super::facts::Facts;
use super::fault::Fault;

pub(crate) fn faults(facts: &Facts) -> Vec<Fault> {
    let Some(manifest) = facts.tree.file("Cargo.toml") else { return Vec::new() };
    let mut faults = Vec::new();
    let mut inside = false;
    for (number, line) in manifest.lines() {
        if line.starts_with('[') {
            inside = line.trim() == "[workspace.dependencies]";
            continue;
        }
        let Some((name, rest)) = line.split_once(" = ") else { continue };
        let ours = rest.contains("path = ");
        let reason = rest.split_once(" # ").is_some_and(|(_, reason)| !reason.trim().is_empty());
        if inside && !name.starts_with('#') && !ours && !reason {
            let what = format!("`{name}` does not say why it is here");
            faults.push(Fault::stop("Cargo.toml", number, what, "add `# why` at the end of the line"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::faults;
    use crate::tidy::facts::plant;

    #[test]
    fn a_dependency_without_a_reason_is_a_fault() {
        let manifest = "[workspace.dependencies]\nmodel = { path = \"crates/model\" }\nurl = \"2\" # WHATWG URLs\n\
                        left-pad = \"1\"\n[profile.dev]\nopt-level = 1\n";
        let found = faults(&plant::files(&[("Cargo.toml", manifest)]));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].what.as_str()), (4, "`left-pad` does not say why it is here"));
    }
}
