//! Peers that could not sign in: after some failures they wait.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use model::{Timestamp, limits};

/// Whether a failed sign-in is told in the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// It is.
    Told,
    /// So many failed lately that more rows would only fill the disk.
    Untold,
}

#[derive(Debug, Default)]
pub(super) struct Failures {
    of_peer: HashMap<IpAddr, Count>,
    all: Option<Count>,
}

/// Failures since the first of them; forgotten together.
#[derive(Debug, Clone, Copy)]
struct Count {
    since: Timestamp,
    failures: usize,
}

impl Failures {
    pub(super) fn must_wait(&self, peer: IpAddr, now: Timestamp) -> Option<Duration> {
        let count = self.of_peer.get(&network(peer)).filter(|count| count.is_recent(now))?;
        let end = count.since + limits::SIGN_IN_WINDOW;
        (count.failures >= limits::SIGN_IN_FAILURES).then(|| end.since(now))
    }

    pub(super) fn count(&mut self, peer: IpAddr, now: Timestamp) -> Failed {
        if self.of_peer.len() >= limits::SIGN_IN_PEERS {
            self.make_room(now);
        }
        let fresh = Count { since: now, failures: 0 };
        let count = self.of_peer.entry(network(peer)).or_insert(fresh);
        *count = count.more(now);
        let all = self.all.unwrap_or(fresh).more(now);
        self.all = Some(all);
        if all.failures <= limits::SIGN_IN_FAILURES_TOLD { Failed::Told } else { Failed::Untold }
    }

    pub(super) fn forget(&mut self, peer: IpAddr) {
        self.of_peer.remove(&network(peer));
    }

    fn make_room(&mut self, now: Timestamp) {
        self.of_peer.retain(|_, count| count.is_recent(now));
        if self.of_peer.len() >= limits::SIGN_IN_PEERS {
            let oldest = self.of_peer.iter().min_by_key(|(_, count)| count.since).map(|(peer, _)| *peer);
            oldest.and_then(|peer| self.of_peer.remove(&peer));
        }
    }
}

impl Count {
    fn is_recent(&self, now: Timestamp) -> bool {
        now < self.since + limits::SIGN_IN_WINDOW && self.since <= now
    }

    fn more(self, now: Timestamp) -> Count {
        if self.is_recent(now) {
            return Count { failures: self.failures + 1, ..self };
        }
        Count { since: now, failures: 1 }
    }
}

/// Who owns one address of IPv6 owns 2^64 of them.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(0);

    fn peer(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_peer_waits_after_some_failures_and_its_neighbours_do_not() {
        let mut failures = Failures::default();
        for _ in 1..limits::SIGN_IN_FAILURES {
            assert_eq!(failures.count(peer("192.0.2.1"), START), Failed::Told);
        }
        assert_eq!(failures.must_wait(peer("192.0.2.1"), START), None);
        failures.count(peer("::ffff:192.0.2.1"), START);
        let later = START + Duration::from_secs(60);
        let rest = limits::SIGN_IN_WINDOW - Duration::from_secs(60);
        assert_eq!(failures.must_wait(peer("192.0.2.1"), later), Some(rest));
        assert_eq!(failures.must_wait(peer("192.0.2.2"), later), None);
        assert_eq!(failures.must_wait(peer("192.0.2.1"), START + limits::SIGN_IN_WINDOW), None);
        failures.forget(peer("192.0.2.1"));
        assert_eq!(failures.must_wait(peer("192.0.2.1"), later), None);
    }

    #[test]
    fn a_network_of_ipv6_is_one_peer() {
        let mut failures = Failures::default();
        for host in 0..limits::SIGN_IN_FAILURES {
            failures.count(peer(&format!("2001:db8:1:1::{host:x}")), START);
        }
        assert!(failures.must_wait(peer("2001:db8:1:1:ffff::1"), START).is_some());
        assert!(failures.must_wait(peer("2001:db8:1:2::1"), START).is_none());
    }

    #[test]
    fn what_is_remembered_and_told_is_bounded() {
        let mut failures = Failures::default();
        let mut told = 0;
        for number in 0..(limits::SIGN_IN_PEERS + 50) {
            let address = IpAddr::from(u32::try_from(number).unwrap().to_be_bytes());
            told += usize::from(failures.count(address, START) == Failed::Told);
        }
        assert_eq!(failures.of_peer.len(), limits::SIGN_IN_PEERS);
        assert_eq!(told, limits::SIGN_IN_FAILURES_TOLD);
    }
}
