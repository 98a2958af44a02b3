use std::time::Duration;

use super::stand_in::{Fault, StandIn};
use crate::figure::Figure;
use crate::options::{Options, Scenario};
use crate::report::{Report, Tally};

async fn measure(server: &StandIn, scenario: Scenario) -> anyhow::Result<Report> {
    let fault = server.fault;
    let options = Options {
        url: server.url.clone(),
        key: "chk_test".to_owned(),
        scenarios: vec![scenario],
        repeat: 2,
        senders: 4,
        events: 150,
        rate: 1_000_000,
        paced_events: 150,
        hl7_messages: 45,
        hl7_connections: 3,
        routine_queued: 60,
        slow_receivers: 3,
        critical_rate: 1_000_000,
        critical_events: 20,
        queued: 60,
        stalled_receivers: 20,
        hold: Duration::ZERO,
        // The stand-in has delivered when it acknowledges, unless it queues; then nothing is lost.
        patience: if fault == Fault::Queues { Duration::from_secs(30) } else { Duration::ZERO },
        server_pid: Some(std::process::id()),
        data_dir: (scenario == Scenario::Latency).then(std::env::temp_dir),
        ..Options::default()
    };
    crate::run(options).await
}

fn tallies(report: &Report) -> Vec<Tally> {
    report.scenarios.last().unwrap().runs.iter().map(|run| run.tally).collect()
}

#[tokio::test]
async fn a_closed_loop_is_measured_against_the_raw_limit_and_leaves_nothing_behind() {
    let server = StandIn::start(Fault::None).await;
    let report = measure(&server, Scenario::Fanout).await.unwrap();
    let whole = Tally { acknowledged: 75, delivered: 375, ..Tally::default() };
    assert_eq!(tallies(&report), [whole, whole]);
    assert_eq!(report.scenarios[0].scenario, Scenario::Raw);
    assert!(report.is_clean() && report.notes.is_empty());
    for figure in
        [Figure::DeliveriesPerSecond, Figure::RatioToRaw, Figure::CpuMsPer1000, Figure::ArrivalP99Ms]
    {
        assert!(report.scenarios[1].median.contains_key(&figure), "{figure:?}");
    }
    assert_eq!(server.made_and_left(), (12, 0));
}

#[tokio::test]
async fn an_open_loop_is_compared_with_the_disk() {
    let server = StandIn::start(Fault::None).await;
    let report = measure(&server, Scenario::Latency).await.unwrap();
    assert!(report.is_clean() && report.scenarios[1].median[&Figure::AckPerOverwrite] > 0.0);
}

#[tokio::test]
async fn reports_are_measured_until_everybody_has_been_told_what_they_may_know() {
    let server = StandIn::start(Fault::None).await;
    let report = measure(&server, Scenario::Hl7).await.unwrap();
    // Each to three webhooks, every fourth to one more, every twentieth to another.
    let whole = Tally { acknowledged: 45, delivered: 3 * 45 + 12 + 3, ..Tally::default() };
    assert_eq!(tallies(&report), [whole, whole]);
    assert!(report.is_clean());
    let figures = &report.scenarios[1].median;
    for figure in [Figure::ResultsPerSecond, Figure::CpuMsPer1000Results, Figure::AckP99Ms] {
        assert!(figures.contains_key(&figure), "{figure:?}");
    }
    assert_eq!(server.made_and_left(), (12, 0));
}

#[tokio::test]
async fn a_report_that_is_acknowledged_and_lost_is_found_out_at_every_webhook() {
    let server = StandIn::start(Fault::Loses("0020")).await;
    let report = measure(&server, Scenario::Hl7).await.unwrap();
    assert_eq!((tallies(&report)[0].lost, report.is_clean()), (5, false));
}

#[tokio::test]
async fn a_report_that_is_told_twice_is_found_out_at_every_webhook() {
    let server = StandIn::start(Fault::Repeats("0021")).await;
    let report = measure(&server, Scenario::Hl7).await.unwrap();
    assert_eq!((tallies(&report)[0].duplicates, report.is_clean()), (3, true));
}

#[tokio::test]
async fn a_webhook_that_is_told_more_than_it_may_know_is_found_out() {
    let server = StandIn::start(Fault::Exposes).await;
    let report = measure(&server, Scenario::Hl7).await.unwrap();
    assert_eq!((tallies(&report)[0].exposed, report.is_clean()), (90, false));
}

#[tokio::test]
async fn a_refused_report_ends_the_run_and_still_leaves_nothing_behind() {
    let server = StandIn::start(Fault::Refuses).await;
    let error = measure(&server, Scenario::Hl7).await.err().unwrap();
    assert!(format!("{error:#}").contains("MSA|AR"), "{error:#}");
    assert_eq!(server.made_and_left(), (6, 0));
}

#[tokio::test]
async fn critical_events_are_counted_apart_from_the_routine_queue() {
    let server = StandIn::start(Fault::Queues).await;
    let report = measure(&server, Scenario::Critical).await.unwrap();
    let whole = Tally { acknowledged: 20, delivered: 20, ..Tally::default() };
    assert_eq!(tallies(&report), [whole, whole]);
    assert!(report.scenarios[1].median.contains_key(&Figure::Queued));
    // Three slow integrations, one prompt, a webhook each, twice.
    assert_eq!(server.made_and_left(), (16, 0));
}

#[tokio::test]
async fn a_backlog_is_queued_and_not_lost() {
    let server = StandIn::start(Fault::Queues).await;
    let report = measure(&server, Scenario::Backlog).await.unwrap();
    assert!(report.is_clean());
    assert_eq!(report.scenarios[1].median[&Figure::Queued], 60.0);
    assert!(report.scenarios[1].median[&Figure::PeakMemoryMib] > 1.0);
    assert_eq!(server.made_and_left(), (80, 0));
}

#[tokio::test]
async fn a_server_that_loses_one_event_is_found_out() {
    let server = StandIn::start(Fault::Loses("0042")).await;
    let report = measure(&server, Scenario::Throughput).await.unwrap();
    assert!(!report.is_clean());
    assert_eq!(tallies(&report)[0], Tally { acknowledged: 150, delivered: 149, lost: 1, ..Tally::default() });
}

#[tokio::test]
async fn a_server_that_repeats_one_event_is_found_out() {
    let server = StandIn::start(Fault::Repeats("0042")).await;
    let report = measure(&server, Scenario::Throughput).await.unwrap();
    assert_eq!(tallies(&report)[0].duplicates, 1);
    assert!(report.is_clean());
}

#[tokio::test]
async fn a_server_that_does_not_sign_is_found_out() {
    let server = StandIn::start(Fault::Unsigned).await;
    let report = measure(&server, Scenario::Throughput).await.unwrap();
    assert_eq!(tallies(&report)[0].unsigned, 2);
    assert!(!report.is_clean());
}

#[tokio::test]
async fn a_refused_event_ends_the_run_and_still_leaves_nothing_behind() {
    let server = StandIn::start(Fault::Refuses).await;
    let error = measure(&server, Scenario::Throughput).await.err().unwrap();
    assert!(format!("{error:#}").contains("answered 422"), "{error:#}");
    assert_eq!(server.made_and_left(), (2, 0));
}

#[tokio::test]
async fn a_scenario_without_its_means_is_left_out_with_a_note() {
    let server = StandIn::start(Fault::None).await;
    let report = measure(&server, Scenario::Restart).await.unwrap();
    assert_eq!(report.notes, ["restart left out: the command that starts the server is not given"]);
}
