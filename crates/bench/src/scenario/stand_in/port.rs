//! A port that takes reports, raises what they say and tells each webhook what it may know.

use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{Books, Fault, Hook, deliver};
use crate::wire::Connection;

type World<'a> = (&'a Arc<Mutex<Books>>, Fault);

pub(super) async fn open(address: &str, integration: &str, (books, fault): World<'_>) {
    let listener = TcpListener::bind(address).await.unwrap();
    let accepting = accept(listener, integration.to_owned(), (books.clone(), fault));
    books.lock().unwrap().ports.spawn(accepting);
}

async fn accept(listener: TcpListener, integration: String, (books, fault): (Arc<Mutex<Books>>, Fault)) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _peer)) = listener.accept().await {
        let hooks = books.lock().unwrap().hooks(&integration);
        connections.spawn(serve(stream, hooks, fault));
    }
}

async fn serve(stream: TcpStream, hooks: Vec<Hook>, fault: Fault) {
    let mut connection = Connection::over(stream).unwrap();
    while let Ok(Some(frame)) = connection.read_frame().await {
        let message = std::str::from_utf8(frame.body).unwrap().to_owned();
        let name = message.split('|').nth(9).unwrap();
        let code = if fault == Fault::Refuses { "AR" } else { "AA" };
        if fault != Fault::Refuses {
            tell(&message, name, (&hooks, fault)).await;
        }
        let answer = format!("\x0bMSH|^~\\&|HUB\rMSA|{code}|{name}\r\x1c\r");
        connection.write(answer.as_bytes()).await.unwrap();
    }
}

async fn tell(message: &str, name: &str, (hooks, fault): (&[Hook], Fault)) {
    for hook in hooks.iter().filter(|hook| raises(message, &hook.event_type)) {
        let event = format!("{{\"id\":\"evt_{name}_{}\"", hook.event_type);
        let body = if hook.is_told_all || fault == Fault::Exposes {
            format!("{event},\"data\":{{\"reportRef\":\"{name}\"}}}}")
        } else {
            format!("{event}}}")
        };
        for _ in 0..fault.times(name) {
            deliver(hook.address, body.as_bytes(), fault).await.unwrap();
        }
    }
}

fn raises(message: &str, event_type: &str) -> bool {
    match event_type {
        "lab.result.critical" => message.contains("|HH|"),
        "lab.result.abnormal" => message.contains("|H|"),
        _ => true,
    }
}
