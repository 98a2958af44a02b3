use std::collections::BTreeMap;
use std::time::Duration;

use super::{Outcome, Plots, Report, Run, Tally};
use crate::figure::{Better, Figure, Target};
use crate::ledger::Ledger;
use crate::machine::{Disk, Machine};
use crate::options::{Options, Scenario};

fn report(lost: u64) -> Report {
    let figures = BTreeMap::from([(Figure::DeliveriesPerSecond, 13_000.0), (Figure::CpuMsPer1000, 58.25)]);
    let plots = Plots {
        acknowledgement: vec![(0.2, 0.0), (0.4, 0.5), (3.0, 1.0)],
        arrival: vec![(0.3, 0.0), (0.9, 0.5), (8.0, 1.0)],
        throughput: vec![(0.0, 12_500.0), (1.0, 13_100.0)],
    };
    let tally = Tally { acknowledged: 100, delivered: 100 - lost, lost, ..Tally::default() };
    let run = Run { figures: figures.clone(), tally, plots };
    let disk = Disk { fdatasync_append_ms: 0.27, fdatasync_overwrite_ms: 0.14 };
    Report {
        machine: Machine {
            cores: 2,
            processor: "Test <&> CPU".to_owned(),
            memory_mib: 4096,
            kernel: "6.1".to_owned(),
            disk: Some(disk),
        },
        options: Options { key: "chk_secret".to_owned(), ..Options::default() },
        scenarios: vec![Outcome { scenario: Scenario::Throughput, median: figures, runs: vec![run] }],
        notes: vec!["restart left out: no command".to_owned()],
    }
}

#[test]
fn json_names_figures_with_their_units_and_holds_no_key() {
    let text = report(0).to_json();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["scenarios"][0]["median"]["deliveriesPerSecond"].as_f64(), Some(13_000.0));
    assert_eq!(json["scenarios"][0]["runs"][0]["tally"]["delivered"], 100);
    assert_eq!(json["machine"]["disk"]["fdatasyncAppendMs"].as_f64(), Some(0.27));
    assert!(!text.contains("chk_secret"));
}

#[test]
fn the_table_shows_medians_bounds_and_verdicts() {
    let text = report(0).to_text();
    let line = text.lines().find(|line| line.contains("deliveries/s")).unwrap();
    let cells: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(cells, ["deliveries/s", "13000", "13000", "12000", "24000", "met"]);
    assert!(text.contains("58.2") && text.contains("  aim\n"), "{text}");
    assert!(text.contains("100 acknowledged, 100 delivered, 0 lost"), "{text}");
    assert!(text.ends_with("note: restart left out: no command\n"), "{text}");
}

#[test]
fn the_page_stands_alone_and_escapes() {
    let page = report(0).to_html();
    assert_eq!(page.matches("<svg").count(), 2);
    assert_eq!(page.matches("<polyline").count(), 3);
    assert!(page.contains("Test &lt;&amp;&gt; CPU"));
    for outside in ["http:", "https:", "src=", "href=", "NaN", "inf"] {
        assert!(!page.contains(outside), "the page contains {outside}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_share_of_an_hour_of_reports_counts_each_as_a_message() {
    let ledger = Ledger::new(2, vec![1]);
    for id in 0..2 {
        ledger.note_sent(id, ledger.now());
        ledger.note_acknowledged(id);
    }
    // Two messages a second, of eight results each, for 9 ms of one core each.
    tokio::time::advance(Duration::from_secs(1)).await;
    (0..2).for_each(|id| ledger.note_arrived(id, 0));
    let mut run = Run::of(&ledger);
    run.reports(&ledger, Some(Duration::from_millis(18)));
    let cores = Machine::here().cores as f64;
    for (figure, expected) in [
        (Figure::MessagesPerSecond, 2.0),
        (Figure::ResultsPerSecond, 16.0),
        (Figure::CpuMsPer1000Results, 9.0 * 1_000.0 / 8.0),
        (Figure::HourShareOfRatePercent, 22_000.0 / 3_600.0 / 2.0 * 100.0),
        (Figure::HourShareOfCpuPercent, 22_000.0 * 0.009 / 3_600.0 / cores * 100.0),
    ] {
        assert!((run.figures[&figure] - expected).abs() < 1e-6, "{figure:?}: {}", run.figures[&figure]);
    }
}

#[test]
fn a_lost_delivery_makes_a_report_unclean() {
    assert!(report(0).is_clean());
    assert!(!report(1).is_clean());
}

#[test]
fn a_report_without_points_has_no_plots() {
    let mut empty = report(0);
    empty.scenarios[0].runs[0].plots = Plots::default();
    assert!(!empty.to_html().contains("<svg"));
}

#[test]
fn a_target_is_judged_in_its_direction() {
    let rate = Target { at_least: 10.0, aim: 20.0, better: Better::Higher };
    let wait = Target { at_least: 20.0, aim: 10.0, better: Better::Lower };
    assert_eq!([25.0, 15.0, 5.0].map(|value| rate.judge(value)), ["aim", "met", "missed"]);
    assert_eq!([5.0, 15.0, 25.0].map(|value| wait.judge(value)), ["aim", "met", "missed"]);
}
