use serde_json::{Value, json};
use tungstenite::Message;

use super::client::{CRITICAL, Client, guide, kind, number, parts, said};
use crate::harness::{Socket, until};

impl Client {
    /// What a client asks for that listens.
    fn listener(&self, content: &str) -> Value {
        self.wish(CRITICAL, content, |wish| {
            let channel = wish["channel"].as_object_mut().unwrap();
            channel.insert("type".to_owned(), "websocket".into());
            channel.shift_remove("endpoint");
            channel.shift_remove("header");
        })
    }

    /// The parameters that a token comes with.
    #[track_caller]
    fn token(&self, id: &str) -> Value {
        self.get(&format!("Subscription/{id}/$get-ws-binding-token")).json(200)
    }

    #[track_caller]
    fn open(&self, token: &Value) -> Socket {
        Socket::open(self.story.api.address, &value(token, "websocket-url"))
    }

    /// A socket that has bound a Subscription, and the handshake that it heard.
    #[track_caller]
    fn bound(&self, id: &str) -> (Socket, Value) {
        let token = self.token(id);
        let socket = self.open(&token);
        socket.say(&bind(&token));
        let handshake = socket.hear();
        assert_eq!(kind(&handshake), "handshake", "{handshake}");
        (socket, handshake)
    }

    fn until_states(&self, wanted: &[&str]) {
        until(&format!("the deliveries are {wanted:?}"), || {
            let all = self.story.api.all("/admin/deliveries");
            let mut states: Vec<String> =
                all.iter().rev().map(|one| one["state"].as_str().unwrap().to_owned()).collect();
            states.sort_unstable();
            if states == wanted { Ok(()) } else { Err(format!("{all:?}")) }
        });
    }
}

fn value(parameters: &Value, name: &str) -> String {
    let found = super::client::parameters(parameters, name);
    let members = found.first().and_then(|found| found.as_object()).into_iter().flatten();
    let value = members.into_iter().find(|(name, _)| name.starts_with("value")).map(|(_, value)| value);
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn bind(token: &Value) -> String {
    format!("bind-with-token {}", value(token, "token"))
}

#[test]
fn a_client_that_listens_hears_a_handshake_and_then_what_happens() {
    let client = Client::new();
    let (one, other) =
        (client.subscribe(&client.listener("id-only")), client.subscribe(&client.listener("empty")));
    let token = client.get("Subscription/$get-ws-binding-token").json(200);
    let named = super::client::parameters(&token, "subscription");
    assert_eq!(named.len(), 2, "all that the caller could bind: {token}");
    assert!(value(&token, "websocket-url").starts_with("ws://"), "{token}");
    let socket = client.open(&token);
    socket.say(&bind(&token));
    for _ in 0..2 {
        let handshake = socket.hear();
        assert_eq!((kind(&handshake).as_str(), number(&handshake)), ("handshake", 0));
        assert_eq!(said(&handshake, "status"), "requested");
    }
    client.until_status(&one, "active");
    client.until_status(&other, "active");

    client.result("r1", "MRN-1001");
    let told = [socket.hear(), socket.hear()];
    assert!(told.iter().all(|told| kind(told) == "event-notification" && number(told) == 1));
    let by_reference =
        told.iter().find(|told| !parts(told, "focus").is_empty()).expect("one tells the resource");
    assert!(
        parts(by_reference, "focus")[0]["valueReference"]["reference"].as_str().unwrap().contains("/psn-")
    );
    assert!(!told.iter().any(|told| told.to_string().contains("MRN-1001")), "as for every other channel");
    client.until_states(&["delivered", "delivered"]);
}

#[test]
fn what_happens_while_nobody_listens_is_counted_and_asked_for() {
    let client = Client::new();
    let id = client.subscribe(&client.listener("empty"));
    client.result("r0", "p1");
    let (socket, _) = client.bound(&id);
    client.until_status(&id, "active");
    client.result("r1", "p1");
    assert_eq!(number(&socket.hear()), 1, "nothing is counted before the first handshake");
    // Heard is not answered yet: what is closed before its ping is answered was not received.
    client.until_states(&["delivered"]);
    socket.send(Message::Close(None));
    socket.until_gone();
    client.result("r2", "p1");
    client.until_states(&["dead_lettered", "delivered"]);
    let status = client.get(&format!("Subscription/{id}/$status")).json(200);
    assert_eq!((said(&status, "status").as_str(), number(&status)), ("active", 2));

    let (socket, handshake) = client.bound(&id);
    assert_eq!((number(&handshake), said(&handshake, "status").as_str()), (2, "active"), "one was missed");
    let missed = client.get(&format!("Subscription/{id}/$events?eventsSinceNumber=2")).json(200);
    assert_eq!(parts(&missed, "event-number")[0]["valueString"], "2");
    client.result("r3", "p1");
    assert_eq!(number(&socket.hear()), 3, "nothing is told behind the client's back");
    let again = json!({ "resourceType": "Parameters", "parameter": [{ "name": "eventsSinceNumber", "valueString": "2" },
        { "name": "eventsUntilNumber", "valueString": "2" }] });
    client.post(&format!("Subscription/{id}/$resend"), &again).json(200);
    assert_eq!(number(&socket.hear()), 2);
    client.until_states(&["delivered", "delivered", "delivered"]);
}

#[test]
fn numbers_go_on_across_a_kill_and_the_client_comes_back_with_another_token() {
    let mut client = Client::new();
    let id = client.subscribe(&client.listener("id-only"));
    let unused = client.token(&id);
    let (socket, _) = client.bound(&id);
    client.until_status(&id, "active");
    client.result("r1", "p1");
    assert_eq!(number(&socket.hear()), 1);
    client.until_states(&["delivered"]);
    client.story.server.kill();
    socket.until_gone();
    client.story.server.restart();
    client.result("r2", "p1");
    client.until_states(&["dead_lettered", "delivered"]);
    let lost = client.open(&unused);
    lost.say(&bind(&unused));
    assert_eq!(lost.end().0, 1008, "tokens do not outlive the server");
    let (socket, handshake) = client.bound(&id);
    assert_eq!(number(&handshake), 2);
    client.result("r3", "p1");
    assert_eq!(number(&socket.hear()), 3);
    client.story.server.stop();
    assert_eq!(socket.end().0, 1001, "a server that stops says so");
}

#[test]
fn a_silence_is_broken_for_whoever_listens() {
    let client = Client::new();
    let mut wish = client.listener("empty");
    wish["channel"]["extension"] =
        json!([{ "url": guide("backport-heartbeat-period"), "valueUnsignedInt": 5 }]);
    let (socket, _) = client.bound(&client.subscribe(&wish));
    let beat = socket.hear();
    assert_eq!((kind(&beat).as_str(), number(&beat)), ("heartbeat", 0));
}

#[test]
fn whatever_else_is_said_ends_the_socket_and_nothing_is_told() {
    let client = Client::new();
    let id = client.subscribe(&client.listener("empty"));
    let elsewhere = client.story.integration("fhir", &json!({}));
    let ends = |message: Message| {
        let socket = client.open(&client.token(&id));
        socket.send(message);
        socket.end().0
    };
    assert_eq!(ends(Message::binary(b"bind-with-token x".to_vec())), 1003);
    assert_eq!(ends(Message::text("x".repeat(5_000))), 1008);
    assert_eq!(ends(Message::text("{\"resourceType\":\"Subscription\"}")), 1008);
    assert_eq!(ends(Message::text("bind-with-token guessed")), 1008);

    let token = client.token(&id);
    let astray = Socket::open(
        client.story.api.address,
        &value(&token, "websocket-url").replace(&client.integration, &elsewhere),
    );
    astray.say(&bind(&token));
    assert_eq!(astray.end().0, 1008, "a token is for one facade");
    let token = client.token(&id);
    let (first, second) = (client.open(&token), client.open(&token));
    first.say(&bind(&token));
    assert_eq!(kind(&first.hear()), "handshake");
    second.say(&bind(&token));
    assert_eq!(second.end().0, 1008, "a token works once");
    let again = client.token(&id);
    first.say(&bind(&again));
    assert_eq!(kind(&first.hear()), "handshake", "a socket may bind again");
}

#[test]
fn a_live_socket_ends_with_the_right_to_listen() {
    let client = Client::new();
    let id = client.subscribe(&client.listener("empty"));
    let (socket, _) = client.bound(&id);
    client.until_status(&id, "active");
    client.api.call("DELETE", &client.path(&format!("Subscription/{id}")), None).is(204);
    let (code, reason) = socket.end();
    assert_eq!((code, reason.contains("Nothing is bound")), (1008, true), "{reason}");

    let made = json!({ "name": "app", "role": "subscriber", "integrationId": client.integration });
    let made = client.story.api.post("/admin/keys", &made).json(201);
    let mut app = Client { api: client.story.api.with_key(made["key"].as_str().unwrap()), ..client };
    let id = app.subscribe(&app.listener("empty"));
    let (socket, _) = app.bound(&id);
    app.until_status(&id, "active");
    app.api = app.story.api.clone();
    app.get(&format!("Subscription/{id}/$get-ws-binding-token")).json(403);
    app.story.api.call("DELETE", &format!("/admin/keys/{}", made["id"].as_str().unwrap()), None).is(204);
    assert_eq!(socket.end().0, 1008);
}

#[test]
fn what_has_no_use_with_a_websocket_is_refused() {
    let client = Client::new();
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut wish = client.listener("empty");
        change(&mut wish);
        let told = client.post("Subscription", &wish).json(422);
        told["issue"][0]["expression"][0].as_str().unwrap().to_owned()
    };
    assert_eq!(
        refused(&|w| w["channel"]["endpoint"] = "https://app.example/".into()),
        "Subscription.channel.endpoint"
    );
    assert_eq!(refused(&|w| w["channel"]["header"] = json!(["X-Tag: a"])), "Subscription.channel.header");
    let called = client.active(&client.wish(CRITICAL, "empty", |_| {}));
    client.get(&format!("Subscription/{called}/$get-ws-binding-token")).json(422);
    client.get("Subscription/$get-ws-binding-token").json(422);
    client.get("Subscription/nobody/$get-ws-binding-token").json(404);
    client.get("ws").json(426);
    let listens = client.subscribe(&client.listener("empty"));
    let found = client.get("Subscription?type=websocket").json(200);
    assert_eq!((found["total"].as_u64(), &found["entry"][0]["resource"]["id"]), (Some(1), &json!(listens)));
    let metadata = client.get("metadata").json(200)["rest"][0].clone();
    assert!(metadata["extension"][0]["valueUri"].as_str().unwrap().ends_with("/ws"), "{metadata}");
    assert!(metadata["resource"][0]["operation"].to_string().contains("get-ws-binding-token"));
}
