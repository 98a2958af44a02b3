//! Clients that listen, on time that is passed in or does not pass by itself.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use model::{Category, Outcome, Sockets as _, WebhookId, limits};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::desk::Desk;

/// A desk whose surface is served, and a Subscription whose client listens.
struct Scene {
    desk: Desk,
    address: std::net::SocketAddr,
    subscription: String,
    webhook: WebhookId,
}

impl Scene {
    async fn open() -> Scene {
        let desk = Desk::open().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = crate::fronted(crate::router(desk.api.clone()));
        observe::tasks::spawn("test", async move { axum::serve(listener, router).await });
        let level =
            "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content";
        let wish = json!({
            "resourceType": "Subscription", "status": "requested", "reason": "tests",
            "criteria": "urn:carehook:topic:critical-lab",
            "channel": {
                "type": "websocket", "payload": "application/fhir+json",
                "_payload": { "extension": [{ "url": level, "valueCode": "empty" }] },
            },
        });
        let path = format!("/fhir/{}/Subscription", desk.integration());
        let made = desk.post("admin", &path, wish).await.ok(201);
        let subscription = made["id"].as_str().unwrap().to_owned();
        let webhook = *desk.api.settings.now().config.webhooks.keys().next().unwrap();
        Scene { desk, address, subscription, webhook }
    }

    async fn token(&self) -> String {
        let facade = format!("/fhir/{}/Subscription", self.desk.integration());
        let path = format!("{facade}/{}/$get-ws-binding-token", self.subscription);
        let told = self.desk.get("admin", &path).await.ok(200);
        told["parameter"][0]["valueString"].as_str().unwrap().to_owned()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a test speaks to its own surface, without the egress guard"
    )]
    async fn try_socket(&self) -> Result<Socket, Error> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let url = format!("ws://{}/fhir/{}/ws", self.address, self.desk.integration());
        client_async(url, stream).await.map(|(socket, _)| Socket(socket))
    }

    async fn socket(&self) -> Socket {
        self.try_socket().await.unwrap()
    }

    async fn bound(&self) -> Socket {
        let mut socket = self.socket().await;
        socket.bind(&self.token().await).await;
        socket
    }

    async fn tell(&self) -> Outcome {
        self.desk.api.sockets.tell(self.webhook, Bytes::from_static(b"{}"), limits::SOCKET_ANSWERS).await
    }
}

struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// Binds a token and hears the handshake of its Subscription.
    async fn bind(&mut self, token: &str) {
        self.0.send(Message::text(format!("bind-with-token {token}"))).await.unwrap();
        let handshake: Value = serde_json::from_str(&self.text().await).unwrap();
        assert_eq!(handshake["entry"][0]["resource"]["parameter"][2]["valueCode"], "handshake");
    }

    async fn text(&mut self) -> String {
        loop {
            if let Message::Text(text) = self.0.next().await.unwrap().unwrap() {
                return text.to_string();
            }
        }
    }

    /// A text, and the answer to the ping behind it.
    async fn take(&mut self) -> String {
        let text = self.text().await;
        assert!(matches!(self.0.next().await, Some(Ok(Message::Ping(_)))));
        self.0.flush().await.unwrap();
        text
    }

    /// The code and the words that it ends with.
    async fn end(&mut self) -> (u16, String) {
        loop {
            if let Message::Close(Some(frame)) = self.0.next().await.unwrap().unwrap() {
                return (frame.code.into(), frame.reason.to_string());
            }
        }
    }
}

const TAKEN: Outcome = Outcome::Accepted { status: None };
const NOBODY: Outcome = Outcome::Failed { category: Category::NotBound, status: None, retry_after: None };

#[tokio::test]
async fn a_message_is_taken_once_the_socket_of_one_listener_has_received_it() {
    let scene = Scene::open().await;
    assert_eq!(scene.tell().await, NOBODY);
    let (mut one, deaf) = (scene.bound().await, scene.bound().await);
    let (outcome, heard) = tokio::join!(scene.tell(), one.take());
    assert_eq!((outcome, heard.as_str()), (TAKEN, "{}"));
    drop(deaf);
}

#[tokio::test]
async fn what_a_socket_does_not_receive_in_time_was_not_told_and_ends_the_socket() {
    let scene = Scene::open().await;
    let mut deaf = scene.bound().await;
    tokio::time::pause();
    assert_eq!(scene.tell().await, NOBODY);
    let (code, why) = deaf.end().await;
    assert_eq!((code, why.contains("$events")), (1008, true), "{why}");
    assert_eq!(scene.tell().await, NOBODY);
}

#[tokio::test]
async fn a_socket_that_says_nothing_ends() {
    let scene = Scene::open().await;
    let mut socket = scene.socket().await;
    tokio::time::pause();
    let (code, why) = socket.end().await;
    assert_eq!((code, why.contains("bind-with-token")), (1008, true), "{why}");
}

#[tokio::test]
async fn a_binding_ends_with_its_token_unless_another_one_is_bound() {
    let scene = Scene::open().await;
    let mut socket = scene.bound().await;
    scene.desk.clock.advance(limits::SOCKET_TOKEN - Duration::from_secs(1));
    socket.bind(&scene.token().await).await;
    scene.desk.clock.advance(limits::SOCKET_TOKEN - Duration::from_secs(1));
    let (outcome, _) = tokio::join!(scene.tell(), socket.take());
    assert_eq!(outcome, TAKEN, "the second token holds");
    scene.desk.clock.advance(Duration::from_secs(1));
    let (code, why) = socket.end().await;
    assert_eq!((code, why.contains("Nothing is bound")), (1008, true), "{why}");
    assert_eq!(scene.tell().await, NOBODY);
}

#[tokio::test]
async fn a_subscription_that_is_asked_for_again_greets_whoever_listens() {
    let scene = Scene::open().await;
    let mut socket = scene.bound().await;
    let path = format!("/fhir/{}/Subscription/{}", scene.desk.integration(), scene.subscription);
    let read = async || scene.desk.get("admin", &path).await.ok(200);
    let mut watch = scene.desk.api.settings.watch();
    while read().await["status"] != "active" {
        watch.changed().await.unwrap();
    }
    let mut again = read().await;
    again["status"] = "requested".into();
    assert_eq!(scene.desk.put("admin", &path, again).await.ok(200)["status"], "requested");
    let handshake: Value = serde_json::from_str(&socket.text().await).unwrap();
    assert_eq!(handshake["entry"][0]["resource"]["parameter"][1]["valueCode"], "requested");
}

#[tokio::test]
async fn an_integration_has_room_for_few_sockets_that_say_nothing() {
    let scene = Scene::open().await;
    let _bound = scene.bound().await;
    let mut silent = Vec::new();
    for _ in 0..limits::SOCKETS.1 {
        silent.push(scene.socket().await);
    }
    let Err(Error::Http(answer)) = scene.try_socket().await else { panic!("another one has room") };
    assert_eq!(answer.status(), 503);
}
