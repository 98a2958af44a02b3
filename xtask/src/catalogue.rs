//! `catalogue`: a page for each object family, written from `catalogue/*.toml`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::workspace::root;

const PAGES: &str = "docs/reference/events";
const WRITTEN: &str = "It is written by `cargo xtask catalogue`; change the catalogue, not this page.";

#[derive(Deserialize)]
struct File {
    #[serde(rename = "type")]
    types: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    object: String,
    lane: String,
    title: String,
    #[serde(default)]
    description: String,
    required: Option<String>,
    #[serde(default)]
    offered_by: Vec<String>,
    #[serde(default)]
    packs: Vec<String>,
    sample: String,
}

/// A family of event types, as its file has it.
struct Family {
    name: String,
    title: String,
    types: Vec<Entry>,
}

pub(crate) fn run(check: bool) -> Result<()> {
    if check {
        return compare().map(|_| ());
    }
    let folder = root().join(PAGES);
    std::fs::create_dir_all(&folder)?;
    for (path, text) in fresh()? {
        std::fs::write(path, text)?;
    }
    eprintln!("{PAGES} is written");
    Ok(())
}

/// Fails with the first page that is not what the catalogue says, or that has no family any more.
pub(crate) fn compare() -> Result<String> {
    let fresh = fresh()?;
    for (path, text) in &fresh {
        if std::fs::read_to_string(path).ok().as_ref() != Some(text) {
            let shown = path.strip_prefix(root()).unwrap_or(path).display();
            bail!("{shown}: differs from the catalogue — run `cargo xtask catalogue`");
        }
    }
    let folder = root().join(PAGES);
    let count = std::fs::read_dir(&folder).with_context(|| format!("cannot read {PAGES}"))?.count();
    if count != fresh.len() {
        bail!("{PAGES}: holds a page of a family that is gone — remove it");
    }
    Ok(format!("{} pages", fresh.len()))
}

fn fresh() -> Result<BTreeMap<PathBuf, String>> {
    let families = families()?;
    let folder = root().join(PAGES);
    let mut pages: BTreeMap<PathBuf, String> = BTreeMap::new();
    pages.insert(folder.join("README.md"), index(&families));
    for family in &families {
        pages.insert(folder.join(format!("{}.md", family.name)), page(family)?);
    }
    Ok(pages)
}

/// What stands beside the families and holds no event types of its own.
const NO_FAMILIES: &[&str] = &["packs", "resources", "topics"];

fn families() -> Result<Vec<Family>> {
    let mut families = Vec::new();
    for found in std::fs::read_dir(root().join("catalogue"))? {
        let path = found?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_none_or(|ending| ending != "toml") || NO_FAMILIES.contains(&name.as_str()) {
            continue;
        }
        let text = std::fs::read_to_string(&path)?;
        let file: File = toml::from_str(&text).with_context(|| format!("catalogue/{name}.toml"))?;
        let first = text.lines().next().unwrap_or_default();
        let title = first.trim_start_matches("# ").trim_end_matches('.').to_owned();
        families.push(Family { name, title, types: file.types });
    }
    families.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(families)
}

fn index(families: &[Family]) -> String {
    let count: usize = families.iter().map(|family| family.types.len()).sum();
    let mut text = format!(
        "# Event types\n\nThe catalogue has {count} types in {} families.\n{WRITTEN}\n\n| family | types |\n|---|---|\n",
        families.len()
    );
    for Family { name, title, types } in families {
        let names: Vec<String> = types.iter().map(|entry| format!("`{}`", entry.name)).collect();
        writeln!(text, "| [{title}]({name}.md) | {} |", names.join(", ")).expect("a string takes everything");
    }
    text
}

fn page(family: &Family) -> Result<String> {
    let mut text =
        format!("# {}\n\nThe page of `catalogue/{}.toml`.\n{WRITTEN}\n", family.title, family.name);
    for entry in &family.types {
        text.push_str(&section(entry).with_context(|| entry.name.clone())?);
    }
    Ok(text)
}

fn section(entry: &Entry) -> Result<String> {
    let Entry { name, object, lane, title, description, required, offered_by, packs, sample } = entry;
    let sample: Map<String, Value> = serde_json::from_str(sample).context("the sample is no JSON object")?;
    let said = if description.is_empty() { title.clone() } else { format!("{title}\n{description}") };
    let mut text = format!("\n## `{name}`\n\n{said}\n\n");
    let mut fact =
        |what: &str, value: &str| writeln!(text, "- {what}: {value}").expect("a string takes everything");
    fact("object", &format!("`{object}`"));
    fact("lane, at least", &format!("`{lane}`"));
    fact("schema", &format!("`{name}/1`"));
    fact("raised by integrations of the kind", &listed(offered_by, "none: the platform says it itself"));
    if !packs.is_empty() {
        fact("starter packs", &listed(packs, ""));
    }
    fact("must be there", &required.as_ref().map_or("nothing".to_owned(), |member| format!("`{member}`")));
    text.push_str("\n| member of `data` | JSON type |\n|---|---|\n");
    for (member, value) in &sample {
        writeln!(text, "| `{member}` | {} |", kind(value)).expect("a string takes everything");
    }
    write!(text, "\n```json\n{}\n```\n", serde_json::to_string_pretty(&sample)?)
        .expect("a string takes everything");
    Ok(text)
}

fn listed(names: &[String], none: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if quoted.is_empty() { none.to_owned() } else { quoted.join(", ") }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_says_what_the_catalogue_says() {
        let entry = Entry {
            name: "lab.result.critical".to_owned(),
            object: "lab_report".to_owned(),
            lane: "critical".to_owned(),
            title: "A result may mean harm.".to_owned(),
            description: String::new(),
            required: None,
            offered_by: vec!["hl7v2".to_owned()],
            packs: Vec::new(),
            sample: r#"{"value": {"value": 6.90}}"#.to_owned(),
        };
        let text = section(&entry).unwrap();
        for part in [
            "## `lab.result.critical`",
            "kind: `hl7v2`",
            "must be there: nothing",
            "| `value` | object |",
            "6.90",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
