//! A server that keeps nothing: it forwards each event to all webhooks, then acknowledges it.

mod port; // The same for reports over MLLP, by what each webhook may know.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::needle::Needle;
use crate::wire::{Connection, Message};

/// Stands in for the product; ends when dropped.
pub(super) struct StandIn {
    pub(super) url: String,
    pub(super) fault: Fault,
    books: Arc<Mutex<Books>>,
    _tasks: JoinSet<()>,
}

/// What the stand-in does wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// Acknowledges the event whose id ends so, and forgets it.
    Loses(&'static str),
    /// Delivers the event whose id ends so twice.
    Repeats(&'static str),
    /// Sends no signature.
    Unsigned,
    /// Answers 422 to every event, AR to every report.
    Refuses,
    /// Tells every webhook everything of a report.
    Exposes,
    /// Acknowledges first and forwards behind the sender's back; no fault, but a queue.
    Queues,
}

impl Fault {
    /// How often the event of this name is delivered.
    fn times(self, name: &str) -> usize {
        match self {
            Self::Loses(end) if name.ends_with(end) => 0,
            Self::Repeats(end) if name.ends_with(end) => 2,
            Self::None
            | Self::Loses(_)
            | Self::Repeats(_)
            | Self::Unsigned
            | Self::Refuses
            | Self::Exposes
            | Self::Queues => 1,
        }
    }
}

#[derive(Default)]
struct Books {
    made: usize,
    /// Each webhook or integration that exists, by its path.
    present: BTreeMap<String, Option<Hook>>,
    queued: JoinSet<Option<()>>,
    ports: JoinSet<()>,
}

/// Where a webhook leads, and what it is told.
#[derive(Clone)]
struct Hook {
    address: SocketAddr,
    event_type: String,
    is_told_all: bool,
}

impl StandIn {
    pub(super) async fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let books = Arc::new(Mutex::new(Books::default()));
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, books.clone(), fault));
        Self { url, fault, books, _tasks: tasks }
    }

    /// How much was made, and how much of it is still there.
    pub(super) fn made_and_left(&self) -> (usize, usize) {
        let books = self.books.lock().unwrap();
        (books.made, books.present.len())
    }
}

async fn accept(listener: TcpListener, books: Arc<Mutex<Books>>, fault: Fault) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _peer)) = listener.accept().await {
        connections.spawn(serve(stream, books.clone(), fault));
    }
}

async fn serve(stream: TcpStream, books: Arc<Mutex<Books>>, fault: Fault) {
    let mut connection = Connection::over(stream).unwrap();
    while let Ok(Some(request)) = connection.read().await {
        let answer = answer(&request, &books, fault).await;
        connection.write(answer.as_bytes()).await.unwrap();
    }
}

async fn answer(request: &Message<'_>, books: &Arc<Mutex<Books>>, fault: Fault) -> String {
    let line = request.line();
    let mut words = line.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    assert_eq!(request.header("authorization"), Some(&b"Bearer chk_test"[..]));
    match (method, path) {
        ("GET", "/readyz") => reply("200 OK", ""),
        ("DELETE", path) => {
            books.lock().unwrap().present.remove(path);
            reply("204 No Content", "")
        }
        ("POST", path) if path.starts_with("/admin/") => {
            let settings: Value = serde_json::from_slice(request.body).unwrap();
            let (id, port) = {
                let mut books = books.lock().unwrap();
                (books.make(path, &settings), settings["mllp"]["listen"].as_str())
            };
            if let Some(port) = port {
                port::open(port, &id, (books, fault)).await;
            }
            reply("201 Created", &format!("{{\"id\":\"{id}\"}}"))
        }
        ("POST", _event) if fault == Fault::Refuses => reply("422 Unprocessable Content", "{}"),
        ("POST", path) => {
            let hooks = books.lock().unwrap().hooks(path.split('/').nth(2).unwrap());
            let receivers = hooks.into_iter().map(|hook| hook.address).collect();
            let forwarding = forward(request.body.to_vec(), receivers, fault);
            if fault == Fault::Queues {
                books.lock().unwrap().queued.spawn(forwarding);
            } else {
                forwarding.await.unwrap();
            }
            reply("202 Accepted", "{}")
        }
        _ => reply("404 Not Found", "{}"),
    }
}

impl Books {
    fn make(&mut self, path: &str, settings: &Value) -> String {
        let url = settings["url"].as_str().and_then(|url| url.strip_prefix("http://")?.split('/').next());
        self.made += 1;
        let id = format!("id_{}", self.made);
        let hook = url.map(|address| Hook {
            address: address.parse().unwrap(),
            event_type: settings["eventTypes"][0].as_str().unwrap().to_owned(),
            is_told_all: settings["profile"] == "full",
        });
        self.present.insert(format!("{path}/{id}"), hook);
        id
    }

    fn hooks(&self, integration: &str) -> Vec<Hook> {
        let webhooks = format!("/admin/integration/{integration}/webhooks/");
        let of_it = self.present.iter().filter(|(path, _)| path.starts_with(&webhooks));
        of_it.filter_map(|(_, hook)| hook.clone()).collect()
    }
}

/// None when a receiver closed before it had answered.
async fn forward(body: Vec<u8>, receivers: Vec<SocketAddr>, fault: Fault) -> Option<()> {
    static ID: Needle = Needle::new(b"\"reportRef\":\"");
    // Nonce, hyphen and digits.
    let id = std::str::from_utf8(&ID.after(&body).unwrap()[..20]).unwrap();
    let times = fault.times(id);
    for receiver in receivers.iter().flat_map(|receiver| std::iter::repeat_n(receiver, times)) {
        deliver(*receiver, &body, fault).await?;
    }
    Some(())
}

/// None when the receiver closed before it had answered.
async fn deliver(receiver: SocketAddr, body: &[u8], fault: Fault) -> Option<()> {
    let signature = if fault == Fault::Unsigned { "" } else { SIGNATURE };
    let length = body.len();
    let head = format!("POST / HTTP/1.1\r\n{signature}content-length: {length}\r\n\r\n");
    let mut connection = Connection::dial(receiver).await.ok()?;
    connection.write(&[head.as_bytes(), body].concat()).await.ok()?;
    assert_eq!(connection.read().await.ok()??.status(), 200);
    Some(())
}

fn reply(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

const SIGNATURE: &str = "webhook-id: evt_1\r\nwebhook-timestamp: 1\r\nwebhook-signature: v1,AAAA\r\n";
