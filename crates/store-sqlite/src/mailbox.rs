//! Commands on their way to the writer: a channel bounded in bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use model::limits;
use store::{Error, Result};
use tokio::sync::oneshot;

use crate::fault;
use crate::write::group::Group;

/// What a command takes to hold and to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weight {
    /// Memory while it waits.
    pub(crate) bytes: usize,
    /// Rows it touches, about.
    pub(crate) rows: usize,
    /// Whether it brings something new in, which has to wait while the disk is full.
    pub(crate) intake: bool,
}

impl Weight {
    /// Of a command that brings nothing in.
    pub(crate) fn rows(rows: usize) -> Self {
        Weight { bytes: 256 + rows * 64, rows: rows.max(1), intake: false }
    }
}

/// A command, whatever it answers.
pub(crate) trait Command: Send {
    /// Does it within a group; may be asked to do it again after a rollback.
    fn apply(&mut self, group: &mut Group<'_>) -> fault::Result<()>;

    /// Tells whoever asked.
    fn answer(self: Box<Self>, outcome: Result<()>);
}

/// A command and its weight.
pub(crate) struct Letter {
    pub(crate) weight: Weight,
    pub(crate) command: Box<dyn Command>,
}

/// The sending end.
pub(crate) struct Mailbox {
    letters: mpsc::Sender<Letter>,
    waiting: Arc<AtomicUsize>,
}

/// The writer's end.
pub(crate) struct Inbox {
    letters: mpsc::Receiver<Letter>,
    waiting: Arc<AtomicUsize>,
}

/// Both ends.
pub(crate) fn mailbox() -> (Mailbox, Inbox) {
    let (sender, receiver) = mpsc::channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    (Mailbox { letters: sender, waiting: waiting.clone() }, Inbox { letters: receiver, waiting })
}

impl Mailbox {
    /// Has the writer do `work` and waits for its commit.
    ///
    /// # Errors
    /// Too much is waiting, or the writer's own error.
    pub(crate) async fn call<T, F>(&self, weight: Weight, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Group<'_>) -> fault::Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.post(weight, Box::new(Asked { work, made: None, reply }))?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Has the writer do `work`, without waiting.
    pub(crate) fn tell<F>(&self, work: F)
    where
        F: FnMut(&mut Group<'_>) -> fault::Result<()> + Send + 'static,
    {
        let (reply, _) = oneshot::channel();
        let letter = Letter { weight: Weight::rows(0), command: Box::new(Asked { work, made: None, reply }) };
        self.waiting.fetch_add(letter.weight.bytes, Ordering::Relaxed);
        // A closed channel means a stopped writer, which every later call reports.
        drop(self.letters.send(letter));
    }

    /// Bytes of commands waiting.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    fn post(&self, weight: Weight, command: Box<dyn Command>) -> Result<()> {
        // What relieves us gets through when what burdens us no longer does.
        let most = if weight.intake { limits::INTAKE_BYTES } else { 2 * limits::INTAKE_BYTES };
        let before = self.waiting.fetch_add(weight.bytes, Ordering::Relaxed);
        // One that is larger than the channel passes when it is empty.
        if before > 0 && before + weight.bytes > most {
            self.waiting.fetch_sub(weight.bytes, Ordering::Relaxed);
            return Err(Error::Overloaded);
        }
        self.letters.send(Letter { weight, command }).map_err(|_| stopped())
    }
}

impl Inbox {
    /// Everything that waits, up to the rows of a group. None if nothing came within `patience`.
    ///
    /// # Errors
    /// Nobody is left who could send.
    pub(crate) fn take(&self, patience: Duration) -> Result<Option<Vec<Letter>>, RecvTimeoutError> {
        let first = match self.letters.recv_timeout(patience) {
            Ok(letter) => letter,
            Err(RecvTimeoutError::Timeout) => return Ok(None),
            Err(gone) => return Err(gone),
        };
        let mut rows = 0;
        let mut group = Vec::with_capacity(64);
        let mut next = Some(first);
        while let Some(letter) = next {
            self.waiting.fetch_sub(letter.weight.bytes, Ordering::Relaxed);
            rows += letter.weight.rows;
            group.push(letter);
            next = if rows < limits::GROUP_ROWS { self.letters.try_recv().ok() } else { None };
        }
        Ok(Some(group))
    }
}

fn stopped() -> Error {
    Error::Stopped("the writer has ended".into())
}

struct Asked<T, F> {
    work: F,
    made: Option<T>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, F> Command for Asked<T, F>
where
    T: Send,
    F: FnMut(&mut Group<'_>) -> fault::Result<T> + Send,
{
    fn apply(&mut self, group: &mut Group<'_>) -> fault::Result<()> {
        self.made = Some((self.work)(group)?);
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<()>) {
        let Asked { made, reply, .. } = *self;
        // Whoever asked may have gone; what was done stays done.
        drop(reply.send(outcome.and_then(|()| made.ok_or_else(stopped))));
    }
}
