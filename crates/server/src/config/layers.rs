//! File, environment and flags, merged into one configuration.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use toml::{Table, Value};

use super::{Config, check};

/// What the command line sets; it wins over file and environment.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// The configuration file.
    pub config: Option<PathBuf>,
    /// `section.key` and value, for each flag that was given.
    pub set: Vec<(&'static str, Value)>,
}

/// Reads the configuration and says everything that is wrong with it.
///
/// # Errors
/// A file that cannot be read, or every fault of the values at once.
pub fn load(flags: &Flags) -> anyhow::Result<Config> {
    let mut table = match &flags.config {
        Some(path) => read(path)?,
        None => Table::new(),
    };
    for (name, value) in environment() {
        let path: Vec<String> = name.split("__").map(camel).collect();
        let value = from_file_if_asked(&path, value).with_context(|| format!("CAREHOOK__{name}"))?;
        set(&mut table, &without_file(&path), parse(&value));
    }
    for (path, value) in &flags.set {
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        set(&mut table, &path, value.clone());
    }
    let config: Config = Value::Table(table).try_into().context("the configuration cannot be read")?;
    let faults = check::all(&config);
    anyhow::ensure!(faults.is_empty(), "{}", check::list(&faults));
    Ok(config)
}

fn read(path: &Path) -> anyhow::Result<Table> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.parse().with_context(|| format!("{} is not TOML", path.display()))
}

fn environment() -> Vec<(String, String)> {
    let ours = |(name, value): (String, String)| {
        name.strip_prefix("CAREHOOK__").map(|name| (name.to_owned(), value))
    };
    let mut set: Vec<(String, String)> = std::env::vars().filter_map(ours).collect();
    set.sort();
    set
}

// `RETENTION__DEAD_LETTERS` sets `retention.deadLetters`.
fn camel(part: &str) -> String {
    let mut words = part.split('_').map(str::to_ascii_lowercase);
    let first = words.next().unwrap_or_default();
    words.fold(first, |name, word| {
        let mut letters = word.chars();
        let head = letters.next().map(|letter| letter.to_ascii_uppercase());
        name + &head.into_iter().chain(letters).collect::<String>()
    })
}

// `…_FILE` names a file that holds the value, unless the key itself is a file.
fn from_file_if_asked(path: &[String], value: String) -> anyhow::Result<String> {
    if path == without_file(path) {
        return Ok(value);
    }
    let text = std::fs::read_to_string(&value).with_context(|| format!("cannot read {value}"))?;
    Ok(text.trim_end().to_owned())
}

fn without_file(path: &[String]) -> Vec<String> {
    let mut path = path.to_vec();
    let is_key = |last: &String| last == "file" || last == "adminKeyFile";
    if let Some(last) = path.last_mut()
        && !is_key(last)
        && let Some(name) = last.strip_suffix("File")
    {
        *last = name.to_owned();
    }
    path
}

// Numbers, booleans and lists are written as in the file; everything else is a string.
fn parse(text: &str) -> Value {
    let typed = format!("value = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
    typed.unwrap_or_else(|| Value::String(text.to_owned()))
}

fn set(table: &mut Table, path: &[String], value: Value) {
    match path {
        [] => {}
        [last] => {
            table.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let inner = table.entry(first.clone()).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_environment_become_names_of_the_file() {
        assert_eq!(camel("DEAD_LETTERS"), "deadLetters");
        assert_eq!(camel("HTTP"), "http");
        assert_eq!(without_file(&["keys".into(), "adminKeyFile".into()])[1], "adminKeyFile");
        assert_eq!(without_file(&["defaults".into(), "timeZoneFile".into()])[1], "timeZone");
        assert_eq!(parse("[1, 2]"), Value::Array(vec![Value::Integer(1), Value::Integer(2)]));
        assert_eq!(parse("127.0.0.1:80"), Value::String("127.0.0.1:80".to_owned()));
    }

    #[test]
    fn flags_win_and_unknown_keys_are_refused() {
        let flags = |path, value: Value| Flags {
            config: None,
            set: vec![("dev", Value::Boolean(true)), (path, value)],
        };
        let config = load(&flags("http.bind", Value::String("127.0.0.1:9".to_owned()))).unwrap();
        assert_eq!(config.http.bind.port(), 9);
        let refused = load(&flags("http.bnd", Value::Integer(1))).unwrap_err();
        assert!(format!("{refused:#}").contains("bnd"), "{refused:#}");
    }
}
