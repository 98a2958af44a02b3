//! `carehook explain`: the page of an error code.

use api::error_pages;
use clap::Args;

use super::{End, Misuse, out};

/// Print the page of an error code.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A problem code or an error category; left out, all of them are listed
    code: Option<String>,
}

impl Explain {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        let Some(code) = self.code else {
            let all: Vec<&str> = error_pages::ALL.iter().map(|(code, _)| *code).collect();
            out::data(&all.join("\n"))?;
            return Ok(End::Well);
        };
        match error_pages::find(&code) {
            Some(page) => out::data(page)?,
            None => return Err(Misuse::error(unknown(&code))),
        }
        Ok(End::Well)
    }
}

fn unknown(code: &str) -> String {
    let head = code.split('_').next().unwrap_or_default();
    let near: Vec<&str> =
        error_pages::ALL.iter().map(|(known, _)| *known).filter(|known| known.starts_with(head)).collect();
    let hint = if near.is_empty() { "`carehook explain` lists them".to_owned() } else { near.join(", ") };
    format!("there is no code `{code}`\nhint: {hint}")
}
