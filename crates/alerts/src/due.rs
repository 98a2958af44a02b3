//! Who is to be told now: at most one letter a person in five minutes (N3).

use std::collections::{BTreeMap, HashMap};

use model::{AlertId, OrganisationId, Timestamp, limits};
use store::{Alert, Notice, NoticeState, Recipient};

/// A person, and the alerts that one letter tells of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Due {
    pub(crate) organisation: OrganisationId,
    pub(crate) to: Recipient,
    pub(crate) alerts: Vec<AlertId>,
}

/// The letters to send now: each person's with everything owed to them.
///
/// A person who was told within [`limits::NOTICE_GAP`] waits for the rest of
/// it; what comes meanwhile goes into the same letter.
pub(crate) fn letters(live: &[Alert], told: &HashMap<Recipient, Timestamp>, now: Timestamp) -> Vec<Due> {
    let mut people: BTreeMap<Recipient, (Due, bool)> = BTreeMap::new();
    for alert in live.iter().filter(|alert| alert.acknowledged.is_none()) {
        for notice in owed(alert).filter(|notice| matches!(notice.to, Recipient::Email(_))) {
            let due = Due { organisation: alert.organisation, to: notice.to, alerts: Vec::new() };
            let (due, is_time) = people.entry(notice.to).or_insert((due, false));
            due.alerts.push(alert.id);
            *is_time |= notice.at <= now;
        }
    }
    let may = |to: &Recipient| told.get(to).is_none_or(|last| now.since(*last) >= limits::NOTICE_GAP);
    let due = people.into_values().filter(|(due, is_time)| *is_time && may(&due.to));
    due.map(|(due, _)| due).collect()
}

/// The notices of an alert that are still owed.
pub(crate) fn owed(alert: &Alert) -> impl Iterator<Item = &Notice> {
    alert.notices.iter().filter(|notice| notice.state == NoticeState::Owed)
}

/// When a notice that failed so often is tried again.
pub(crate) fn again(attempts: u16, now: Timestamp) -> Timestamp {
    let doublings = u32::from(attempts.saturating_sub(1)).min(8);
    now + (FIRST * 2_u32.pow(doublings)).min(LONGEST)
}

const FIRST: std::time::Duration = std::time::Duration::from_secs(5);
const LONGEST: std::time::Duration = std::time::Duration::from_secs(900);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::{AlertRuleId, AlertTarget, Id, Severity, WebhookId};

    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(0) + Duration::from_secs(seconds)
    }

    fn alert(id: u128, to: &[u8], since: u64) -> Alert {
        let notice = |person: &u8| Notice {
            to: Recipient::Email([*person; 16]),
            state: NoticeState::Owed,
            attempts: 0,
            at: at(since),
            error: None,
        };
        Alert {
            id: AlertId::from_raw(id),
            organisation: OrganisationId::from_raw(1),
            rule: AlertRuleId::from_raw(1),
            target: AlertTarget::Webhook(WebhookId::from_raw(id)),
            severity: Severity::Warning,
            value: 1.0,
            threshold: 0.0,
            since: at(since),
            resolved: None,
            acknowledged: None,
            notices: to.iter().map(notice).collect(),
        }
    }

    #[test]
    fn n3_a_person_gets_at_most_one_letter_in_five_minutes_with_everything_in_it() {
        let mut live = vec![alert(1, &[7, 8], 0), alert(2, &[7], 0)];
        let due = letters(&live, &HashMap::new(), at(0));
        assert_eq!(due.iter().map(|due| due.alerts.len()).collect::<Vec<_>>(), [2, 1]);
        let told = HashMap::from([(Recipient::Email([7; 16]), at(0))]);
        live.push(alert(3, &[7], 10));
        let early: Vec<_> = letters(&live, &told, at(299)).into_iter().map(|due| due.to).collect();
        assert_eq!(early, [Recipient::Email([8; 16])], "7 was told a moment ago");
        assert_eq!(letters(&live, &told, at(300))[0].alerts.len(), 3);
    }

    #[test]
    fn who_took_notice_ends_the_telling() {
        let mut one = alert(1, &[7], 0);
        one.acknowledged = Some((at(1), model::KeyId::from_raw(1)));
        assert_eq!(letters(&[one], &HashMap::new(), at(2)), []);
    }

    #[test]
    fn a_letter_that_failed_waits_for_its_time_and_longer_each_time() {
        let mut one = alert(1, &[7], 0);
        one.notices[0].at = again(1, at(0));
        assert_eq!(letters(&[one.clone()], &HashMap::new(), at(4)), []);
        assert_eq!(letters(&[one], &HashMap::new(), at(5)).len(), 1);
        assert_eq!(again(3, at(0)), at(20));
        assert_eq!(again(20, at(0)), at(900));
    }
}
