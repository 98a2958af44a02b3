//! Values of one patient as they come, and which of them are told.

use serde_json::json;

use super::*;

const MINUTE: i64 = 60_000;

fn point(minute: i64, value: i64) -> Point {
    Point {
        at: Timestamp::from_millis(minute * MINUTE),
        object: (minute * 1_000 + value) as u128,
        holds: value < 90,
        rearms: value >= 90,
        value: Some(json!(value)),
        fired: false,
    }
}

#[track_caller]
fn check(values: &[(i64, i64)], rule: Crossing, expected: &[Judgement]) {
    let mut series = Series::default();
    let found: Vec<Judgement> =
        values.iter().map(|(minute, value)| series.cross(point(*minute, *value), rule)).collect();
    assert_eq!(found, expected, "{values:?}");
}

const FIRED: Judgement = Judgement::Fired;
const OVER: Judgement = Judgement::NotMatched;
const SAME: Judgement = Judgement::NotRearmed;

#[test]
fn p7_a_threshold_fires_when_it_is_crossed_and_again_once_it_is_re_armed() {
    let values = [(1, 91), (2, 89), (3, 88), (4, 91), (5, 89)];
    check(&values, Crossing::default(), &[OVER, FIRED, SAME, OVER, FIRED]);
}

#[test]
fn p7_an_older_value_that_comes_late_does_not_re_arm() {
    let values = [(1, 91), (3, 89), (2, 91), (4, 88), (5, 87)];
    check(&values, Crossing::default(), &[OVER, FIRED, OVER, SAME, SAME]);
    // Nor when it falls between two values of the same run.
    let values = [(1, 89), (3, 88), (2, 91), (4, 87)];
    check(&values, Crossing::default(), &[FIRED, SAME, OVER, SAME]);
}

#[test]
fn p7_a_late_value_tells_of_a_crossing_that_nobody_was_told_of_and_of_no_other() {
    check(&[(1, 91), (3, 91), (2, 89)], Crossing::default(), &[OVER, OVER, FIRED]);
    check(&[(3, 89), (2, 88)], Crossing::default(), &[FIRED, Judgement::OutOfOrder]);
}

#[test]
fn a_short_dip_is_no_crossing_and_after_one_it_is_quiet() {
    let hold = Crossing { hold: Duration::from_secs(300), ..Crossing::default() };
    let wait = Judgement::NotYet;
    check(&[(1, 89), (3, 91), (4, 89), (9, 88), (10, 87)], hold, &[wait, OVER, wait, FIRED, SAME]);
    let quiet = Crossing { quiet: Duration::from_secs(600), ..Crossing::default() };
    let still = Judgement::Quiet;
    check(&[(1, 89), (2, 91), (3, 89), (4, 91), (12, 89)], quiet, &[FIRED, OVER, still, OVER, FIRED]);
}

#[test]
fn a_run_longer_than_the_memory_is_told_once() {
    let mut series = Series::default();
    let told = (1..300).filter(|minute| series.cross(point(*minute, 80), Crossing::default()) == FIRED);
    assert_eq!(told.count(), 1);
    assert_eq!(series.points.len(), limits::REMEMBERED);
}

#[test]
fn a_correction_takes_the_place_of_what_it_corrects() {
    let mut series = Series::default();
    assert_eq!(series.cross(point(1, 89), Crossing::default()), FIRED);
    let cleared = Point { object: point(1, 89).object, ..point(1, 95) };
    assert_eq!(series.cross(cleared, Crossing::default()), OVER);
    assert_eq!(series.cross(point(2, 89), Crossing::default()), FIRED, "the one before never was");
}

#[test]
fn p7_a_value_that_never_was_re_arms_nobody_and_nothing_is_measured_from_it() {
    let mut series = Series::default();
    let quiet = Crossing { quiet: Duration::from_secs(3_600), ..Crossing::default() };
    assert_eq!([(1, 89), (2, 88)].map(|(at, value)| series.cross(point(at, value), quiet)), [FIRED, SAME]);
    assert!(series.forget(point(2, 88).object));
    assert_eq!(series.cross(point(3, 87), quiet), SAME, "what was told still stands");
    assert!(series.forget(point(1, 89).object) && !series.forget(point(1, 89).object));
    assert_eq!(series.cross(point(4, 86), quiet), FIRED, "nobody was told of what stands");
}

#[test]
fn a_change_that_a_correction_undid_is_no_ground_to_measure_from() {
    let mut series = Series::default();
    let risen = |now: &Value, then: &Value| {
        Ok::<_, ()>(now.as_i64().unwrap_or_default() - then.as_i64().unwrap_or_default() >= 30)
    };
    let mut take = |point| series.change(point, Duration::from_secs(3_600), risen).unwrap();
    assert_eq!([take(point(1, 100)), take(point(2, 150))], [OVER, FIRED]);
    let corrected = Point { object: point(2, 150).object, ..point(2, 110) };
    assert_eq!([take(corrected), take(point(3, 135))], [OVER, FIRED]);
}

#[test]
fn enough_of_the_last_values_fire_once() {
    let mut series = Series::default();
    let rule = Often { times: 3, of: 5, within: None };
    let values = [(1, 89), (2, 95), (3, 88), (4, 87), (5, 86), (6, 95), (7, 95), (8, 95), (9, 85)];
    let found: Vec<_> = values.map(|(minute, value)| series.count(point(minute, value), rule)).into();
    let wait = Judgement::NotYet;
    assert_eq!(found, [wait, OVER, wait, FIRED, SAME, OVER, OVER, OVER, wait]);
    let rule = Often { within: Some(Duration::from_secs(120)), times: 2, of: 3 };
    let mut series = Series::default();
    assert_eq!([(1, 89), (9, 88)].map(|(at, value)| series.count(point(at, value), rule)), [wait, wait]);
}

#[test]
fn a_change_is_measured_from_what_was_told_last() {
    let mut series = Series::default();
    let risen = |now: &Value, then: &Value| {
        Ok::<_, ()>(now.as_i64().unwrap_or_default() - then.as_i64().unwrap_or_default() >= 30)
    };
    let hour = Duration::from_secs(3_600);
    let mut take = |minute, value| series.change(point(minute, value), hour, risen).unwrap();
    let found = [(1, 100), (2, 120), (3, 131), (4, 140), (5, 161), (99, 300)].map(|(at, v)| take(at, v));
    assert_eq!(found, [OVER, OVER, FIRED, OVER, FIRED, OVER]);
}

/// A value of a minute that is corrected.
fn corrected(minute: i64, was: i64, now: i64) -> Point {
    Point { object: point(minute, was).object, ..point(minute, now) }
}

#[test]
fn n5_where_the_value_that_was_told_is_taken_back_the_newest_that_stands_is_told() {
    let told = |taken_back: &dyn Fn(&mut Series)| {
        let mut series = Series::default();
        for (minute, value) in [(1, 89), (2, 88), (3, 87)] {
            series.cross(point(minute, value), Crossing::default());
        }
        taken_back(&mut series);
        (series.stand_in(Crossing::default()), series)
    };
    let newest = Some(point(3, 87).object);
    let (instead, mut series) = told(&|series| assert!(series.forget(point(1, 89).object)));
    assert_eq!(instead, newest, "it never was");
    assert_eq!(series.cross(point(4, 86), Crossing::default()), SAME, "the run is told");
    let (instead, _) =
        told(&|series| assert_eq!(series.cross(corrected(1, 89, 95), Crossing::default()), OVER));
    assert_eq!(instead, newest, "it no longer holds");
    let (instead, _) = told(&|series| assert!(series.forget(point(2, 88).object)));
    assert_eq!(instead, None, "another of the run was taken back");
    let (instead, _) = told(&|series| {
        series.cross(point(4, 95), Crossing::default());
        series.forget(point(1, 89).object);
    });
    assert_eq!(instead, newest, "a crossing that is over was one all the same");
}

#[test]
fn n5_a_value_stands_in_only_where_it_has_held_for_long_enough_and_whoever_was_told_last_is_not_asked() {
    let hold = Crossing { hold: Duration::from_secs(300), ..Crossing::default() };
    let mut series = Series::default();
    for (minute, value) in [(1, 89), (6, 88), (7, 87)] {
        series.cross(point(minute, value), hold);
    }
    series.forget(point(6, 88).object);
    assert_eq!(series.stand_in(hold), Some(point(7, 87).object));
    series.forget(point(7, 87).object);
    assert_eq!(series.stand_in(hold), None, "one value alone has held for no time");
    let quiet = Crossing { quiet: Duration::from_secs(3_600), ..Crossing::default() };
    let mut series = Series::default();
    assert_eq!(series.cross(point(1, 89), quiet), FIRED);
    series.cross(corrected(1, 89, 95), quiet);
    assert_eq!(series.cross(point(2, 88), quiet), FIRED, "nobody knows of anything after which to be quiet");
}

#[test]
fn n5_enough_values_without_the_one_that_was_told_are_told_again() {
    let rule = Often { times: 3, of: 5, within: None };
    let mut series = Series::default();
    for (minute, value) in [(1, 89), (2, 88), (3, 87), (4, 86)] {
        series.count(point(minute, value), rule);
    }
    series.forget(point(3, 87).object);
    assert_eq!(series.stand_in_counted(rule), Some(point(4, 86).object));
    series.forget(point(4, 86).object);
    assert_eq!(series.stand_in_counted(rule), None, "two are not enough");
}

#[test]
fn n5_a_number_that_moved_far_without_the_one_that_was_told_is_told() {
    let risen = |now: &Value, then: &Value| {
        Ok::<_, ()>(now.as_i64().unwrap_or_default() - then.as_i64().unwrap_or_default() >= 30)
    };
    let hour = Duration::from_secs(3_600);
    let series = || {
        let mut series = Series::default();
        for (minute, value) in [(1, 100), (2, 150), (3, 140)] {
            series.change(point(minute, value), hour, risen).unwrap();
        }
        series
    };
    let mut forgotten = series();
    forgotten.forget(point(2, 150).object);
    assert_eq!(forgotten.stand_in_moved(hour, risen), Some(point(3, 140).object));
    let mut cleared = series();
    cleared.change(corrected(2, 150, 105), hour, risen).unwrap();
    assert_eq!(cleared.stand_in_moved(hour, risen), Some(point(3, 140).object));
    let mut lower = series();
    lower.change(corrected(3, 140, 110), hour, risen).unwrap();
    lower.forget(point(2, 150).object);
    assert_eq!(lower.stand_in_moved(hour, risen), None, "10 is not far");
}
