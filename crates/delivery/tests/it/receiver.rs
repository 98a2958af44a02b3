//! A receiver that does as it is told, byte by byte.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::stage;

/// One thing a receiver does with a connection.
#[derive(Debug, Clone)]
pub(crate) enum Do {
    /// Reads one whole request.
    Hear,
    /// Writes this.
    Say(Vec<u8>),
    /// Writes this again and again; for ever if there is no number.
    Repeat(Vec<u8>, Option<usize>),
    /// Writes this one byte at a time, 100 ms apart.
    Drip(Vec<u8>),
    /// Is silent until the other end goes away.
    Wait,
    /// Ends with RST.
    Reset,
    /// Ends with FIN, without a word of TLS.
    Vanish,
}

pub(crate) fn say(text: impl AsRef<[u8]>) -> Do {
    Do::Say(text.as_ref().to_vec())
}

pub(crate) fn repeat(text: impl AsRef<[u8]>, times: impl Into<Option<usize>>) -> Do {
    Do::Repeat(text.as_ref().to_vec(), times.into())
}

/// A whole answer with a body.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Do {
    say(format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()))
}

/// This many good exchanges on one connection.
pub(crate) fn exchanges(number: usize) -> Vec<Do> {
    std::iter::repeat_with(|| [Do::Hear, answer("200 OK", "", "")]).take(number).flatten().collect()
}

/// A receiver on loopback: connection *n* follows script *n*, later ones the last.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    pub(crate) connections: Arc<AtomicUsize>,
    pub(crate) requests: Arc<std::sync::Mutex<Vec<String>>>,
}

impl Receiver {
    pub(crate) async fn start(scripts: Vec<Vec<Do>>, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, requests) = (Arc::new(AtomicUsize::new(0)), Arc::default());
        let receiver = Receiver { address, connections, requests };
        let (connections, requests) = (Arc::clone(&receiver.connections), Arc::clone(&receiver.requests));
        drop(observe::tasks::spawn("test-receiver", async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = connections.fetch_add(1, Ordering::SeqCst);
                let script = scripts.get(number).or(scripts.last()).unwrap().clone();
                let (requests, tls) = (Arc::clone(&requests), tls.clone());
                drop(observe::tasks::spawn("test-connection", serve(stream, script, requests, tls)));
            }
        }));
        receiver
    }

    pub(crate) async fn plain(script: Vec<Do>) -> Self {
        Receiver::start(vec![script], None).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(crate) fn contacts(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

type Requests = Arc<std::sync::Mutex<Vec<String>>>;

async fn serve(stream: TcpStream, script: Vec<Do>, requests: Requests, tls: Option<TlsAcceptor>) {
    if script.iter().any(|step| matches!(step, Do::Reset)) {
        // `Reset` only works below TLS: dropping with unread bytes and no linger sends RST.
        stream.set_zero_linger().unwrap();
    }
    match tls {
        None => follow(stream, &script, &requests).await,
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                follow(stream, &script, &requests).await;
            }
        }
    }
}

/// Follows a script on one connection, and closes it at the end.
pub(crate) async fn follow<S: AsyncRead + AsyncWrite + Unpin + Send>(
    mut stream: S,
    script: &[Do],
    requests: &Requests,
) {
    for step in script {
        let went_on = match step {
            Do::Hear => match hear(&mut stream).await {
                Some(request) => {
                    requests.lock().unwrap().push(request);
                    true
                }
                None => false,
            },
            Do::Say(bytes) => write(&mut stream, bytes).await,
            Do::Repeat(bytes, times) => pour(&mut stream, bytes, *times).await,
            Do::Drip(bytes) => drip(&mut stream, bytes).await,
            Do::Wait => {
                let mut rest = [0; 1_024];
                while matches!(stream.read(&mut rest).await, Ok(1..)) {}
                true
            }
            Do::Reset | Do::Vanish => return,
        };
        if !went_on {
            return;
        }
    }
    drop(stream.shutdown().await);
}

async fn write<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> bool {
    stream.write_all(bytes).await.is_ok() && stream.flush().await.is_ok()
}

async fn pour<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8], times: Option<usize>) -> bool {
    // Small pieces would cost the test more time than the behaviour is worth.
    let at_once = (16_384 / bytes.len().max(1)).clamp(1, times.unwrap_or(usize::MAX));
    let rounds = times.map_or(usize::MAX, |times| times / at_once);
    let chunk = bytes.repeat(at_once);
    for _ in 0..rounds {
        if !write(stream, &chunk).await {
            return false;
        }
    }
    true
}

async fn drip<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> bool {
    for byte in bytes {
        if !write(stream, &[*byte]).await {
            return false;
        }
        pause().await;
    }
    true
}

/// How a slow receiver spends its time; nothing waits for it.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}

/// Reads one request; none if the connection ends before.
pub(crate) async fn hear<S: AsyncRead + Unpin>(stream: &mut S) -> Option<String> {
    let (mut request, mut chunk) = (Vec::new(), [0; 4_096]);
    loop {
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        request.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((_, body)) = text.split_once("\r\n\r\n")
            && body.len() == stage::BODY.len()
        {
            return Some(text);
        }
    }
}

/// A row of a table of behaviours: what it is called, what the receiver does, how the attempt ends.
pub(crate) type Row = (&'static str, Vec<Do>, &'static str);

/// Runs all rows at once against the real network, each with a deadline of one second.
pub(crate) async fn check(rows: Vec<Row>) {
    let all: Vec<BoxFuture<'_, Option<String>>> =
        rows.into_iter().map(|row| Box::pin(run(row)) as _).collect();
    let wrong: Vec<String> = futures_util::future::join_all(all).await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn run((name, script, expected): Row) -> Option<String> {
    let receiver = Receiver::plain(script).await;
    let (caller, network) = stage::on_loopback();
    let prepared = caller.prepare(&stage::webhook(&receiver.url())).unwrap();
    let began = tokio::time::Instant::now();
    let report = stage::call(&caller, &prepared, DEADLINE).await;
    let took = began.elapsed();
    let (verdict, contacts) = (stage::verdict(&report), network.dials.load(Ordering::SeqCst));
    let heard = network.heard.load(Ordering::SeqCst);
    let is_right = verdict == expected && contacts == 1 && took <= DEADLINE + GRACE && heard <= BYTES;
    (!is_right).then(|| {
        format!("{name}: {verdict}, not {expected}; {contacts} contacts, {heard} bytes, {took:?}, {report:?}")
    })
}

const DEADLINE: Duration = Duration::from_secs(1);
// R10: an attempt ends at most 250 ms after its deadline; the rest is for a busy machine with all rows at once.
const GRACE: Duration = Duration::from_millis(750);
const BYTES: u64 = 300 << 10;
