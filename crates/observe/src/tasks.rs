//! What runs beside something else: named, counted, and never dead unseen.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::task::JoinHandle;

use crate::Stop;

/// Starts a task. Its name is one of few: it labels metrics.
#[expect(clippy::disallowed_methods, reason = "the one place that starts tasks")]
pub fn spawn<F>(name: &'static str, task: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    tokio::spawn(Watched { task, watch: Watch::begin(name, None) })
}

/// Starts a task whose end, by itself or by a panic, ends the server.
#[expect(clippy::disallowed_methods, reason = "the one place that starts tasks")]
pub fn essential<F>(name: &'static str, stop: Stop, task: F) -> JoinHandle<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(Watched { task, watch: Watch::begin(name, Some(stop)) })
}

pin_project! {
    // An `async` block around a task would hold it twice: as what it captured and as what it awaits.
    struct Watched<F> {
        #[pin]
        task: F,
        // Dropped after the task, and while a panic of the task unwinds.
        watch: Watch,
    }
}

impl<F: Future> Future for Watched<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.project().task.poll(context)
    }
}

/// How a kind of task fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Its name.
    pub name: &'static str,
    /// How many run now.
    pub running: i64,
    /// How many panicked since the start.
    pub panicked: u64,
}

/// All kinds of tasks that were ever started, by name.
#[must_use]
pub fn counts() -> Vec<Count> {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    let count = |(name, kind): (&&'static str, &Arc<Kind>)| Count {
        name,
        running: kind.running.load(Ordering::Relaxed),
        panicked: kind.panicked.load(Ordering::Relaxed),
    };
    known.iter().map(count).collect()
}

// One list for the process, so that whoever starts a task needs nothing else.
static KNOWN: RwLock<BTreeMap<&'static str, Arc<Kind>>> = RwLock::new(BTreeMap::new());

#[derive(Default)]
struct Kind {
    running: AtomicI64,
    panicked: AtomicU64,
}

impl Kind {
    fn named(name: &'static str) -> Arc<Kind> {
        let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        known.unwrap_or_else(|| {
            KNOWN.write().unwrap_or_else(PoisonError::into_inner).entry(name).or_default().clone()
        })
    }
}

/// Sees a task end, in whatever way.
struct Watch {
    name: &'static str,
    kind: Arc<Kind>,
    ends: Option<Stop>,
}

impl Watch {
    fn begin(name: &'static str, ends: Option<Stop>) -> Self {
        let kind = Kind::named(name);
        kind.running.fetch_add(1, Ordering::Relaxed);
        Watch { name, kind, ends }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.kind.running.fetch_sub(1, Ordering::Relaxed);
        if std::thread::panicking() {
            self.kind.panicked.fetch_add(1, Ordering::Relaxed);
            tracing::error!(task = self.name, "a task panicked");
        }
        if let Some(stop) = self.ends.take().filter(|stop| !stop.is_stopped()) {
            tracing::error!(task = self.name, "the server stops because an essential task has ended");
            stop.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(name: &str) -> Count {
        counts().into_iter().find(|count| count.name == name).unwrap()
    }

    #[tokio::test]
    async fn a_task_is_counted_while_it_runs_and_when_it_panics() {
        let (go, wait) = tokio::sync::oneshot::channel::<()>();
        let task = spawn("counted", async { wait.await.unwrap() });
        assert_eq!(count("counted"), Count { name: "counted", running: 1, panicked: 0 });
        drop(go);
        assert!(task.await.is_err());
        assert_eq!(count("counted"), Count { name: "counted", running: 0, panicked: 1 });
    }

    #[tokio::test]
    async fn the_end_of_an_essential_task_ends_the_server() {
        let (stop, other) = (Stop::new(), Stop::new());
        let part = stop.part();
        essential("essential", stop.clone(), async {}).await.unwrap();
        part.stopped().await;
        assert!(stop.is_stopped());
        let panicking = essential("essential", other.clone(), async { panic!("a bug") });
        assert!(panicking.await.is_err() && other.is_stopped());
    }
}
