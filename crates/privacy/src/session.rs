//! People who signed in: their sessions, in memory, bounded, and ended by idleness, by age and with their key.
//!
//! `callers` says who makes a call, by key or by cookie; `links` are one-time
//! texts that open a session; `failures` slows down whoever guesses. Nothing of
//! it is written down: a restart signs everybody out.

mod callers; // Who makes a call.
mod failures; // Who guesses.
mod links; // One-time texts.
mod origin; // Whether a page of ours makes a call.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{KeyId, Secret, Timestamp, limits};
use zeroize::Zeroizing;

use crate::crypto::{Random, SystemRandomness};
use failures::Failures;
use links::Links;

pub use callers::{Callers, Use, cookie};
pub use failures::Failed;
pub use origin::is_foreign;

/// The cookie that carries a session. Browsers take it only over TLS or on loopback, for this host alone.
pub const COOKIE: &str = "__Host-carehook";

/// Every open session, and every link that still opens one.
#[derive(Debug, Default)]
pub struct Sessions(Mutex<Kept>);

/// A session as its holder may know it.
#[derive(Debug, Clone)]
pub struct Session {
    /// The key that opened it; the session may do what the key may.
    pub key: KeyId,
    /// What writes have to carry, so that another site cannot make them.
    pub csrf: Secret<String>,
    /// When it ends if it is not used.
    pub expires_at: Timestamp,
}

impl Sessions {
    /// Nobody is signed in.
    #[must_use]
    pub fn new() -> Self {
        Sessions::default()
    }

    /// Opens a session for the holder of a key: the text of its cookie, and the session.
    ///
    /// Where a key or the server has too many, the one that was used least recently ends.
    #[must_use]
    pub fn open(&self, key: KeyId, now: Timestamp) -> (Secret<String>, Session) {
        let entry = Entry { key, csrf: random_text(), opened: now, used: now };
        let (text, session) = (random_text(), entry.shown());
        let mut kept = self.kept();
        kept.make_room(key, now);
        kept.open.insert(print(text.expose()), entry);
        (text, session)
    }

    /// The session of a cookie, if it is open; using it keeps it open.
    #[must_use]
    pub fn find(&self, text: &str, how: Use, now: Timestamp) -> Option<Session> {
        let print = print(text);
        let mut kept = self.kept();
        let entry = kept.open.get_mut(&print)?;
        if entry.is_over(now) {
            kept.open.remove(&print);
            return None;
        }
        if how == Use::ByPerson {
            entry.used = entry.used.max(now);
        }
        Some(entry.shown())
    }

    /// Ends a session.
    pub fn close(&self, text: &str) {
        self.kept().open.remove(&print(text));
    }

    /// A text that opens one session for the holder of a key, once and soon; and when it stops doing so.
    #[must_use]
    pub fn invite(&self, key: KeyId, now: Timestamp) -> (Secret<String>, Timestamp) {
        let text = random_text();
        let expires_at = self.kept().links.add(print(text.expose()), key, now);
        (text, expires_at)
    }

    /// Uses a one-time text up: whose it was.
    #[must_use]
    pub fn redeem(&self, text: &str, now: Timestamp) -> Option<KeyId> {
        self.kept().links.take(&print(text), now)
    }

    /// How long a peer that failed too often has to wait before it may try to sign in again.
    #[must_use]
    pub fn must_wait(&self, peer: IpAddr, now: Timestamp) -> Option<Duration> {
        self.kept().failures.must_wait(peer, now)
    }

    /// Remembers that a peer could not sign in.
    pub fn failed(&self, peer: IpAddr, now: Timestamp) -> Failed {
        self.kept().failures.count(peer, now)
    }

    /// Forgets that a peer could not sign in, since now it could.
    pub fn succeeded(&self, peer: IpAddr) {
        self.kept().failures.forget(peer);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct Kept {
    open: HashMap<Print, Entry>,
    links: Links,
    failures: Failures,
}

impl Kept {
    fn make_room(&mut self, key: KeyId, now: Timestamp) {
        self.open.retain(|_, entry| !entry.is_over(now));
        let of_key = self.open.values().filter(|entry| entry.key == key).count();
        let stale = if of_key >= limits::SESSIONS_PER_KEY {
            self.least_recent(|entry| entry.key == key)
        } else if self.open.len() >= limits::SESSIONS {
            self.least_recent(|_| true)
        } else {
            None
        };
        stale.and_then(|print| self.open.remove(&print));
    }

    fn least_recent(&self, of: impl Fn(&Entry) -> bool) -> Option<Print> {
        let chosen = self.open.iter().filter(|(_, entry)| of(entry));
        chosen.min_by_key(|(_, entry)| entry.used).map(|(print, _)| *print)
    }
}

#[derive(Debug)]
struct Entry {
    key: KeyId,
    csrf: Secret<String>,
    opened: Timestamp,
    used: Timestamp,
}

impl Entry {
    fn ends(&self) -> Timestamp {
        (self.used + limits::SESSION_IDLE).min(self.opened + limits::SESSION_AGE)
    }

    fn is_over(&self, now: Timestamp) -> bool {
        // Where the clock was turned back far, a session would outlive its age.
        now >= self.ends() || now + limits::SESSION_AGE < self.opened
    }

    fn shown(&self) -> Session {
        Session { key: self.key, csrf: self.csrf.clone(), expires_at: self.ends() }
    }
}

/// A hash of what its holder shows: looking it up tells nothing of the text, however long it takes.
type Print = [u8; 32];

fn print(text: &str) -> Print {
    let mut print = [0; 32];
    print.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    print
}

fn random_text() -> Secret<String> {
    let mut bytes = Zeroizing::new([0; 32]);
    SystemRandomness.fill(bytes.as_mut_slice());
    Secret::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()))
}

#[cfg(test)]
mod tests {
    use model::Id;

    use super::*;

    const START: Timestamp = Timestamp::from_millis(0);

    fn key() -> KeyId {
        KeyId::from_raw(1)
    }

    #[test]
    fn a_session_that_is_used_lives_its_age_and_one_that_is_not_its_idle_time() {
        let sessions = Sessions::new();
        let (idle, session) = sessions.open(key(), START);
        assert_eq!(session.expires_at, START + limits::SESSION_IDLE);
        let (used, _) = sessions.open(key(), START);
        let mut now = START;
        while now + limits::SESSION_IDLE / 2 < START + limits::SESSION_AGE {
            now = now + limits::SESSION_IDLE / 2;
            assert!(sessions.find(used.expose(), Use::ByPerson, now).is_some(), "{now}");
        }
        let found = sessions.find(used.expose(), Use::ByPerson, now).map(|session| session.expires_at);
        assert_eq!(found, Some(START + limits::SESSION_AGE));
        assert!(sessions.find(used.expose(), Use::ByPerson, START + limits::SESSION_AGE).is_none());
        assert!(sessions.find(idle.expose(), Use::ByPerson, START + limits::SESSION_IDLE).is_none());
    }

    #[test]
    fn what_a_page_does_by_itself_does_not_keep_a_session_open() {
        let sessions = Sessions::new();
        let (text, _) = sessions.open(key(), START);
        let nearly = Timestamp::from_millis((START + limits::SESSION_IDLE).millis() - 1);
        assert!(sessions.find(text.expose(), Use::ByMachine, nearly).is_some());
        assert!(sessions.find(text.expose(), Use::ByMachine, START + limits::SESSION_IDLE).is_none());
    }

    #[test]
    fn a_closed_session_is_over_and_the_others_are_not() {
        let sessions = Sessions::new();
        let ((one, _), (other, _)) = (sessions.open(key(), START), sessions.open(key(), START));
        sessions.close(one.expose());
        assert!(sessions.find(one.expose(), Use::ByPerson, START).is_none());
        assert!(sessions.find(other.expose(), Use::ByPerson, START).is_some());
    }

    #[test]
    fn sessions_are_bounded_for_a_key_and_together_and_the_least_used_goes() {
        let sessions = Sessions::new();
        let later = START + Duration::from_secs(1);
        let (first, _) = sessions.open(key(), START);
        let (second, _) = sessions.open(key(), START);
        assert!(sessions.find(first.expose(), Use::ByPerson, later).is_some());
        for _ in 2..=limits::SESSIONS_PER_KEY {
            drop(sessions.open(key(), later));
        }
        assert!(sessions.find(second.expose(), Use::ByPerson, later).is_none(), "used least recently");
        assert!(sessions.find(first.expose(), Use::ByPerson, later).is_some());
        for other in 0..limits::SESSIONS {
            drop(sessions.open(KeyId::from_raw(10 + other as u128), later));
        }
        assert_eq!(sessions.kept().open.len(), limits::SESSIONS);
    }

    #[test]
    fn a_link_works_once_and_not_for_long() {
        let sessions = Sessions::new();
        let (text, expires_at) = sessions.invite(key(), START);
        assert_eq!(expires_at, START + limits::SIGN_IN_LINK);
        assert_eq!(sessions.redeem("something else", START), None);
        assert_eq!(sessions.redeem(text.expose(), START), Some(key()));
        assert_eq!(sessions.redeem(text.expose(), START), None);
        let (late, expires_at) = sessions.invite(key(), START);
        assert_eq!(sessions.redeem(late.expose(), expires_at), None);
    }
}
