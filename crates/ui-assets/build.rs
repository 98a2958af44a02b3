//! Lists what lies in `dist/`, so that the binary holds all of it.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=dist");
    // Asked when it runs: the script may have been compiled in another checkout.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo sets CARGO_MANIFEST_DIR")?;
    let dist = Path::new(&here).join("dist");
    let mut files = Vec::new();
    gather(&dist, &mut files)?;
    let mut named = Vec::new();
    for file in &files {
        let name = file.strip_prefix(&dist)?.to_str().ok_or("a name that is not Unicode")?;
        // Everything in dist/ is gzip-ed, and called by its name without that.
        named.push((name.strip_suffix(".gz").ok_or_else(|| format!("dist/{name} is not gzip-ed"))?, file));
    }
    named.sort();
    let mut list = String::from("&[\n");
    for (name, file) in named {
        writeln!(list, "    ({name:?}, include_bytes!({file:?})),")?;
    }
    list.push_str("]\n");
    let out = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    std::fs::write(Path::new(&out).join("files.rs"), list)?;
    Ok(())
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { gather(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
