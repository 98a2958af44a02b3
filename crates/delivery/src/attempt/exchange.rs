//! Request out, answer in: what HTTP/1 and HTTP/2 have in common.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body as _, Frame};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use model::limits;

use super::fault::Fault;
use super::progress::Progress;

/// The body of a request: one buffer that all deliveries of an event share.
pub(super) type Body = http_body_util::Full<Bytes>;

/// Moves a connection on while its exchange waits.
pub(super) trait Drive {
    /// Does what can be done now.
    fn drive(&mut self, context: &mut Context<'_>);
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// It was read to its end.
    Whole,
    /// We stopped reading.
    Cut,
}

/// An exchange that did not come to its end.
pub(super) enum Broken {
    /// The connection ended before anything of an answer came.
    Unanswered(Fault),
    /// Anything else.
    Answered(Fault),
}

impl Broken {
    pub(super) fn into_fault(self) -> Fault {
        match self {
            Broken::Unanswered(fault) | Broken::Answered(fault) => fault,
        }
    }

    pub(super) fn unsignable() -> Broken {
        Broken::Answered(Fault::internal("no signing key of the webhook is active"))
    }
}

/// Waits for the answer to a request and reads as much of it as is allowed.
pub(super) async fn converse(
    drive: &mut impl Drive,
    answer: impl Future<Output = Result<Response<Incoming>, TrySendError<Request<Body>>>>,
    progress: &mut Progress,
) -> Result<Ending, hyper::Error> {
    let response = alongside(drive, answer).await.map_err(TrySendError::into_error)?;
    let (head, mut body) = response.into_parts();
    progress.hear(head);
    let mut read = 0;
    while let Some(frame) = alongside(drive, poll_fn(|context| next(&mut body, context))).await {
        let Ok(data) = frame?.into_data() else { continue };
        read += data.len();
        progress.keep(&data);
        if read > limits::RESPONSE_BYTES {
            return Ok(Ending::Cut);
        }
    }
    Ok(Ending::Whole)
}

fn next(body: &mut Incoming, context: &mut Context<'_>) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
    Pin::new(body).poll_frame(context)
}

/// Polls `work` and the connection it depends on in the same task: no task
/// switch, no channel wake-up between them.
async fn alongside<T>(drive: &mut impl Drive, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    poll_fn(|context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(done);
        }
        drive.drive(context);
        // What the connection has just done may be what `work` waits for; its
        // wake-up would come, but only after a turn of the scheduler.
        work.as_mut().poll(context)
    })
    .await
}
