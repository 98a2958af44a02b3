//! Where calls must not go (S1): a table of destinations against the whole path of a call.
//!
//! The table is the shared corpus where there is one, and a short list of our
//! own (`own`) always. `table` runs it against a canary in place of the
//! network; `world` runs it with the real dialer in a network namespace where
//! every address on earth is a canary.

mod names; // What the names of the table resolve to.
mod own; // Our own short list.
mod table; // Against a canary network.
mod world; // Against real sockets.

use std::net::SocketAddr;
use std::path::Path;

use delivery::egress::{Loopback, Options, Policy};
use model::{HookUrl, PlainHttp};

/// One destination.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) verdict: String,
    pub(crate) url: String,
    pub(crate) note: String,
}

/// All destinations, the shared ones if they are there, and our own.
pub(crate) fn corpus() -> Vec<Line> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ssrf.txt");
    let shared = std::fs::read_to_string(shared).unwrap_or_default();
    [own::LINES, &shared].iter().flat_map(|text| text.lines()).filter_map(read).collect()
}

fn read(line: &str) -> Option<Line> {
    let mut columns = line.split('\t');
    let verdict = columns.next().filter(|verdict| !verdict.is_empty() && !verdict.starts_with('#'))?;
    let url = serde_json::from_str(columns.nth(1)?).unwrap();
    let note = columns.next().unwrap_or_default().to_owned();
    Some(Line { verdict: verdict.to_owned(), url, note })
}

/// The URL of a line, if it is one.
fn parsed(line: &Line) -> Option<HookUrl> {
    HookUrl::read(&line.url, PlainHttp::Allowed).ok().map(|(url, _)| url)
}

/// The policy of a fresh installation that listens on a public address.
fn policy() -> Policy {
    let policy = Policy::new(Options::default(), Loopback::Refused);
    let own = [80, 443, 8443].map(|port| SocketAddr::from(([93, 184, 215, 99], port)));
    policy.listen_on(own.to_vec());
    policy
}
