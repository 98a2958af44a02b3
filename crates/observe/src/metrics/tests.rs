use super::*;

#[test]
fn what_is_counted_stands_on_the_page() {
    let metrics = Metrics::new();
    metrics.attempted(Lane::Critical, None, 12_000);
    metrics.attempted(Lane::Bulk, Some(Category::Http5xx), 1);
    metrics.accepted(Door::Mllp, 2, 1, Duration::from_millis(3));
    metrics.rejected(Door::Events, "malformed_json");
    metrics.ended(Lane::Urgent, DeliveryState::DeadLettered, Duration::from_secs(1));
    metrics.queued(Lane::Routine, 7, Duration::from_millis(1_500));
    metrics.breaker_turned(false);
    drop(metrics.mllp_connected());
    let _open = metrics.mllp_connected();
    drop(metrics.socket_opened());
    metrics.mllp_closed("slow");
    metrics.control_id_reused();
    metrics.committed(100, Duration::from_millis(2));
    metrics.started(Timestamp::from_millis(1_500));
    metrics.retention_stopped(true);
    metrics.resealed(3);
    metrics.day_key_dropped();
    let page = metrics.encode();
    for line in [
        "carehook_attempts_total{lane=\"critical\",outcome=\"delivered\"} 1",
        "carehook_attempts_total{lane=\"bulk\",outcome=\"http_5xx\"} 1",
        "carehook_attempt_duration_seconds_count{lane=\"critical\"} 1",
        "carehook_events_accepted_total{door=\"mllp\"} 2",
        "carehook_events_duplicate_total{door=\"mllp\"} 1",
        "carehook_ack_seconds_count{door=\"mllp\"} 1",
        "carehook_inputs_rejected_total{door=\"events\",reason=\"malformed_json\"} 1",
        "carehook_deliveries_ended_total{lane=\"urgent\",state=\"dead_lettered\"} 1",
        "carehook_queue_deliveries{lane=\"routine\"} 7",
        "carehook_queue_oldest_seconds{lane=\"routine\"} 1.5",
        "carehook_breakers_tripped 1",
        "carehook_breaker_trips_total 1",
        "carehook_mllp_connections 1",
        "carehook_websocket_connections 0",
        "carehook_mllp_closed_total{reason=\"slow\"} 1",
        "carehook_control_ids_reused_total 1",
        "carehook_commit_rows_sum 100.0",
        "carehook_commit_seconds_count 1",
        "carehook_start_time_seconds 1.5",
        "carehook_retention_stopped 1",
        "carehook_records_resealed_total 3",
        "carehook_day_keys_dropped_total 1",
    ] {
        assert!(page.lines().any(|found| found == line), "{line} is not in\n{page}");
    }
}

#[test]
fn every_metric_has_a_line_that_explains_it() {
    let page = Metrics::new().encode();
    let named = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")).count();
    let explained = page.lines().filter(|line| line.starts_with("# HELP ")).count();
    assert_eq!(named, explained);
    assert!(page.lines().filter(|line| line.starts_with("# HELP ")).all(|line| line.len() > 40));
}
