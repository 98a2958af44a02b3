//! The page about metrics and the dashboard, against the metrics there are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use model::{Category, DeliveryState, Door, Lane, Severity, Signal, Timestamp};
use observe::Metrics;

/// Every metric with its kind: a family shows once something was counted.
fn metrics() -> BTreeMap<String, String> {
    let metrics = Metrics::new();
    metrics.attempted(Lane::Critical, Some(Category::Dns), 1);
    metrics.answered(Lane::Critical, Some(200));
    metrics.ended(Lane::Critical, DeliveryState::Delivered, Duration::ZERO);
    metrics.queued(Lane::Critical, 1, Duration::ZERO);
    metrics.accepted(Door::Events, 1, 1, Duration::ZERO);
    metrics.rejected(Door::Events, "malformed_json");
    metrics.mllp_closed("idle");
    metrics.committed(1, Duration::ZERO);
    metrics.started(Timestamp::from_millis(1));
    metrics.alerts().fired(Signal::Latency, Severity::Warning);
    metrics.alerts().open(std::iter::empty());
    metrics.alerts().noticed("email", true);
    drop(observe::tasks::counts());
    let page = metrics.encode();
    let typed = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    typed.filter_map(|line| line.split_once(' ')).map(|(name, kind)| (name.into(), kind.into())).collect()
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The metrics that a text names, without what a kind appends.
fn named(text: &str, known: &BTreeMap<String, String>) -> BTreeSet<String> {
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let words = text.split(word).filter(|word| word.starts_with("carehook_"));
    let base = |word: &str| {
        let ends = ["_total", "_bucket", "_sum", "_count"];
        let bare =
            ends.iter().find_map(|end| word.strip_suffix(end)).filter(|bare| known.contains_key(*bare));
        bare.unwrap_or(word).to_owned()
    };
    words.map(base).collect()
}

#[tokio::test]
async fn the_page_about_metrics_tells_of_each_and_of_no_other() {
    observe::tasks::spawn("reference", async {}).await.unwrap();
    let known = metrics();
    let page = read("docs/reference/metrics.md");
    let told = named(&page, &known);
    assert_eq!(told, known.keys().cloned().collect());
    for (name, kind) in &known {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{name}"))).unwrap();
        assert!(row.contains(&format!("| {kind} |")), "{name} is a {kind}: {row}");
    }
}

#[tokio::test]
async fn the_dashboard_asks_only_for_metrics_that_there_are() {
    observe::tasks::spawn("reference", async {}).await.unwrap();
    let known = metrics();
    let dashboard = read("examples/grafana/carehook.json");
    let told = named(&dashboard, &known);
    assert!(told.len() > 15, "{told:?}");
    let unknown: Vec<&String> = told.iter().filter(|name| !known.contains_key(*name)).collect();
    assert_eq!(unknown, Vec::<&String>::new());
}
