//! From a name to addresses, few at once, each answer shared and kept briefly.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use model::limits;
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::Instant;

/// Looks names up: the machine's resolver, or a table of a test or a simulation.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// All addresses of a name.
    ///
    /// # Errors
    /// There is none, or nobody knows.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's resolver: `getaddrinfo`, which honours the hosts file and the split DNS of hospitals.
pub struct SystemResolver {
    permits: Arc<Semaphore>,
}

impl Default for SystemResolver {
    fn default() -> Self {
        SystemResolver { permits: Arc::new(Semaphore::new(limits::DNS_AT_ONCE)) }
    }
}

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(io::Error::other)?;
        let name = name.to_owned();
        // An attempt may give up, but the thread stays with the resolver; the
        // permit stays with the thread, or a dead DNS server would take them all.
        let look_up = move || {
            let found = (name.as_str(), 0).to_socket_addrs().map(|found| found.map(|at| at.ip()).collect());
            drop(permit);
            found
        };
        tokio::task::spawn_blocking(look_up).await.map_err(io::Error::other)?
    }
}

/// Answers, shared by all who ask for the same name at the same time.
pub(super) struct Names {
    resolver: Arc<dyn Resolver>,
    known: Mutex<HashMap<String, Known>>,
}

#[derive(Clone)]
struct Known {
    asked: Instant,
    answer: Arc<OnceCell<Answer>>,
}

// A fault is kept too, for a shorter time, so it must be shareable.
type Answer = Result<Arc<[IpAddr]>, io::ErrorKind>;

impl Names {
    pub(super) fn new(resolver: Arc<dyn Resolver>) -> Self {
        Names { resolver, known: Mutex::default() }
    }

    pub(super) async fn resolve(&self, name: &str) -> io::Result<Arc<[IpAddr]>> {
        let known = self.entry(name);
        // Whoever asks first does the work; if that attempt is dropped, the next one waiting takes over.
        let answer = known.answer.get_or_init(|| self.ask(name)).await;
        answer.clone().map_err(io::Error::from)
    }

    async fn ask(&self, name: &str) -> Answer {
        let mut found = self.resolver.resolve(name).await.map_err(|fault| fault.kind())?;
        let mut seen = std::collections::HashSet::new();
        found.retain(|ip| seen.insert(*ip));
        if found.is_empty() {
            return Err(io::ErrorKind::NotFound);
        }
        Ok(found.into())
    }

    fn entry(&self, name: &str) -> Known {
        let now = Instant::now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = known.get(name).filter(|entry| entry.is_fresh(now)) {
            return entry.clone();
        }
        if known.len() >= limits::NAMES {
            known.retain(|_, entry| entry.is_fresh(now));
        }
        if known.len() >= limits::NAMES {
            known.clear();
        }
        let entry = Known { asked: now, answer: Arc::default() };
        known.insert(name.to_owned(), entry.clone());
        entry
    }
}

impl Known {
    fn is_fresh(&self, now: Instant) -> bool {
        let kept = match self.answer.get() {
            Some(Err(_)) => FAULT_KEPT,
            Some(Ok(_)) | None => limits::DNS_CACHE,
        };
        now.duration_since(self.asked) < kept
    }
}

const FAULT_KEPT: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    #[derive(Default)]
    struct Counting(AtomicU8);

    #[async_trait]
    impl Resolver for Counting {
        async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
            let asked = self.0.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            if name == "down.test" {
                return Err(io::ErrorKind::TimedOut.into());
            }
            Ok(vec![Ipv4Addr::new(93, 184, 215, asked).into(); 2])
        }
    }

    fn names() -> (Names, Arc<Counting>) {
        let resolver = Arc::new(Counting::default());
        (Names::new(Arc::clone(&resolver) as _), resolver)
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_ask_together_share_an_answer_and_later_ones_get_a_new_one() {
        let (names, resolver) = names();
        let (one, two) = tokio::join!(names.resolve("a.test"), names.resolve("a.test"));
        assert_eq!(one.unwrap(), two.unwrap());
        assert_eq!(resolver.0.load(Ordering::SeqCst), 1);
        tokio::time::advance(limits::DNS_CACHE - Duration::from_millis(1)).await;
        assert_eq!(&*names.resolve("a.test").await.unwrap(), [IpAddr::from([93, 184, 215, 0])]);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(&*names.resolve("a.test").await.unwrap(), [IpAddr::from([93, 184, 215, 1])]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_fault_is_forgotten_soon() {
        let (names, resolver) = names();
        assert_eq!(names.resolve("down.test").await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(names.resolve("down.test").await.is_err());
        assert_eq!(resolver.0.load(Ordering::SeqCst), 1);
        tokio::time::advance(FAULT_KEPT).await;
        assert!(names.resolve("down.test").await.is_err());
        assert_eq!(resolver.0.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn the_cache_does_not_grow_without_bound() {
        let (names, _) = names();
        for n in 0..limits::NAMES + 10 {
            names.resolve(&format!("n{n}.test")).await.unwrap();
        }
        assert!(names.known.lock().unwrap().len() <= limits::NAMES);
    }
}
