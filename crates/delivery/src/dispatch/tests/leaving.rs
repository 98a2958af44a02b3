//! Deliveries that leave memory out of turn.

use store::Recall;

use super::*;

#[test]
fn what_a_paused_webhook_is_owed_too_long_is_given_up() {
    let mut desk = Desk::with(&[(
        1,
        r#"{"state":{"kind":"paused","since":"2026-01-01T00:00:00Z","reason":"operator"}}"#,
    )]);
    let claim = desk.push(1, Lane::Urgent, None);
    desk.pass(Duration::from_secs(71 * 3_600));
    assert!(desk.dispatch.take_overdue(desk.now).is_empty());
    desk.pass(Duration::from_secs(2 * 3_600));
    assert_eq!(desk.dispatch.take_overdue(desk.now), [claim]);
    assert_eq!(desk.dispatch.load(), (0, 0));
}

#[test]
fn what_a_person_ended_is_not_sent_and_the_next_of_its_key_goes_on() {
    let mut desk = Desk::with(&[(1, r#"{"ordering":"subject"}"#)]);
    let head = desk.push(1, Lane::Urgent, Some(1));
    let second = desk.push(1, Lane::Urgent, Some(1));
    let third = desk.push(1, Lane::Urgent, Some(1));
    assert!(desk.dispatch.waits_its_turn(id(1), third.delivery));
    desk.dispatch.withdraw(&[head.delivery, second.delivery]);
    assert_eq!(desk.pick(), Some(third.clone()));
    assert_eq!(desk.fail(&third, Duration::from_secs(5)), Kept::InMemory);
    desk.dispatch.withdraw(&[third.delivery]);
    desk.pass(Duration::from_secs(10));
    assert_eq!(desk.pick(), None);
    assert_eq!(desk.dispatch.load(), (0, 0));
}

#[test]
fn n5_what_must_be_raised_is_given_up_unless_it_is_under_way_or_not_yet_settled() {
    let mut desk = Desk::with(&[(1, "{}")]);
    let recall = |claim: &Claim| Recall { delivery: claim.delivery, webhook: id(1), attempts: 0 };
    let under_way = desk.push(1, Lane::Routine, None);
    assert_eq!(desk.pick(), Some(under_way.clone()));
    let head = desk.push(1, Lane::Routine, Some(1));
    let behind = desk.push(1, Lane::Routine, Some(1));
    let last = desk.push(1, Lane::Routine, Some(1));
    let wanted = [recall(&under_way), recall(&head), recall(&behind)];
    assert_eq!(desk.dispatch.recall(&wanted), [behind, head]);
    assert_eq!(desk.pick(), Some(last), "the line goes on without them");
    desk.fail(&under_way, Duration::from_secs(5));
    assert!(desk.dispatch.recall(&wanted).is_empty(), "its failure is not durable yet");
    let durable = Recall { attempts: 1, ..recall(&under_way) };
    assert_eq!(desk.dispatch.recall(&[durable]).len(), 1);
    assert_eq!(desk.dispatch.load(), (1, 1));
}

#[test]
fn a_retry_that_a_person_wants_goes_now_and_no_gate_is_passed_by() {
    let mut desk = Desk::with(&[(1, r#"{"maxInFlight":1}"#)]);
    let first = desk.push(1, Lane::Routine, Some(1));
    let behind = desk.push(1, Lane::Routine, Some(1));
    desk.pick().unwrap();
    assert_eq!(desk.fail(&first, Duration::from_secs(30)), Kept::InMemory);
    let other = desk.push(1, Lane::Routine, None);
    assert_eq!(desk.pick().as_ref(), Some(&other));
    desk.dispatch.hasten(&[first.delivery, behind.delivery, other.delivery], desk.now);
    assert_eq!(desk.pick(), None, "the cap holds");
    desk.succeed(&other);
    let again = desk.pick().unwrap();
    assert_eq!((again.delivery, again.attempts), (first.delivery, 1));
    desk.succeed(&again);
    assert_eq!(desk.pick(), Some(behind), "its order goes on behind it");
    desk.pass(Duration::from_secs(60));
    assert_eq!((desk.pick(), desk.dispatch.load()), (None, (1, 1)), "nothing is sent twice");
}

#[test]
fn what_somebody_else_ended_is_not_tried_again_by_a_call_that_was_under_way() {
    let mut desk = Desk::with(&[(1, "{}")]);
    let (waiting, calling) = (desk.push(1, Lane::Urgent, None), desk.push(1, Lane::Urgent, None));
    assert_eq!((desk.pick(), desk.pick()), (Some(waiting.clone()), Some(calling.clone())));
    desk.fail(&waiting, Duration::from_secs(5));
    desk.dispatch.withdraw(&[waiting.delivery, calling.delivery]);
    // It is owed again before the old call has ended.
    let old = desk.under_way.remove(&calling.delivery).unwrap();
    assert!(desk.dispatch.push(vec![calling.clone()], desk.now).is_empty());
    assert_eq!(desk.dispatch.finish(&old, Next::RetryAt(desk.now.wall), desk.now), Kept::Nothing);
    assert_eq!(desk.pick(), Some(calling.clone()), "its own call");
    desk.succeed(&calling);
    desk.pass(Duration::from_secs(60));
    assert_eq!(desk.pick(), None, "neither the retry that waited nor one of the old call");
    assert_eq!(desk.dispatch.load(), (0, 0));
}
