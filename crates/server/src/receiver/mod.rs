//! A receiver on a loopback port, for `demo` and `listen`: it hands over what is
//! signed and in time, says what came before, answers challenges, and refuses everything else.
//!
//! It does what docs/how-to/verify-a-signature.md asks of every receiver.

mod verify; // Whether a call is genuine.
mod seen; // What was taken before.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use model::{Clock, SigningKey, Timestamp, limits};
use observe::{Stop, tasks};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot};

pub use verify::{Refusal, Verifier};

use seen::Seen;

/// A receiver that is open.
pub struct Receiver {
    address: SocketAddr,
    refused: Arc<AtomicU64>,
}

/// A call that was genuine. It is answered when [`Arrival::answer`] says so.
#[derive(Debug)]
pub struct Arrival {
    /// Its `webhook-id`.
    pub id: String,
    /// Whether it was taken before: a retry whose answer was lost, or a replay.
    pub again: bool,
    /// When it came.
    pub at: Timestamp,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    answer: oneshot::Sender<StatusCode>,
}

impl Receiver {
    /// Opens a port of its own on loopback. What is genuine under `key` comes out of the channel.
    ///
    /// # Errors
    /// The key cannot verify, or there is no port.
    pub async fn open(
        key: SigningKey,
        clock: Arc<dyn Clock>,
        stop: Stop,
    ) -> anyhow::Result<(Receiver, mpsc::Receiver<Arrival>)> {
        let verifier = Verifier::new(key)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let refused = Arc::new(AtomicU64::new(0));
        let (arrivals, arriving) = mpsc::channel(WAITING);
        let seen = Mutex::new(Seen::default());
        let desk = Arc::new(Desk { verifier, clock, arrivals, seen, refused: refused.clone() });
        tasks::spawn("receiver", accept(listener, desk, stop));
        Ok((Receiver { address, refused }, arriving))
    }

    /// The address for a webhook.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// How many calls were not genuine.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

impl Arrival {
    /// Answers the call. A 2xx ends the delivery; anything else brings it again.
    pub fn answer(self, status: StatusCode) {
        if self.answer.send(status).is_err() {
            tracing::debug!("the caller lost patience and gave up");
        }
    }
}

async fn accept(listener: TcpListener, desk: Arc<Desk>, stop: Stop) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = room.clone().acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.stopped() => return,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (desk, stop) = (desk.clone(), stop.clone());
        tasks::spawn("receiver connection", async move {
            tokio::select! {
                () = serve(stream, desk) => {}
                () = stop.stopped() => {}
            }
            drop(place);
        });
    }
}

async fn serve(stream: TcpStream, desk: Arc<Desk>) {
    let service = service_fn(move |request| {
        let desk = desk.clone();
        async move {
            let (status, body) = match desk.take(request).await {
                Taken::Told(status) => (status, Bytes::new()),
                Taken::Challenged(answer) => (StatusCode::OK, answer),
            };
            let mut response = Response::new(Full::new(body));
            *response.status_mut() = status;
            Ok::<_, std::convert::Infallible>(response)
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits::HTTP_HEAD);
    if let Err(error) = builder.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a connection to the receiver ended early");
    }
}

/// What a call came to.
enum Taken {
    /// It is answered by a status.
    Told(StatusCode),
    /// It was a challenge, and this answers it.
    Challenged(Bytes),
}

impl From<StatusCode> for Taken {
    fn from(status: StatusCode) -> Self {
        Taken::Told(status)
    }
}

/// What all connections share.
struct Desk {
    verifier: Verifier,
    clock: Arc<dyn Clock>,
    arrivals: mpsc::Sender<Arrival>,
    seen: Mutex<Seen>,
    refused: Arc<AtomicU64>,
}

impl Desk {
    async fn take(&self, request: Request<Incoming>) -> Taken {
        if request.method() != Method::POST {
            return StatusCode::METHOD_NOT_ALLOWED.into();
        }
        let (head, body) = request.into_parts();
        let reading = Limited::new(body, BODY_BYTES).collect();
        let body = match tokio::time::timeout(limits::HTTP_BODY, reading).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into(),
            Err(_) => return StatusCode::REQUEST_TIMEOUT.into(),
        };
        let at = self.clock.now();
        match self.verifier.check(&head.headers, &body, at) {
            Ok(id) => match delivery::challenge::answer_to(&body) {
                Some(answer) => Taken::Challenged(answer),
                None => self.hand_over(id.to_owned(), at, head.headers.clone(), body).await.into(),
            },
            Err(refusal) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(%refusal, "the receiver refused a call");
                StatusCode::UNAUTHORIZED.into()
            }
        }
    }

    async fn hand_over(&self, id: String, at: Timestamp, headers: HeaderMap, body: Bytes) -> StatusCode {
        let again = self.seen().contains(&id);
        let (answer, answered) = oneshot::channel();
        let arrival = Arrival { id: id.clone(), again, at, headers, body, answer };
        if self.arrivals.send(arrival).await.is_err() {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        let status = answered.await.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        if status.is_success() {
            self.seen().remember(id);
        }
        status
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An event of 1 MiB, and what stands around it.
const BODY_BYTES: usize = 2 * limits::EVENT_BYTES;
const CONNECTIONS: usize = 256;
const WAITING: usize = 64;

#[cfg(test)]
mod tests;
