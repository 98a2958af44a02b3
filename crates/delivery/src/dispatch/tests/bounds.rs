//! How much goes at once, and how fast.

use super::*;

#[test]
fn slots_are_kept_for_the_critical_lane_whatever_else_is_under_way() {
    let hooks: Vec<(u8, &str)> = (1..=8).map(|number| (number, r#"{"maxInFlight":256}"#)).collect();
    let mut desk = Desk::with(&hooks);
    for number in (1..=8).cycle().take(limits::IN_FLIGHT + 8) {
        desk.push(number, Lane::Urgent, None);
    }
    let urgent = std::iter::from_fn(|| desk.pick()).count();
    assert_eq!(urgent, limits::IN_FLIGHT - limits::IN_FLIGHT_RESERVED);
    for number in (1..=8).cycle().take(limits::IN_FLIGHT_RESERVED + 8) {
        desk.push(number, Lane::Critical, None);
    }
    let critical: Vec<Claim> = std::iter::from_fn(|| desk.pick()).collect();
    assert_eq!(critical.len(), limits::IN_FLIGHT_RESERVED, "and no more than all slots together");
    assert!(critical.iter().all(|claim| claim.lane == Lane::Critical));
    desk.succeed(&critical[0]);
    assert_eq!(desk.pick().unwrap().lane, Lane::Critical, "a slot that is free again is theirs first");
}

#[test]
fn a_rate_limit_spaces_attempts_and_is_of_one_webhook_only() {
    let mut desk = Desk::with(&[(1, r#"{"rateLimit":{"perSecond":4},"maxInFlight":256}"#), (2, "{}")]);
    for _ in 0..20 {
        desk.push(1, Lane::Urgent, None);
    }
    let mut picked = 0;
    for _ in 0..8 {
        picked += std::iter::from_fn(|| desk.pick()).count();
        desk.pass(Duration::from_millis(250));
    }
    assert_eq!(picked, 8, "four a second for two seconds");
    let other = desk.push(2, Lane::Urgent, None);
    assert_eq!(std::iter::from_fn(|| desk.pick()).filter(|claim| *claim == other).count(), 1);
}
