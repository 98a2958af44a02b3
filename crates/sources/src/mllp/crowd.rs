//! Who is connected: so many in all and of each peer; who has been of least use makes room for who comes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use observe::Stop;
use tokio::time::Instant;

/// The connections of all ports.
///
/// A peer needs no credentials to connect, so that connections alone must not shut others out.
pub(super) struct Crowd {
    most: usize,
    most_of_a_peer: usize,
    seats: Mutex<Seats>,
}

#[derive(Default)]
struct Seats {
    last: u64,
    taken: BTreeMap<u64, Seat>,
}

/// One connection.
struct Seat {
    network: IpAddr,
    /// When its last message was answered, or when it came.
    since: Instant,
    /// Whether it ever brought a message.
    is_known: bool,
    /// Whether a message of it is being made durable: nobody is sent away in the middle of that.
    is_busy: bool,
    leave: Stop,
}

impl Crowd {
    /// Room for `most` connections in all, and for `most_of_a_peer` of each peer.
    pub(super) fn new(most: usize, most_of_a_peer: usize) -> Arc<Self> {
        Arc::new(Crowd { most, most_of_a_peer, seats: Mutex::default() })
    }

    /// Lets a peer in; where there is no room, somebody is asked to leave for it.
    ///
    /// Of a peer that has all it may have it is one of its own, else one of the peer that has most:
    /// first who never brought a message, then who has been idle longest. None if all are busy.
    pub(super) fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let network = network(peer);
        let mut seats = self.seats();
        let of_peer = seats.taken.values().filter(|seat| seat.network == network).count();
        if of_peer >= self.most_of_a_peer {
            seats.make_room(|of| of == network)?;
        } else if seats.taken.len() >= self.most {
            seats.make_room(|_| true)?;
        }
        let leave = Stop::new();
        let seat =
            Seat { network, since: Instant::now(), is_known: false, is_busy: false, leave: leave.clone() };
        seats.last += 1;
        let number = seats.last;
        seats.taken.insert(number, seat);
        drop(seats);
        Some(Place { crowd: self.clone(), number, leave })
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seats {
    fn make_room(&mut self, is_meant: impl Fn(IpAddr) -> bool) -> Option<()> {
        let mut counts: HashMap<IpAddr, usize> = HashMap::new();
        self.taken.values().for_each(|seat| *counts.entry(seat.network).or_default() += 1);
        let free = self.taken.iter().filter(|(_, seat)| !seat.is_busy && is_meant(seat.network));
        let least = free.max_by_key(|(number, seat)| {
            (counts.get(&seat.network).copied(), !seat.is_known, Reverse((seat.since, **number)))
        });
        let number = least.map(|(number, _)| *number)?;
        self.taken.remove(&number)?.leave.stop();
        Some(())
    }
}

/// A connection's right to be there. It gives it up with this value.
pub(super) struct Place {
    crowd: Arc<Crowd>,
    number: u64,
    leave: Stop,
}

impl Place {
    /// A message has come whole and is being taken.
    pub(super) fn begin(&self) {
        self.note(|seat| seat.is_busy = true);
    }

    /// It is durable or refused.
    pub(super) fn end(&self) {
        self.note(|seat| {
            (seat.is_busy, seat.is_known, seat.since) = (false, true, Instant::now());
        });
    }

    /// Waits until somebody else needs the room.
    pub(super) async fn is_needed(&self) {
        self.leave.stopped().await;
    }

    fn note(&self, change: impl FnOnce(&mut Seat)) {
        if let Some(seat) = self.crowd.seats().taken.get_mut(&self.number) {
            change(seat);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.crowd.seats().taken.remove(&self.number);
    }
}

/// What counts as one peer: an IPv4 address, or the /64 that one IPv6 host may choose its addresses from.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn peer(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    async fn later() {
        tokio::time::advance(Duration::from_secs(1)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn hostile_17_ten_thousand_idle_connections_of_one_peer_leave_room_for_everybody_else() {
        let crowd = Crowd::new(1_024, 256);
        let mut flood = Vec::new();
        for _ in 0..10_000 {
            flood.push(crowd.admit(peer("192.0.2.1")).unwrap());
        }
        let kept = flood.iter().filter(|place| !place.leave.is_stopped()).count();
        assert_eq!((kept, crowd.seats().taken.len()), (256, 256));
        assert!(flood[9_999 - 255..].iter().all(|place| !place.leave.is_stopped()), "the latest");
        let other = crowd.admit(peer("192.0.2.2")).unwrap();
        crowd.admit(peer("192.0.2.1")).unwrap();
        assert!(!other.leave.is_stopped());
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_places_are_taken_the_peer_that_has_most_makes_room() {
        let crowd = Crowd::new(4, 3);
        let few = crowd.admit(peer("192.0.2.1")).unwrap();
        later().await;
        let many: Vec<Place> = (0..3).map(|_| crowd.admit(peer("192.0.2.2")).unwrap()).collect();
        later().await;
        let _new = crowd.admit(peer("192.0.2.3")).unwrap();
        assert!(!few.leave.is_stopped(), "though it has been idle longest");
        assert_eq!(many.iter().filter(|place| place.leave.is_stopped()).count(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn who_brought_messages_stays_before_who_never_did_and_who_is_busy_stays_whatever_comes() {
        let crowd = Crowd::new(9, 3);
        let [sender, busy, silent] = [0; 3].map(|_| crowd.admit(peer("192.0.2.1")).unwrap());
        sender.end();
        busy.begin();
        later().await;
        let again = crowd.admit(peer("192.0.2.1")).unwrap();
        assert!(silent.leave.is_stopped() && !sender.leave.is_stopped());
        again.begin();
        let last = crowd.admit(peer("192.0.2.1")).unwrap();
        assert!(sender.leave.is_stopped() && !busy.leave.is_stopped());
        last.begin();
        assert!(crowd.admit(peer("192.0.2.1")).is_none(), "nobody is sent away in the middle of a message");
        drop(last);
        assert!(crowd.admit(peer("192.0.2.1")).is_some(), "a place is given up with its connection");
    }

    #[test]
    fn addresses_of_one_host_are_one_peer() {
        assert_eq!(network(peer("2001:db8::1")), network(peer("2001:db8::2:3")));
        assert_ne!(network(peer("2001:db8:0:1::1")), network(peer("2001:db8::1")));
        assert_eq!(network(peer("::ffff:192.0.2.1")), peer("192.0.2.1"));
    }
}
