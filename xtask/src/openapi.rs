//! `openapi`: the description of the HTTP surface, written by the binary itself.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::command::Run;
use crate::workspace::root;

const FILE: &str = "openapi.json";

pub(crate) fn run(check: bool) -> Result<()> {
    if check {
        return compare(None).map(|_| ());
    }
    std::fs::write(root().join(FILE), fresh(None)?)?;
    eprintln!("{FILE} is written");
    Ok(())
}

/// Fails with the first line that differs from what `binary` says, or else one that is built for it.
pub(crate) fn compare(binary: Option<&Path>) -> Result<String> {
    let committed =
        std::fs::read_to_string(root().join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
    let fresh = fresh(binary)?;
    match first_difference(&committed, &fresh) {
        None => Ok(String::new()),
        Some(line) => bail!("{FILE}:{line}: differs from what the binary says — run `cargo xtask openapi`"),
    }
}

fn fresh(binary: Option<&Path>) -> Result<String> {
    let run = match binary {
        Some(binary) => Run::new(&binary.to_string_lossy(), &["openapi"]),
        None => Run::cargo(&["run", "--quiet", "--package", "server", "--", "openapi"]),
    };
    let text = run.within(&root()).read()?;
    serde_json::from_str::<serde_json::Value>(&text)
        .context("`carehook openapi` printed something else than JSON")?;
    Ok(format!("{}\n", text.trim_end()))
}

fn first_difference(committed: &str, fresh: &str) -> Option<usize> {
    if committed == fresh {
        return None;
    }
    let same = committed.lines().zip(fresh.lines()).take_while(|(one, other)| one == other).count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
    }
}
