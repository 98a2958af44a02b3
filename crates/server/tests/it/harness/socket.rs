//! A client that listens at a websocket: it reads all the time, as a browser does.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use serde_json::Value;
use tungstenite::{Error, Message, WebSocket, client};

use super::Patience;
use super::wire::Line;

/// An open websocket.
pub(crate) struct Socket {
    says: Sender<Message>,
    hears: Receiver<Message>,
}

impl Socket {
    /// Opens the websocket of a URL at a server of this machine.
    #[track_caller]
    pub(crate) fn open(address: SocketAddr, url: &str) -> Socket {
        let stream = Line::dial(address).unwrap().stream;
        let (socket, answer) = client(url, stream).unwrap_or_else(|error| panic!("{url}: {error}"));
        assert_eq!(answer.status(), 101);
        socket.get_ref().set_read_timeout(Some(GLANCE)).unwrap();
        let (says, out) = channel();
        let (heard, hears) = channel();
        std::thread::spawn(move || live(socket, &out, &heard));
        Socket { says, hears }
    }

    /// Says a text.
    pub(crate) fn say(&self, text: &str) {
        self.send(Message::text(text));
    }

    /// Sends a message of any kind; one that is gone hears nothing.
    pub(crate) fn send(&self, message: Message) {
        self.says.send(message).ok();
    }

    /// The next text that comes, as JSON.
    #[track_caller]
    pub(crate) fn hear(&self) -> Value {
        let heard = self.next();
        let Message::Text(text) = &heard else { panic!("{heard:?} is no text") };
        serde_json::from_str(text).unwrap()
    }

    /// The code and the reason with which the server ends it; what else comes before is left aside.
    #[track_caller]
    pub(crate) fn end(&self) -> (u16, String) {
        loop {
            if let Message::Close(Some(frame)) = self.next() {
                return (frame.code.into(), frame.reason.to_string());
            }
        }
    }

    /// Waits until it is gone, whatever is said before.
    #[track_caller]
    pub(crate) fn until_gone(&self) {
        loop {
            match self.hears.recv_timeout(Patience::long().left()) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => panic!("the socket stays"),
            }
        }
    }

    #[track_caller]
    fn next(&self) -> Message {
        self.hears.recv_timeout(Patience::long().left()).expect("something is said in time")
    }
}

fn live(mut socket: WebSocket<TcpStream>, out: &Receiver<Message>, heard: &Sender<Message>) {
    loop {
        while let Ok(message) = out.try_recv() {
            if socket.send(message).is_err() {
                return;
            }
        }
        match socket.read() {
            // A pong was queued by reading.
            Ok(Message::Ping(_)) => drop(socket.flush()),
            Ok(message) => {
                if heard.send(message).is_err() {
                    return;
                }
            }
            Err(Error::Io(error)) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return,
        }
    }
}

/// How long it looks for what comes before it looks for what is to be said.
const GLANCE: Duration = Duration::from_millis(10);
