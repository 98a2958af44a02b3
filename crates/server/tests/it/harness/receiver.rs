//! Where deliveries arrive: a loopback server that remembers, and answers as it is told.

use std::fmt::Debug;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::PrivateKeyDer;
use serde_json::Value;

use super::Patience;
use super::wire::{self, Line, patient};

/// A receiver on a port of its own.
pub(crate) struct Receiver {
    address: SocketAddr,
    /// Its certificate as PEM, if it speaks TLS.
    certificate: Option<String>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    hits: Mutex<Vec<Hit>>,
    changed: Condvar,
    script: Mutex<Option<Script>>,
    is_over: AtomicBool,
    keeps_no_hits: AtomicBool,
}

type Script = Box<dyn FnMut(&Hit) -> Reply + Send>;

/// What a receiver answers.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A status, with headers.
    Status(u16, Vec<(&'static str, String)>),
    /// 200 with a document.
    Says(Value),
    /// 200 with what was sent: a mirror.
    Echo,
    /// Nothing: the connection is closed.
    HangUp,
    /// 200, after so long: a receiver that is slow by itself.
    Late(Duration),
    /// 200, once the gate opens.
    After(Gate),
    /// A status, once the gate opens.
    StatusAfter(u16, Gate),
}

impl Reply {
    /// A bare status.
    pub(crate) fn status(status: u16) -> Reply {
        Reply::Status(status, Vec::new())
    }
}

/// Something that opens once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    pub(crate) fn open(&self) {
        *lock(&self.0.0) = true;
        self.0.1.notify_all();
    }

    fn pass(&self) {
        let shut = |open: &mut bool| !*open;
        let left = Patience::long().left();
        drop(self.0.1.wait_timeout_while(lock(&self.0.0), left, shut));
    }
}

/// A request that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    /// Method, path, version.
    pub(crate) line: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The very bytes.
    pub(crate) body: Vec<u8>,
}

impl Hit {
    /// A header that must be there.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        wire::value(&self.headers, name).unwrap_or_else(|| panic!("no header {name}"))
    }

    /// `webhook-id`.
    #[track_caller]
    pub(crate) fn id(&self) -> &str {
        self.header("webhook-id")
    }

    /// `webhook-timestamp`.
    #[track_caller]
    pub(crate) fn timestamp(&self) -> u64 {
        self.header("webhook-timestamp").parse().unwrap()
    }

    /// The path it was sent to.
    pub(crate) fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The type of the event.
    #[track_caller]
    pub(crate) fn event_type(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    /// Whether one of its signatures is an HMAC under this secret, by the words of Standard Webhooks 1.0.0.
    pub(crate) fn is_signed_by(&self, secret: &str) -> bool {
        let secret =
            BASE64_STANDARD.decode(secret.strip_prefix("whsec_").expect("the prefix of a secret")).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let signed =
            [self.id().as_bytes(), b".", self.header("webhook-timestamp").as_bytes(), b".", &self.body]
                .concat();
        let expected = format!("v1,{}", BASE64_STANDARD.encode(hmac::sign(&key, &signed)));
        self.header("webhook-signature").split(' ').any(|signature| signature == expected)
    }
}

impl Receiver {
    /// A receiver that answers 200.
    pub(crate) fn start() -> Receiver {
        Receiver::open(None)
    }

    /// A receiver that answers 200 over TLS, with a certificate that nobody else signed.
    pub(crate) fn with_tls() -> Receiver {
        let signed = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(signed.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config =
            config.with_no_client_auth().with_single_cert(vec![signed.cert.der().clone()], key).unwrap();
        Receiver::open(Some((signed.cert.pem(), Arc::new(config))))
    }

    fn open(tls: Option<(String, Arc<ServerConfig>)>) -> Receiver {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let heard = shared.clone();
        let (certificate, config) = tls.unzip();
        thread::spawn(move || accept(&listener, (&heard, config.as_ref())));
        Receiver { address, certificate, shared }
    }

    /// Its certificate as PEM.
    #[track_caller]
    pub(crate) fn certificate(&self) -> &str {
        self.certificate.as_deref().expect("it speaks TLS")
    }

    /// The address of a path here.
    pub(crate) fn url(&self, path: &str) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.address)
    }

    /// Answers by a script from now on.
    pub(crate) fn answer(&self, script: impl FnMut(&Hit) -> Reply + Send + 'static) {
        *lock(&self.shared.script) = Some(Box::new(script));
    }

    /// Answers by a script that keeps the record itself: a long run would fill the memory.
    pub(crate) fn forget_and(&self, script: impl FnMut(&Hit) -> Reply + Send + 'static) {
        self.shared.keeps_no_hits.store(true, Ordering::SeqCst);
        self.answer(script);
    }

    /// Forgets what has arrived so far.
    pub(crate) fn forget(&self) {
        lock(&self.shared.hits).clear();
    }

    /// Answers 200 from now on.
    pub(crate) fn recover(&self) {
        *lock(&self.shared.script) = None;
    }

    /// What has arrived so far.
    pub(crate) fn hits(&self) -> Vec<Hit> {
        lock(&self.shared.hits).clone()
    }

    /// Waits until so many requests have arrived, and tells all.
    #[track_caller]
    pub(crate) fn wait_for(&self, count: usize) -> Vec<Hit> {
        self.wait(|hits| if hits.len() >= count { Ok(hits.to_vec()) } else { Err((hits.len(), count)) })
    }

    /// Waits until what has arrived is enough.
    #[track_caller]
    pub(crate) fn wait<T, S: Debug>(&self, mut look: impl FnMut(&[Hit]) -> Result<T, S>) -> T {
        let patience = Patience::long();
        let mut hits = lock(&self.shared.hits);
        loop {
            match look(&hits) {
                Ok(found) => return found,
                Err(state) => assert!(!patience.left().is_zero(), "too little arrived: {state:?}"),
            }
            hits = self
                .shared
                .changed
                .wait_timeout(hits, patience.left())
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream, tls: Option<Arc<ServerConfig>>) {
        let Ok(stream) = patient(stream) else { return };
        match tls {
            None => self.speak(Line::over(stream)),
            Some(config) => {
                let session = ServerConnection::new(config).unwrap();
                self.speak(Line::over(StreamOwned::new(session, stream)));
            }
        }
    }

    fn speak<S: Read + Write>(&self, mut line: Line<S>) {
        while let Ok(Some(text)) = line.read() {
            let hit = Hit { line: text.line, headers: text.headers, body: text.body };
            let sent = hit.body.clone();
            let reply = lock(&self.script).as_mut().map_or(Reply::status(200), |script| script(&hit));
            if !self.keeps_no_hits.load(Ordering::SeqCst) {
                lock(&self.hits).push(hit);
            }
            self.changed.notify_all();
            let answered = match reply {
                Reply::HangUp => return,
                Reply::Status(status, headers) => answer(&mut line, status, &headers),
                Reply::Says(document) => say(&mut line, document.to_string().as_bytes()),
                Reply::Echo => say(&mut line, &sent),
                Reply::Late(length) => {
                    Patience::of(length).use_up();
                    answer(&mut line, 200, &[])
                }
                Reply::After(gate) => {
                    gate.pass();
                    answer(&mut line, 200, &[])
                }
                Reply::StatusAfter(status, gate) => {
                    gate.pass();
                    answer(&mut line, status, &[])
                }
            };
            if answered.is_err() {
                return;
            }
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // Wakes the accept loop, which then sees that it is over.
        Line::dial(self.address).ok();
    }
}

fn accept(listener: &TcpListener, (heard, tls): (&Arc<Shared>, Option<&Arc<ServerConfig>>)) {
    while let Ok((stream, _)) = listener.accept() {
        if heard.is_over.load(Ordering::SeqCst) {
            return;
        }
        let (heard, tls) = (heard.clone(), tls.cloned());
        thread::spawn(move || heard.serve(stream, tls));
    }
}

fn answer<S: Read + Write>(
    line: &mut Line<S>,
    status: u16,
    headers: &[(&str, String)],
) -> std::io::Result<()> {
    let mut text = format!("HTTP/1.1 {status} told\r\ncontent-length: 0\r\n").into_bytes();
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n")?;
    }
    text.extend_from_slice(b"\r\n");
    line.write(&text)
}

fn say<S: Read + Write>(line: &mut Line<S>, body: &[u8]) -> std::io::Result<()> {
    let head = format!("HTTP/1.1 200 told\r\ncontent-length: {}\r\n\r\n", body.len());
    line.write(&[head.as_bytes(), body].concat())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
